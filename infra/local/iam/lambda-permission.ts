/** AWS::Lambda::Permission as the statement it adds to its function's resource policy. */

type Properties = Readonly<Record<string, unknown>>;

/** A policy for `evaluate`; SourceArn may hold wildcards, as API Gateway's do. */
export function policyOfPermission(properties: Properties, functionArn: string): object {
  const { Action, Principal, SourceArn, SourceAccount } = properties;
  const Condition = {
    ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
    ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
  };
  const conditional = Object.keys(Condition).length > 0;
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action,
      Resource: functionArn,
      Principal: principalOf(String(Principal)),
      ...(conditional && { Condition }),
    },
  };
}

/** A service's host name, an account or ARN, or everyone. */
function principalOf(principal: string): string | Readonly<Record<string, string>> {
  if (principal === '*') return '*';
  return principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal };
}

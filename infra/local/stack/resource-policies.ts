import type { LocalStack } from '../assembly.ts';
import type { Roles } from './roles.ts';

type PolicyDocument = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [String(value)];

/** Policies that stand on resources: of queues, topics, buckets, functions and roles, by the resource's ARN. */
export const readResourcePolicies = (
  local: LocalStack,
  roles: Roles,
): ((arn: string) => readonly PolicyDocument[]) => {
  const byArn = new Map<string, PolicyDocument[]>();
  const add = (arn: string, document: unknown): void => {
    byArn.set(arn, [...(byArn.get(arn) ?? []), document as PolicyDocument]);
  };
  const arnOfQueueUrl = new Map(
    local.ofType('AWS::SQS::Queue').map((queue) => [local.refOf(queue), local.attributeOf(queue)]),
  );
  for (const { properties } of local.ofType('AWS::SQS::QueuePolicy')) {
    for (const url of list(properties.Queues)) add(arnOfQueueUrl.get(url) ?? url, properties.PolicyDocument);
  }
  for (const { properties } of local.ofType('AWS::SNS::TopicPolicy')) {
    for (const arn of list(properties.Topics)) add(arn, properties.PolicyDocument);
  }
  for (const { properties } of local.ofType('AWS::S3::BucketPolicy')) {
    add(`arn:aws:s3:::${String(properties.Bucket)}`, properties.PolicyDocument);
  }
  for (const role of roles.all()) add(role.arn, role.trustPolicy);
  addFunctionPermissions(local, add);

  return (arn) => {
    const own = byArn.get(arn);
    if (own) return own;
    // The policy of a bucket stands for its objects too.
    const [bucket = ''] = arn.split('/');
    return (arn.startsWith('arn:aws:s3:::') && byArn.get(bucket)) || [];
  };
};

/** AWS::Lambda::Permission adds one statement to the policy of a function. */
const addFunctionPermissions = (local: LocalStack, add: (arn: string, document: unknown) => void): void => {
  const arnByName = new Map(
    local
      .ofType('AWS::Lambda::Function')
      .map((resource) => [local.refOf(resource), local.attributeOf(resource)]),
  );
  for (const { logicalId, properties } of local.ofType('AWS::Lambda::Permission')) {
    const { Action, FunctionName, Principal, SourceArn, SourceAccount } = properties;
    const functionArn = arnByName.get(String(FunctionName)) ?? String(FunctionName);
    const principal = String(Principal);
    const condition = {
      ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    };
    add(functionArn, {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: logicalId,
          Effect: 'Allow',
          Principal: principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
          Action,
          Resource: functionArn,
          ...(Object.keys(condition).length > 0 && { Condition: condition }),
        },
      ],
    });
  }
};

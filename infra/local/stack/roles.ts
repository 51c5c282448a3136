import { AssemblyError, type LocalStack } from '../assembly.ts';
import type { Caller } from '../gateway/access.ts';
import type { ResolvedResource } from '../template/resolve.ts';

type PolicyDocument = Readonly<Record<string, unknown>>;

/** Everything the template says about one role. */
export type Role = {
  readonly arn: string;
  readonly name: string;
  readonly identityPolicies: readonly PolicyDocument[];
  readonly trustPolicy: PolicyDocument;
  readonly permissionsBoundary: PolicyDocument | undefined;
};

export type Roles = {
  byArn(arn: string): Role;
  all(): readonly Role[];
  /** Boundaries that the template only names: what they take away cannot be known on one machine. */
  readonly unknownBoundaries: readonly string[];
};

const lambdaLogs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** Managed policies of AWS that a function may have; what they say is documented by AWS. */
const managedByAws: Readonly<Record<string, PolicyDocument>> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: lambdaLogs, Resource: '*' }],
  },
};

const list = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as T[]) : []);

export const readRoles = (local: LocalStack): Roles => {
  const managed = new Map(
    local.ofType('AWS::IAM::ManagedPolicy').map((policy) => [local.refOf(policy), policy]),
  );
  const unknownBoundaries: string[] = [];

  const documentOf = (arn: string, role: ResolvedResource): PolicyDocument => {
    const own = managed.get(arn);
    if (own) return own.properties.PolicyDocument as PolicyDocument;
    const known = managedByAws[arn.replace(/^arn:aws:iam::aws:policy\//, '')];
    if (!known)
      throw new AssemblyError(
        `${role.logicalId} has the managed policy ${arn}, whose statements are not known on one machine`,
      );
    return known;
  };
  const boundaryOf = (arn: unknown): PolicyDocument | undefined => {
    if (typeof arn !== 'string') return undefined;
    const own = managed.get(arn);
    if (own) return own.properties.PolicyDocument as PolicyDocument;
    unknownBoundaries.push(arn);
    return undefined;
  };
  const attachedTo = (name: string): readonly PolicyDocument[] =>
    local
      .ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')
      .filter((policy) => list<string>(policy.properties.Roles).includes(name))
      .map((policy) => policy.properties.PolicyDocument as PolicyDocument);

  const roles = new Map<string, Role>();
  for (const resource of local.ofType('AWS::IAM::Role')) {
    const name = local.refOf(resource);
    const arn = local.attributeOf(resource);
    const { Policies, ManagedPolicyArns, AssumeRolePolicyDocument, PermissionsBoundary } =
      resource.properties;
    roles.set(arn, {
      arn,
      name,
      identityPolicies: [
        ...list<{ PolicyDocument: PolicyDocument }>(Policies).map((policy) => policy.PolicyDocument),
        ...list<string>(ManagedPolicyArns).map((managedArn) => documentOf(managedArn, resource)),
        ...attachedTo(name),
      ],
      trustPolicy: AssumeRolePolicyDocument as PolicyDocument,
      permissionsBoundary: boundaryOf(PermissionsBoundary),
    });
  }
  return {
    byArn(arn) {
      const role = roles.get(arn);
      if (!role) throw new AssemblyError(`the role ${arn} is not in the template`);
      return role;
    },
    all: () => [...roles.values()],
    unknownBoundaries,
  };
};

/** The role as a caller of the gateway, under the short name that people know. */
export const roleCaller = (role: Role, name: string, hint?: string): Caller => ({
  kind: 'principal',
  name,
  principal: { kind: 'role', arn: role.arn, sessionName: name },
  identityPolicies: role.identityPolicies,
  ...(role.permissionsBoundary && { permissionsBoundary: role.permissionsBoundary }),
  ...(hint !== undefined && { hint }),
});

/**
 * Decides as IAM does, for one account, whether a principal may do one thing to one resource.
 */
import { type Context, type ContextInput, conditionHolds, contextOf, variablesOf } from './condition.ts';
import { type ParsedStatement, type PolicyKind, parsePolicy, type Statement } from './policy.ts';
import { accountOf, type Principal, type PrincipalMatch, principalMatches } from './principal.ts';
import { iamPattern } from './wildcard.ts';

export type AccessRequest = {
  readonly principal: Principal;
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** An ARN, or `*` for an action without a resource. */
  readonly resource: string;
  readonly context?: ContextInput;
  readonly identityPolicies: readonly unknown[];
  readonly resourcePolicies?: readonly unknown[] | undefined;
  readonly permissionsBoundary?: unknown;
  readonly sessionPolicies?: readonly unknown[] | undefined;
  /** For role trust policies and KMS keys, where an identity policy alone is never enough. */
  readonly resourcePolicyMustAllow?: boolean | undefined;
};

export type MissingStatement = {
  readonly Effect: 'Allow';
  readonly Action: string;
  readonly Resource: string;
};

export type AccessDecision = {
  readonly allowed: boolean;
  readonly reason: 'explicitDeny' | 'implicitDeny' | 'allowed';
  /** The statement that decided, and the kind of policy it stands in; absent for an implicit deny. */
  readonly statement?: Statement;
  readonly statementIn?: PolicyKind;
  /** What would have to be added, and to which kind of policy; for an implicit deny only. */
  readonly missing?: MissingStatement;
  readonly missingIn?: PolicyKind;
};

/** Throws MalformedPolicyError when a policy has anything in it that is not understood: it never silently allows. */
export function evaluate(request: AccessRequest): AccessDecision {
  const applying = applyingStatements(request);
  const denied = applying.find(({ statement }) => statement.effect === 'Deny');
  if (denied) {
    return {
      allowed: false,
      reason: 'explicitDeny',
      statement: denied.statement.source,
      statementIn: denied.kind,
    };
  }
  const allows = applying.filter(({ statement }) => statement.effect === 'Allow');
  return request.principal.kind === 'service' ? forService(request, allows) : forIdentity(request, allows);
}

type Applying = {
  readonly kind: PolicyKind;
  readonly statement: ParsedStatement;
  readonly matches: ReadonlySet<PrincipalMatch>;
};

function forService(request: AccessRequest, allows: readonly Applying[]): AccessDecision {
  const grant = allows.find(({ kind }) => kind === 'resource policy');
  return grant ? allowedBy(grant) : missingFrom('resource policy', request);
}

function forIdentity(request: AccessRequest, allows: readonly Applying[]): AccessDecision {
  const first = (kind: PolicyKind) => allows.find((grant) => grant.kind === kind);
  const byName = (...names: PrincipalMatch[]) =>
    allows.find(({ kind, matches }) => kind === 'resource policy' && names.some((name) => matches.has(name)));

  const own = byName('session', 'user');
  if (own) return allowedBy(own);
  if (request.resourcePolicyMustAllow && !first('resource policy'))
    return missingFrom('resource policy', request);

  const beyondBoundary = byName('everyone');
  const grant = beyondBoundary ?? byName('role') ?? first('identity policy');
  if (!grant) return missingFrom('identity policy', request);
  if (!beyondBoundary && request.permissionsBoundary !== undefined && !first('permissions boundary')) {
    return missingFrom('permissions boundary', request);
  }
  if (request.sessionPolicies?.length && !first('session policy'))
    return missingFrom('session policy', request);
  return allowedBy(grant);
}

function allowedBy(grant: Applying): AccessDecision {
  return { allowed: true, reason: 'allowed', statement: grant.statement.source, statementIn: grant.kind };
}

function missingFrom(missingIn: PolicyKind, { action, resource }: AccessRequest): AccessDecision {
  const missing: MissingStatement = { Effect: 'Allow', Action: action, Resource: resource };
  return { allowed: false, reason: 'implicitDeny', missing, missingIn };
}

/** Every statement, of every policy, that is about this request. All are read, so that a malformed one always throws. */
function applyingStatements(request: AccessRequest): Applying[] {
  const isService = request.principal.kind === 'service';
  const boundary = request.permissionsBoundary === undefined ? [] : [request.permissionsBoundary];
  const policies: [PolicyKind, readonly unknown[]][] = [
    ['identity policy', request.identityPolicies],
    ['permissions boundary', boundary],
    ['session policy', request.sessionPolicies ?? []],
    ['resource policy', request.resourcePolicies ?? []],
  ];
  const context = contextOf({ ...principalKeys(request.principal), ...request.context });
  return policies.flatMap(([kind, documents]) => {
    const statements = documents.flatMap((document) => parsePolicy(document, kind));
    if (isService && kind !== 'resource policy') return [];
    return statements.flatMap((statement) => {
      const matches = statementMatches(statement, request, context);
      return matches ? [{ kind, statement, matches }] : [];
    });
  });
}

/** How the statement names the principal (empty where it has no Principal), or undefined when it does not apply. */
function statementMatches(
  statement: ParsedStatement,
  request: AccessRequest,
  context: Context,
): ReadonlySet<PrincipalMatch> | undefined {
  const { actions, resources, principals, conditions } = statement;
  const variables = statement.variables ? variablesOf(context) : undefined;
  if (actions.patterns.some((pattern) => pattern.test(request.action)) === actions.negated) return undefined;
  if (resources) {
    const patterns = resources.patterns.map((arn) => iamPattern(arn, 'resource', variables));
    // An ARN whose variable has no value matches nothing; in a NotResource it must not come to mean everything.
    if (resources.negated && patterns.includes(undefined)) return undefined;
    const named = patterns.some((pattern) => pattern?.test(request.resource));
    if (named === resources.negated) return undefined;
  }
  if (!conditions.every((condition) => conditionHolds(condition, context, variables))) return undefined;
  if (!principals) return new Set();
  const matches = principalMatches(principals.element, request.principal);
  if (principals.negated) return matches.size > 0 ? undefined : new Set(['everyone']);
  return matches.size > 0 ? matches : undefined;
}

/** The keys IAM derives from the principal itself; the request's own context may override them. */
function principalKeys(principal: Principal): ContextInput {
  if (principal.kind === 'service') {
    return { 'aws:PrincipalIsAWSService': true, 'aws:PrincipalServiceName': principal.service };
  }
  return {
    'aws:PrincipalIsAWSService': false,
    'aws:PrincipalArn': principal.arn,
    'aws:PrincipalAccount': accountOf(principal.arn),
    'aws:PrincipalType': principal.kind === 'role' ? 'AssumedRole' : 'User',
  };
}

import type { AccessCheck } from '../iam/actions.ts';
import type { ContextInput } from '../iam/condition.ts';
import { type AccessDecision, type AccessRequest, evaluate } from '../iam/evaluate.ts';
import { explainRefusal } from '../iam/explain.ts';
import type { Principal } from '../iam/principal.ts';
import type { StandIn } from './stand-in.ts';

/** Who calls: the host itself, which may do everything, or a role or service of the template. */
export type Caller =
  | { readonly kind: 'host' }
  | {
      readonly kind: 'principal';
      /** A function's or schedule's short name, or the service: what a person calls it. */
      readonly name: string;
      readonly principal: Principal;
      readonly identityPolicies: readonly unknown[];
      readonly permissionsBoundary?: unknown;
      /** What the session of an assumed role was narrowed to. */
      readonly sessionPolicies?: readonly unknown[];
      /** Ends the sentence of a refusal: where to add what is missing. */
      readonly hint?: string;
    };

/** One kind of call that was made, how often, and which statement of which policy allowed it. */
export type CallRecord = {
  /** The caller's short name: `runner`, `events.amazonaws.com`. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
  /** The Sid of the deciding statement; undefined when no statement decided. */
  readonly statementSid: string | undefined;
  /** For a refusal: who may not do what, and which statement is missing. */
  readonly sentence: string | undefined;
  readonly count: number;
};

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly sentence: string };

/** Decides every call by the policies of the template, and remembers what was decided. */
export type Access = {
  authorize(caller: Caller, action: string, resource: string, context?: ContextInput): Verdict;
  /** All checks of one request; the first refusal decides. */
  authorizeAll(caller: Caller, checks: readonly AccessCheck[]): Verdict;
  /** The same answer without an entry in the calls: nothing is done that would need the permission. */
  wouldAllow(caller: Caller, action: string, resource: string, context?: ContextInput): boolean;
  /** Whether the role trusts the service enough to be taken by it. */
  mayTakeRole(service: string, role: { readonly arn: string }): Verdict;
  calls(): readonly CallRecord[];
  forgetCalls(): void;
};

export type AccessOptions = {
  /** Policies on the resource with this ARN: of a queue, topic, function, secret, role. */
  readonly resourcePoliciesOf: (arn: string) => readonly unknown[];
  readonly accountId: string;
  /** How ARNs and policies are seen for a call that is passed on to an account. */
  readonly outside: StandIn;
  readonly onRefusal: (record: CallRecord) => void;
};

/** How a check is decided. */
type Manner = Pick<AccessCheck, 'resourcePolicyMustAllow' | 'isOutside'>;
type Decided = { readonly request: AccessRequest; readonly decision: AccessDecision };
type Mutable = { -readonly [K in keyof CallRecord]: CallRecord[K] };

/** Contexts vary (a role session name, a source ARN): what is remembered of a caller is thrown away at this size. */
const rememberedDecisions = 1_000;

export const createAccess = (options: AccessOptions): Access => {
  const records = new Map<string, Mutable>();
  // Policies do not change under a running host, so a question of one caller has one answer.
  const decided = new WeakMap<Caller, Map<string, Decided>>();

  const decide = (
    caller: Caller & { kind: 'principal' },
    action: string,
    resource: string,
    context: ContextInput,
    { resourcePolicyMustAllow: mustAllow, isOutside }: Manner = {},
  ) => {
    const remembered = decided.get(caller) ?? new Map<string, Decided>();
    decided.set(caller, remembered);
    const key = `${action}\n${resource}\n${isOutside}\n${JSON.stringify(context)}`;
    const known = remembered.get(key);
    if (known) return known;
    const seen = (policies: readonly unknown[]): readonly unknown[] =>
      isOutside ? policies.map(options.outside.policy) : policies;
    const [boundary] = seen([caller.permissionsBoundary]);
    const request: AccessRequest = {
      principal: caller.principal,
      action,
      resource: isOutside ? options.outside.arn(resource) : resource,
      // The gateway listens on loopback only and stands for endpoints that AWS offers over TLS.
      context: { 'aws:SecureTransport': true, 'aws:SourceAccount': options.accountId, ...context },
      identityPolicies: seen(caller.identityPolicies),
      resourcePolicies: options.resourcePoliciesOf(resource),
      ...(boundary !== undefined && { permissionsBoundary: boundary }),
      ...(caller.sessionPolicies && { sessionPolicies: seen(caller.sessionPolicies) }),
      ...(mustAllow && { resourcePolicyMustAllow: mustAllow }),
    };
    const made = { request, decision: evaluate(request) };
    if (remembered.size >= rememberedDecisions) remembered.clear();
    remembered.set(key, made);
    return made;
  };

  const sentenceOf = (
    caller: Caller & { kind: 'principal' },
    request: AccessRequest,
    decision: AccessDecision,
  ): string => {
    const missing =
      decision.missing && `missing in its ${decision.missingIn}: ${JSON.stringify(decision.missing)}`;
    return explainRefusal(request, decision, [missing, caller.hint].filter(Boolean).join('; '));
  };

  const authorize = (
    caller: Caller,
    action: string,
    resource: string,
    context: ContextInput = {},
    manner?: Manner,
  ): Verdict => {
    if (caller.kind === 'host') return { allowed: true };
    const { request, decision } = decide(caller, action, resource, context, manner);
    const sid = typeof decision.statement?.Sid === 'string' ? decision.statement.Sid : undefined;
    const key = `${caller.name}\n${action}\n${resource}\n${decision.allowed}\n${sid}`;
    const before = records.get(key);
    const sentence = decision.allowed ? undefined : sentenceOf(caller, request, decision);
    const record = before ?? {
      caller: caller.name,
      action,
      resource,
      allowed: decision.allowed,
      statementSid: sid,
      sentence,
      count: 0,
    };
    record.count++;
    if (!before) {
      records.set(key, record);
      if (!decision.allowed) options.onRefusal({ ...record });
    }
    return sentence === undefined ? { allowed: true } : { allowed: false, sentence };
  };

  /** Where one resource is enough, the first that is allowed, else the first: that one is told in the refusal. */
  const asked = (caller: Caller, check: AccessCheck): readonly string[] => {
    const { action, resources, context, oneIsEnough } = check;
    if (!oneIsEnough || caller.kind === 'host') return resources;
    const allowed = resources.find(
      (resource) => decide(caller, action, resource, context, check).decision.allowed,
    );
    return allowed === undefined ? resources.slice(0, 1) : [allowed];
  };

  return {
    authorize: (caller, action, resource, context) => authorize(caller, action, resource, context),
    authorizeAll(caller, checks) {
      for (const check of checks) {
        const { action, context } = check;
        for (const resource of asked(caller, check)) {
          const verdict = authorize(caller, action, resource, context, check);
          if (!verdict.allowed) return verdict;
        }
      }
      return { allowed: true };
    },
    wouldAllow: (caller, action, resource, context = {}) =>
      caller.kind === 'host' || decide(caller, action, resource, context).decision.allowed,
    mayTakeRole: (service, role) => authorize(serviceCaller(service), 'sts:AssumeRole', role.arn),
    calls: () => [...records.values()].map((record) => ({ ...record })),
    forgetCalls: () => records.clear(),
  };
};

const services = new Map<string, Caller>();

/** A service that acts for one resource of the template: it needs that resource's policy, not one of its own. */
export const serviceCaller = (service: string): Caller => {
  const caller = services.get(service) ?? {
    kind: 'principal',
    name: service,
    principal: { kind: 'service', service },
    identityPolicies: [],
  };
  services.set(service, caller);
  return caller;
};

import type { DeploymentDefinition, DeploymentResource } from '../catalog/index.ts';
import { type Finding, resourceNamed, resourcesOf } from '../findings/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import { DomainError } from '../platform/errors.ts';
import type { PolicyRecord, RemedyAction } from '../policies/index.ts';
import type { AskedAction, Workflow } from './plan.ts';
import { defaultApproval, defaultRemedy, type Params, type PlanRequest } from './plan-request.ts';
import { policyOfWish, type SpokenOf } from './policy-of-wish.ts';
import { requestOf } from './request-for.ts';

/** What a person asks for. */
export type Wish = {
  /** Makes each wish one of its own, and a repeated request the same one. */
  readonly id: string;
  readonly action: AskedAction;
  readonly resource?: string | undefined;
  /** Which kind of action, where the usual one of the resource's type is not meant. */
  readonly kind?: ActionKind | undefined;
  readonly params?: Params | undefined;
  readonly by: string;
};

export type WishFacts = {
  readonly deployment: DeploymentDefinition;
  readonly policies: readonly PolicyRecord[];
  /** Of the deployment. */
  readonly openFindings: readonly Finding[];
  readonly now: number;
};

/** Wishes about a resource, as if it had been found so. */
const aboutResource = {
  restart: { workflow: 'heal', verb: 'restart', kind: 'unhealthy' },
  scale: { workflow: 'scale', verb: 'scale_up', kind: 'exhausted' },
  rollback: { workflow: 'heal', verb: 'rollback', kind: 'release' },
} as const satisfies Partial<
  Record<AskedAction, { workflow: Workflow; verb: RemedyAction; kind: Finding['kind'] | 'release' }>
>;

/** Wishes about what was found. */
const aboutFinding = {
  'fix-drift': { kinds: ['drift'], verbs: { drift: 'fix' }, what: 'drift' },
  'fix-compliance': { kinds: ['violation'], verbs: { violation: 'fix' }, what: 'violation' },
  'optimize-cost': {
    kinds: ['idle', 'oversized'],
    verbs: { idle: 'stop', oversized: 'scale_down' },
    what: 'idle or oversized resource',
  },
} as const;

/**
 * What the planner is asked for, of a person's wish. Pure. Where a policy speaks of it, its limits, brakes and people hold;
 * but a wish never runs before somebody approved it. Throws VALIDATION_ERROR where it is not clear what is meant.
 */
export const wishToRequest = (wish: Wish, facts: WishFacts): PlanRequest => {
  if (wish.action in aboutResource)
    return ofResource(wish, aboutResource[wish.action as keyof typeof aboutResource], facts);
  if (wish.kind !== undefined) {
    const message = `It goes with ${Object.keys(aboutResource).join(', ')}; what was found says itself what is to be done.`;
    throw new DomainError('VALIDATION_ERROR', 'Leave out the kind.', [{ path: 'kind', message }]);
  }
  return ofFinding(wish, aboutFinding[wish.action as keyof typeof aboutFinding], facts);
};

const ofResource = (
  wish: Wish,
  { workflow, verb, kind }: (typeof aboutResource)[keyof typeof aboutResource],
  { deployment, policies, now }: WishFacts,
): PlanRequest => {
  const resource = meantResource(deployment, wish.resource);
  const { says } = policyOfWish(
    policies,
    {
      kind,
      severity: 'error',
      resource: resource.name,
      tags: {},
      // A wish needs no threshold to be reached: the person looked.
      details: { usagePercent: 100 },
      openedAt: now,
    },
    { deployment, resource, now },
  );
  return {
    deploymentId: deployment.deploymentId,
    workflow,
    madeBy: wish.by,
    ...peopleFirst(says),
    occasion: {
      kind: 'asked',
      id: wish.id,
      occurrence: wish.id,
      title: `${wish.kind ?? wish.action} ${resource.name} of ${deployment.deploymentId}`,
      severity: 'warning',
      checkIds: [],
    },
    action: verb,
    resources: [{ resource: resource.name, kind: wish.kind }],
    params: wish.params,
  };
};

/** What the policy says holds for a wish, too; but what it would do by itself, a wish does once somebody approved it. */
const peopleFirst = (says: SpokenOf['says']): Pick<PlanRequest, 'policy' | 'remedy'> => {
  if (!says) return { policy: null, remedy: defaultRemedy };
  const { policy, section, limits, brakes, remedy } = says;
  const { maxAttempts, backoff, waitSeconds, maxResources } = remedy;
  const approval = remedy.approval.mode === 'auto' ? defaultApproval : remedy.approval;
  return {
    policy: { ...policy, section, limits, brakes },
    remedy: { approval, maxAttempts, backoff, waitSeconds, maxResources },
  };
};

const meantResource = (deployment: DeploymentDefinition, named: string | undefined): DeploymentResource => {
  const all = resourcesOf(deployment);
  const [only] = all;
  if (named === undefined && only && all.length === 1) return only;
  const found = named === undefined ? undefined : resourceNamed(deployment, named);
  if (found) return found;
  const names = all.map(({ name }) => name).join(', ');
  const message =
    all.length === 0
      ? 'The deployment lists no resources: register it with those that may be changed.'
      : `Name one of its resources: ${names}.`;
  throw new DomainError('VALIDATION_ERROR', 'It is not clear which resource is meant.', [
    { path: 'resource', message },
  ]);
};

const ofFinding = (
  wish: Wish,
  { kinds, verbs, what }: (typeof aboutFinding)[keyof typeof aboutFinding],
  { deployment, policies, openFindings, now }: WishFacts,
): PlanRequest => {
  const finding = meantFinding(
    wish,
    openFindings.filter(({ kind }) => (kinds as readonly string[]).includes(kind)),
    {
      what,
      deployment,
    },
  );
  const resource = resourceNamed(deployment, finding.resource);
  const { decision, says } = policyOfWish(policies, finding, { deployment, resource, now });
  const verb = (verbs as Readonly<Record<string, RemedyAction>>)[finding.kind] ?? 'fix';
  const { policy, remedy } = peopleFirst(says);
  const acting = decision.kind === 'remedy' ? decision.remedy : { action: verb };
  const wanted = {
    // The gate would hold what the policy of today leaves alone; its people count all the same.
    policy: decision.kind === 'remedy' ? policy : null,
    remedy: { ...acting, ...remedy },
    madeBy: wish.by,
    occurrence: `${finding.occurrence}.${wish.id}`,
  };
  const request = requestOf(finding, wanted, deployment);
  if ('refused' in request) throw new DomainError('CONFLICT', request.refused);
  return { ...request, ...(says && { brakes: says.brakes }), params: { ...request.params, ...wish.params } };
};

const meantFinding = (
  { resource }: Wish,
  found: readonly Finding[],
  { what, deployment }: { readonly what: string; readonly deployment: DeploymentDefinition },
): Finding => {
  const meant =
    resource === undefined
      ? found
      : found.filter(
          (one) =>
            one.resource === resource ||
            resourceNamed(deployment, one.resource)?.name === resourceNamed(deployment, resource)?.name,
        );
  const [only] = meant;
  if (only && meant.length === 1) return only;
  if (!only) {
    const where = resource === undefined ? deployment.deploymentId : resource;
    throw new DomainError('CONFLICT', `No ${what} of ${where} is open: there is nothing to put right.`);
  }
  throw new DomainError('VALIDATION_ERROR', 'It is not clear what is to be put right.', [
    {
      path: 'resource',
      message: `Name one of: ${[...new Set(meant.map((one) => one.resource))].join(', ')}.`,
    },
  ]);
};

import type { FindingDetails } from '../findings/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { showsExpected } from './actions/shows.ts';
import type { BrakeWorld, CheckFacts } from './brake-facts.ts';
import { natureOf } from './nature.ts';
import type { Json, Plan, PlannedAction } from './plan.ts';

/** Why the plan is not what is needed any more. */
export type Overtaken = {
  readonly status: 'not_needed' | 'superseded' | 'succeeded';
  readonly reason: string;
};

/**
 * Of these kinds it does not matter in what state they find what they begin anew: whether it is well again is said by its
 * checks alone.
 */
const restarting: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'ec2-reboot',
  'ec2-start',
  'ec2-replace',
  'asg-refresh',
  'ecs-redeploy',
  'rds-reboot',
  'rds-failover',
  'ssm-automation',
  'ssm-run-command',
  'docker-restart',
  'process-restart',
  'webhook',
]);

/** Whether reading what it changed tells that it is as wanted; of the others only checks, or whoever found it, can. */
export const showsByItself = ({ kind }: Pick<PlannedAction, 'kind'>): boolean => !restarting.has(kind);

/** Whether the world is compared with the before-image of this action. */
export const isCompared = ({ workflow }: Pick<Plan, 'workflow'>, { kind }: PlannedAction): boolean =>
  workflow !== 'heal' || !restarting.has(kind);

/** What one action's own reading shows now; undefined where it is not compared. */
export type Shown = { readonly planned: PlannedAction; readonly image: Json };

const same = (left: Json, right: Json): boolean => canonicalJson(left) === canonicalJson(right);

/**
 * Whether the world is still as the plan found it (fault 19). A second attempt may also find what the first one left.
 * Pure.
 */
export const imagesOvertaken = (shown: readonly Shown[], attempt: number): Overtaken | undefined => {
  const asFound = ({ planned, image }: Shown): boolean => same(image, planned.before);
  const asWanted = ({ planned, image }: Shown): boolean => showsExpected(image, planned.expected);
  if (shown.every(asFound)) return undefined;
  if (attempt === 1 && shown.every(asWanted))
    return { status: 'not_needed', reason: 'Everything is as the plan would make it already.' };
  const changed = shown.find((one) => !asFound(one) && !(attempt > 1 && asWanted(one)));
  return (
    changed && {
      status: 'superseded',
      reason: `${changed.planned.resource.name} changed since the plan was made.`,
    }
  );
};

/** Whether what the plan is for is over, by finding and checks. What could not be read says nothing. Pure. */
export const occasionOver = (world: BrakeWorld): Overtaken | undefined => {
  if (natureOf(world.plan) !== 'finding') return undefined;
  return findingOver(world) ?? checksWell(world);
};

/** Kinds whose findings are kept: where there is none any more, it was resolved long ago. */
const isKept = ({ occasion: { kind } }: Plan): boolean => kind !== 'unhealthy' && kind !== 'exhausted';

const findingOver = ({ plan, finding }: BrakeWorld): Overtaken | undefined => {
  if ('unreadable' in finding) return undefined;
  const found = finding.value;
  if (!found) {
    return isKept(plan) ? { status: 'not_needed', reason: 'The finding is not there any more.' } : undefined;
  }
  if (found.state === 'resolved')
    return { status: 'not_needed', reason: `It is right again: ${found.reason}` };
  // «7.1» is the second plan for the seventh occurrence.
  const planned = Number(plan.occasion.occurrence.split('.')[0]);
  if (found.occurrence > planned)
    return {
      status: 'superseded',
      reason: 'It was right meanwhile and is wrong anew: that is planned anew.',
    };
  return isPatchedOtherwise(plan, found.details.patch)
    ? { status: 'superseded', reason: 'It was found anew, and another patch would put it right by now.' }
    : undefined;
};

/** What a person wishes may have a patch of its own; what a policy wants is what the finding says. */
const isPatchedOtherwise = ({ actions, madeBy }: Plan, patch: FindingDetails['patch']): boolean =>
  patch !== undefined &&
  madeBy.startsWith('policy:') &&
  actions.some(({ params }) => params.patch !== undefined && !same(params.patch, patch as unknown as Json));

/** A slow answer is an answer, but no proof that a remedy helped. */
const isWell =
  (plan: Plan, attempt: number) =>
  ({ status }: CheckFacts): boolean =>
    status === 'healthy' || (status === 'degraded' && attempt === 1 && plan.occasion.kind === 'unhealthy');

const checksWell = ({ plan, attempt, watch, finding }: BrakeWorld): Overtaken | undefined => {
  if (isKept(plan) || 'unreadable' in watch || 'unreadable' in finding) return undefined;
  // Something may be used up while its checks still answer: the finding tells, where one is kept.
  if (plan.occasion.kind === 'exhausted' && finding.value) return undefined;
  const checks = watch.value.checks.filter(({ checkId }) => plan.occasion.checkIds.includes(checkId));
  if (checks.length === 0 || !checks.every(isWell(plan, attempt))) return undefined;
  const named = checks.map(({ name }) => name).join(', ');
  return attempt === 1
    ? { status: 'not_needed', reason: `${named} answered again before anything was done.` }
    : {
        status: 'succeeded',
        reason: `${named} is healthy after attempt ${attempt - 1}, later than expected.`,
      };
};

import { readDeployment } from '../catalog/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import type { Clock } from '../platform/clock.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { type Approval, defaultBrakes, type Limits } from '../policies/index.ts';
import type { Table } from '../storage/table.ts';
import type { Actions } from './action-for.ts';
import type { ActionPorts } from './actions/ports.ts';
import type { ActionScopes } from './actions/scope.ts';
import { foreignTarget } from './foreign-resource.ts';
import type { Plan, PlannedAction } from './plan.ts';
import { planAction } from './plan-action.ts';
import { withHash } from './plan-hash.ts';
import type { PlanRefused, PlanRequest } from './plan-request.ts';
import { isListed, targetsOf } from './plan-targets.ts';
import { verificationOf } from './plan-verification.ts';

export type PlanWorld = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly clock: Clock;
  readonly actions: Actions;
  /** Kinds of actions that were opted in at deploy. */
  readonly optedIn: readonly ActionKind[];
  /** On which resources each kind was; left out: not known here, and only the roles hold to it. */
  readonly scopes?: ActionScopes | undefined;
  /** With read-only permissions; new ones for each action. */
  readonly openPorts: () => ActionPorts;
};

/** A plan is kept in one item, and shown to people who shall understand it. */
export const mostActions = 50;
/** Room for what the steps note beside it, below the 400 KB of an item. */
export const mostPlanBytes = 150 * 1024;
const readAtOnce = 5;

/**
 * Reads the world and says exactly what would be changed; changes nothing. What is as wanted already is left out; when
 * one resource refuses there is no plan at all, for half a remedy is none. Throws only for faults of our own.
 */
export const makePlan = async (world: PlanWorld, request: PlanRequest): Promise<Plan | PlanRefused> => {
  const deployment = await readDeployment(world.state, request.deploymentId);
  if (!deployment)
    return { refused: `There is no deployment ${request.deploymentId}: register it with its resources.` };
  const isOnlyWatched = request.watch !== undefined && request.resources.length === 0;
  const targets = isOnlyWatched ? [] : targetsOf(world.actions, deployment.definition, request);
  if ('refused' in targets) return targets;
  if (targets.length > mostActions) {
    return {
      refused: `It would change ${targets.length} resources; a plan holds at most ${mostActions}. Name fewer resources.`,
    };
  }
  const closed = targets.find(({ kind }) => !world.optedIn.includes(kind));
  if (closed) {
    return {
      refused: `The action ${closed.kind} (for ${closed.resource.name}) was not opted in: add it to "actions" in the configuration of the stack and deploy.`,
    };
  }
  const unlisted = targets.filter(
    ({ resource }) => resource.type === 'cloudcontrol-resource' && !isListed(deployment.definition, resource),
  );
  const foreign = await foreignTarget(world.state, request.deploymentId, unlisted);
  if (foreign) {
    return {
      refused: `${foreign.resource.name} is one of the resources of another deployment: only what is found there has it changed.`,
    };
  }
  const answers: Awaited<ReturnType<typeof planAction>>[] = [];
  await inParallel([...targets.entries()], readAtOnce, async ([at, target]) => {
    answers[at] = await planAction(world, target);
  });
  const refused = answers.filter((answer) => 'refused' in answer);
  if (refused.length > 0) return joined(refused);
  const actions = answers.filter((answer) => 'kind' in answer);
  // A release is watched also where nothing could be rolled back: whether it holds is worth knowing.
  if (actions.length === 0 && !request.watch) {
    const reasons = answers.flatMap((answer) => ('unchanged' in answer ? [answer.unchanged] : []));
    return { refused: `Nothing is to be changed: ${reasons.join('; ')}`, isUnchanged: true };
  }
  const { environment } = deployment.definition;
  const verification = await verificationOf(world, deployment.definition, request, actions);
  return bounded(planOf(world, request, { environment, actions, verification }));
};

const joined = (refused: readonly PlanRefused[]): PlanRefused => ({
  refused: refused.map((one) => one.refused).join(' '),
  fields: refused.flatMap((one) => one.fields ?? []),
});

const planOf = (
  { clock, actions: registry }: PlanWorld,
  request: PlanRequest,
  seen: Pick<Plan, 'environment' | 'verification'> & { readonly actions: readonly PlannedAction[] },
): Plan => {
  const { occasion, policy, remedy, savingsUsdPerMonth, watch, undoOf } = request;
  const isManualOnly = seen.actions.some(({ kind }) => registry[kind]?.manualOnly === true);
  return withHash({
    workflow: request.workflow,
    deploymentId: request.deploymentId,
    environment: seen.environment,
    occasion: { ...occasion, checkIds: [...occasion.checkIds].sort() },
    policy: policy && {
      id: policy.id,
      name: policy.name,
      revision: policy.revision,
      section: policy.section,
    },
    actions: seen.actions,
    approval: approvalOf(remedy.approval, isManualOnly),
    limits: limitsOf(policy?.limits ?? {}, remedy.maxResources),
    brakes: policy?.brakes ?? request.brakes ?? defaultBrakes,
    attempts: { max: Math.max(1, remedy.maxAttempts), backoff: remedy.backoff },
    verification: seen.verification,
    ...(savingsUsdPerMonth !== undefined && { savingsUsdPerMonth }),
    ...(watch && { watch }),
    ...(undoOf !== undefined && { undoOf }),
    madeAt: clock(),
    madeBy: request.madeBy,
  });
};

/** What is manual only is never done by itself, whatever a policy says. */
const approvalOf = (approval: Approval, isManualOnly: boolean): Approval =>
  isManualOnly && approval.mode === 'auto'
    ? { ...approval, mode: 'manual', people: Math.max(1, approval.people) }
    : approval;

const limitsOf = (limits: Limits, maxResources: number | undefined): Limits => {
  const counts = [limits.maxCount, maxResources].filter((count) => count !== undefined);
  return counts.length === 0 ? limits : { ...limits, maxCount: Math.min(...counts) };
};

const bounded = (plan: Plan): Plan | PlanRefused => {
  const bytes = Buffer.byteLength(JSON.stringify(plan));
  if (bytes <= mostPlanBytes) return plan;
  return {
    refused: `The plan would have ${bytes} bytes; at most ${mostPlanBytes} are kept. Name fewer resources.`,
  };
};

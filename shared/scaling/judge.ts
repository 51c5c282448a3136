import type { SeriesReader } from '../alerting/index.ts';
import { loadAllNamed } from '../catalog/index.ts';
import type { FunctionClient } from '../platform/aws/function.aws.ts';
import type { Workflows } from '../platform/aws/workflows.aws.ts';
import { toIso } from '../platform/clock.ts';
import {
  defaultRemedy,
  invokePlanner,
  invokeReader,
  isRefused,
  type Json,
  type PlanRequest,
  propose,
  type RemedyWorld,
  startWorkflow,
} from '../remediation/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Table } from '../storage/table.ts';
import { boundsAt } from './bounds-at.ts';
import { decideScaling, isAtTarget, type ScalingDecision, type ScalingState } from './decide-scaling.ts';
import { scalerKind } from './kind.ts';
import { readValues } from './read-values.ts';
import type { ScalerRecord, ScalingTarget } from './scaler.ts';

export type ScalingWorld = RemedyWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly series: SeriesReader;
  readonly planner: Pick<FunctionClient, 'invoke'>;
  readonly workflows: Pick<Workflows, 'start'>;
};

/** What became of one rule in one round. */
export type Judged = { readonly name: string; readonly reason: string; readonly planHash?: string };

/** Judges every active rule at `at`, the minute of the tick; one that fails does not keep the others. */
export const judgeScalers = async (
  world: ScalingWorld,
  at: number,
  onFault: (rule: ScalerRecord, error: Error) => void,
): Promise<readonly Judged[]> => {
  const rules = await loadAllNamed(world.state, scalerKind);
  const judged: Judged[] = [];
  for (const rule of rules.filter(({ definition }) => definition.isActive)) {
    try {
      judged.push({ name: rule.definition.name, ...(await judge(world, rule, at)) });
    } catch (error) {
      onFault(rule, error as Error);
    }
  }
  return judged;
};

const judge = async (world: ScalingWorld, rule: ScalerRecord, at: number): Promise<Omit<Judged, 'name'>> => {
  const definition = boundsAt(rule.definition, at);
  const [{ value } = { value: undefined }] = await readValues(world.series, definition, [at]);
  // The usual minute: nothing to do whatever the count is, so nobody asks AWS for it.
  const isUsual = isAtTarget(definition, value);
  if (isUsual && !definition.schedule) return { reason: 'it is at its target' };
  const state = await loadState(world.state, rule.id);
  const bounds = `${definition.min} to ${definition.max}`;
  if (isUsual && state.bounds === bounds) return { reason: 'it is at its target' };
  const kind = kindOf(definition.target);
  const { deploymentId, target } = definition;
  const read = await invokeReader(world.planner, { deploymentId, resource: target.resource, kind });
  if ('refused' in read) return { reason: read.refused };
  const present = presentIn(read.image);
  if (present === undefined) return { reason: `what ${kind} reads tells no count` };
  const decision = decideScaling(definition, { value, present, state, now: at });
  if (decision.change === 'none') {
    // Seen to hold: until the schedule says others, nobody asks again for their sake.
    if (definition.schedule && state.bounds !== bounds) await noteBounds(world.state, rule.id, bounds, at);
    return { reason: decision.reason };
  }
  return start(world, rule, decision, at);
};

/** Notes first, so that a crash costs a scaling and never makes two; the plan of the same minute is the same plan. */
const start = async (
  world: ScalingWorld,
  rule: ScalerRecord,
  decision: ScalingDecision,
  at: number,
): Promise<Omit<Judged, 'name'>> => {
  if (!(await noteScaled(world.state, rule.id, decision, at)))
    return { reason: 'this minute was judged already' };
  const plan = await invokePlanner(world.planner, requestOf(rule, decision, at));
  if (isRefused(plan)) return { reason: plan.refused };
  const remediation = await propose(world, plan);
  await startWorkflow(world, remediation);
  return { reason: decision.reason, planHash: plan.hash };
};

const kinds = {
  'ecs-service': 'ecs-scale',
  'auto-scaling-group': 'asg-scale',
  'lambda-concurrency': 'lambda-concurrency',
  'probe-concurrency': 'probe-concurrency',
} as const;
const kindOf = ({ kind }: ScalingTarget): (typeof kinds)[ScalingTarget['kind']] => kinds[kind];

/** Services and groups tell what is desired, an alias what is provisioned. */
const presentIn = (image: Json): number | undefined => {
  const { desired, provisioned } = (image ?? {}) as { readonly desired?: Json; readonly provisioned?: Json };
  return [desired, provisioned].find((count) => typeof count === 'number');
};

/**
 * A scaling rule is its own consent: its bounds and cooldowns stand in for a policy's. The stop switch, leases
 * and blindness hold it all the same; the attempts of an hour leave room for one each minute.
 */
const requestOf = (
  { id, definition }: ScalerRecord,
  { desired, reason }: ScalingDecision,
  at: number,
): PlanRequest => ({
  occasion: {
    kind: 'scaling',
    id,
    occurrence: toIso(at),
    title: `${definition.name}: ${reason}`,
    severity: 'info',
    checkIds: [],
  },
  deploymentId: definition.deploymentId,
  workflow: 'scale',
  resources: [{ resource: definition.target.resource, kind: kindOf(definition.target), params: { desired } }],
  policy: null,
  brakes: { attemptsPerHour: 60, cooldownSeconds: 0, flapsPerDay: 1_000 },
  remedy: { ...defaultRemedy, approval: { ...defaultRemedy.approval, mode: 'auto', people: 0 } },
  madeBy: `scaling:${definition.name}`,
});

const stateKey = (id: string) => ({ pk: `SCALER#${id}`, sk: 'STATE' });

/** `bounds`: those of the schedule that were last seen to hold. */
const loadState = async (
  state: Pick<Table, 'get'>,
  id: string,
): Promise<ScalingState & { readonly bounds?: string }> => {
  const item = await state.get(stateKey(id), { consistent: true });
  return {
    ...(typeof item?.scaledOutAt === 'number' && { scaledOutAt: item.scaledOutAt }),
    ...(typeof item?.scaledInAt === 'number' && { scaledInAt: item.scaledInAt }),
    ...(typeof item?.bounds === 'string' && { bounds: item.bounds }),
  };
};

/** Longer than any cooldown; forgotten, it is only looked at once more. */
const keptSeconds = 31 * 86_400;
const expiresAtOf = (at: number): number => Math.floor(at / 1000) + keptSeconds;

const noteBounds = (state: Pick<Table, 'update'>, id: string, bounds: string, at: number): Promise<void> =>
  state.update(stateKey(id), { set: { v: 1, bounds, expiresAt: expiresAtOf(at) } });

/** False when this minute, or a later one, was decided already: a tick that came twice. */
const noteScaled = async (
  state: Pick<Table, 'update'>,
  id: string,
  { change }: ScalingDecision,
  at: number,
): Promise<boolean> => {
  const set = {
    v: 1,
    judgedAt: at,
    expiresAt: expiresAtOf(at),
    ...(change === 'out' ? { scaledOutAt: at } : { scaledInAt: at }),
  };
  try {
    await state.update(stateKey(id), { set }, { below: { judgedAt: at } });
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return false;
  }
};

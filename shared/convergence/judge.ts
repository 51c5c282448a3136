import { deploymentDefinitionSchema } from '../catalog/api.ts';
import type { DeploymentDefinition } from '../catalog/index.ts';
import {
  type CheckSettings,
  checkDefinitionSchema,
  presentSecrets,
  registryWith,
  requireHiddenKept,
  requireReferences,
  requireRegistered,
  requireSecrets,
  resolveDefinition,
} from '../health/api.ts';
import type { CheckDefinition } from '../health/index.ts';
import { type Reach, requireReach } from '../platform/api/caller.ts';
import { parseFields } from '../platform/api/faults.ts';
import { DomainError } from '../platform/errors.ts';
import {
  type AlertingJudged,
  type AlertingJudgeOptions,
  type AlertingWorld,
  alertingJudgeOf,
  judgeAlertingAlone,
} from './judge-alerting.ts';
import { judgePageAlone, type PageJudged, pageJudgeOf } from './judge-pages.ts';
import { judgeRemedyAlone, type RemedyJudged, remedyJudgeOf } from './judge-remedies.ts';
import type { Change } from './model.ts';

/** A change whose definition was judged: what it puts is valid, and within the caller's reach. */
export type Judged =
  | { readonly op: 'put'; readonly kind: 'deployment'; readonly definition: DeploymentDefinition }
  | { readonly op: 'put'; readonly kind: 'check'; readonly definition: CheckDefinition }
  | AlertingJudged
  | RemedyJudged
  | PageJudged
  | Extract<Change, { op: 'remove'; kind: 'deployment' | 'check' }>;

/** A change with what is wrong with it, if anything is. */
export type Verdict = { readonly judged: Judged } | { readonly fault: DomainError };

export type JudgeOptions = AlertingJudgeOptions & {
  readonly reach: Reach;
  readonly settings: CheckSettings;
};

/**
 * Judges every change of a request before any is made: its definition by itself, then what it names (its deployment,
 * parent, members, secrets, channels, rules, resources, what a page shows), and policies against one another, against the registry as it will be when the whole request is done. Reads only.
 */
export const judgeAll = async (
  world: AlertingWorld,
  changes: readonly Change[],
  options: JudgeOptions,
): Promise<readonly Verdict[]> => {
  const alone = await Promise.all(
    changes.map((change) => refusable(async () => judgeAlone(world, change, options))),
  );
  const judged = alone.flatMap((verdict) => ('judged' in verdict ? [verdict.judged] : []));
  const requireDeployment = deploymentsWith(world, judged);
  const registry = registryOf(world, judged);
  const requireSoundCheck = await checkJudgeOf(world, judged, { registry, reach: options.reach });
  const requireSoundAlerting = alertingJudgeOf(world, judged, requireDeployment);
  const requireSoundRemedy = remedyJudgeOf(world, judged);
  const requireSoundPage = pageJudgeOf(world, judged.filter(isPage), registry, deploymentsIn(judged));
  return Promise.all(
    alone.map(async (verdict): Promise<Verdict> => {
      if (!('judged' in verdict) || verdict.judged.op !== 'put') return verdict;
      const { judged: put } = verdict;
      return refusable(async () => {
        if (put.kind === 'check') {
          await requireDeployment(put.definition.deploymentId, 'check');
          await requireSoundCheck(put.definition);
        } else if (put.kind === 'statusPage') await requireSoundPage(put);
        else if (put.kind === 'policy' || put.kind === 'scaler') await requireSoundRemedy(put);
        else if (put.kind !== 'deployment') await requireSoundAlerting(put);
        return put;
      });
    }),
  );
};

/** A refusal by the rules is the change's own; a fault of ours ends the whole request. */
const refusable = async (judge: () => Promise<Judged>): Promise<Verdict> => {
  try {
    return { judged: await judge() };
  } catch (error) {
    if (error instanceof DomainError) return { fault: error };
    throw error;
  }
};

const judgeAlone = async (
  world: Pick<AlertingWorld, 'state'>,
  change: Change,
  options: JudgeOptions,
): Promise<Judged> => {
  const { reach, settings } = options;
  if (change.op === 'remove') {
    if (change.kind === 'policy' || change.kind === 'scaler') return judgeRemedyAlone(change, reach);
    if (change.kind === 'statusPage') return judgePageAlone(world, change, reach);
    if (change.kind !== 'deployment' && change.kind !== 'check') return judgeAlertingAlone(change, options);
    requireReach(reach, change.deploymentId);
    return change;
  }
  if (change.kind === 'deployment') {
    const definition = parseFields(deploymentDefinitionSchema, change.definition);
    requireReach(reach, definition.deploymentId);
    return { op: 'put', kind: 'deployment', definition };
  }
  if (change.kind === 'check') {
    const definition = resolveDefinition(parseFields(checkDefinitionSchema, change.definition), settings);
    requireReach(reach, definition.deploymentId);
    return { op: 'put', kind: 'check', definition };
  }
  const { kind } = change;
  if (kind === 'policy' || kind === 'scaler') return judgeRemedyAlone({ ...change, kind }, reach);
  if (kind === 'statusPage') return judgePageAlone(world, { ...change, kind }, reach);
  return judgeAlertingAlone({ ...change, kind }, options);
};

const isPage = (one: Judged): one is PageJudged => one.kind === 'statusPage';

const deploymentsIn = (judged: readonly Judged[]): readonly string[] =>
  judged.flatMap((change) =>
    change.op === 'put' && change.kind === 'deployment' ? [change.definition.deploymentId] : [],
  );

/** Whether a deployment is there, or comes in the same request; each is looked up once. */
const deploymentsWith = (world: Pick<AlertingWorld, 'state'>, judged: readonly Judged[]) => {
  const coming = new Set(deploymentsIn(judged));
  const registered = new Map<string, Promise<void>>();
  return (deploymentId: string, what: 'check' | 'rule'): Promise<void> => {
    if (coming.has(deploymentId)) return Promise.resolve();
    const key = `${what} ${deploymentId}`;
    const asked = registered.get(key) ?? requireRegistered(world, deploymentId, what);
    registered.set(key, asked);
    return asked;
  };
};

const checksIn = (judged: readonly Judged[]): readonly CheckDefinition[] =>
  judged.flatMap((change) => (change.op === 'put' && change.kind === 'check' ? [change.definition] : []));

/** The checks as they will be once the request is done. */
const registryOf = ({ state }: Pick<AlertingWorld, 'state'>, judged: readonly Judged[]) => {
  const leaving = judged.flatMap((change) =>
    change.op === 'remove' && change.kind === 'check' ? [change] : [],
  );
  return registryWith(state, checksIn(judged), leaving);
};

const checkJudgeOf = async (
  world: AlertingWorld,
  judged: readonly Judged[],
  { registry, reach }: { readonly registry: ReturnType<typeof registryOf>; readonly reach: Reach },
) => {
  const present = await presentSecrets(world, checksIn(judged));
  return async (definition: CheckDefinition): Promise<void> => {
    requireSecrets(definition, present);
    await requireHiddenKept(world, definition);
    await requireReferences(definition, registry, reach);
  };
};

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
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import { DomainError } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import type { Change } from './model.ts';

/** A change whose definition was judged: what it puts is valid, and within the caller's reach. */
export type Judged =
  | { readonly op: 'put'; readonly kind: 'deployment'; readonly definition: DeploymentDefinition }
  | { readonly op: 'put'; readonly kind: 'check'; readonly definition: CheckDefinition }
  | Extract<Change, { op: 'remove' }>;

/** A change with what is wrong with it, if anything is. */
export type Verdict = { readonly judged: Judged } | { readonly fault: DomainError };

type JudgeWorld = {
  readonly state: Pick<Table, 'get'>;
  readonly checkSecrets: Pick<Parameters, 'list'>;
};

/**
 * Judges every change of a request before any is made: its definition by itself, then what it names (its deployment,
 * parent, members and secrets) against the registry as it will be when the whole request is done. Reads only.
 */
export const judgeAll = async (
  world: JudgeWorld,
  changes: readonly Change[],
  options: { readonly reach: Reach; readonly settings: CheckSettings },
): Promise<readonly Verdict[]> => {
  const alone = changes.map((change) => judgeAlone(change, options));
  const judged = alone.flatMap((verdict) => ('judged' in verdict ? [verdict.judged] : []));
  const checks = judged.flatMap((change) =>
    change.op === 'put' && change.kind === 'check' ? [change.definition] : [],
  );
  const deployments = new Set(
    judged.flatMap((change) =>
      change.op === 'put' && change.kind === 'deployment' ? [change.definition.deploymentId] : [],
    ),
  );
  const leaving = judged.flatMap((change) =>
    change.op === 'remove' && change.kind === 'check' ? [change] : [],
  );
  const registry = registryWith(world.state, checks, leaving);
  const present = await presentSecrets(world, checks);
  const registered = new Map<string, Promise<void>>();
  const requireDeployment = (deploymentId: string): Promise<void> => {
    if (deployments.has(deploymentId)) return Promise.resolve();
    const asked = registered.get(deploymentId) ?? requireRegistered(world, deploymentId);
    registered.set(deploymentId, asked);
    return asked;
  };
  return Promise.all(
    alone.map(async (verdict): Promise<Verdict> => {
      if (!('judged' in verdict) || verdict.judged.op !== 'put' || verdict.judged.kind !== 'check')
        return verdict;
      const { definition } = verdict.judged;
      return refusable(async () => {
        await requireDeployment(definition.deploymentId);
        requireSecrets(definition, present);
        await requireHiddenKept(world, definition);
        await requireReferences(definition, registry, options.reach);
        return verdict.judged;
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

const judgeAlone = (
  change: Change,
  { reach, settings }: { readonly reach: Reach; readonly settings: CheckSettings },
): Verdict => {
  try {
    if (change.op === 'remove') {
      requireReach(reach, change.deploymentId);
      return { judged: change };
    }
    if (change.kind === 'deployment') {
      const definition = parseFields(deploymentDefinitionSchema, change.definition);
      requireReach(reach, definition.deploymentId);
      return { judged: { op: 'put', kind: 'deployment', definition } };
    }
    const definition = resolveDefinition(parseFields(checkDefinitionSchema, change.definition), settings);
    requireReach(reach, definition.deploymentId);
    return { judged: { op: 'put', kind: 'check', definition } };
  } catch (error) {
    if (error instanceof DomainError) return { fault: error };
    throw error;
  }
};

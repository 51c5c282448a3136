import { deploymentDefinitionSchema } from '../catalog/api.ts';
import { type DeploymentDefinition, registerDeployment } from '../catalog/index.ts';
import { removeDeployment } from '../deployments/index.ts';
import {
  type CheckSettings,
  checkDefinitionSchema,
  checkIdOf,
  putCheck,
  resolveDefinition,
  withdrawCheck,
} from '../health/api.ts';
import { type Reach, requireReach } from '../platform/api/caller.ts';
import { parseFields } from '../platform/api/faults.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import type { Change, Outcome } from './model.ts';

type ApplyWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

type ApplyOptions = { readonly reach: Reach; readonly settings: CheckSettings; readonly dryRun: boolean };

/** What one change came to; `pending` is to be published. */
type Applied = { readonly outcome: Outcome; readonly pending?: Pending | undefined };

/** So many changes are on their way at once: a hundred fit into the request's time without a storm on the table. */
const atOnce = 8;

/**
 * Brings what files own to what they say: each change for itself, deployments before the checks that need them,
 * checks before the deployments that held them. What the API owns is refused, unless it is the same already.
 * Applying again after a crash goes on where it stopped.
 */
export const applyChanges = async (
  world: ApplyWorld,
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly pending: readonly Pending[] }> => {
  const applied: Applied[] = [];
  const converge = converger(world, changes, options);
  for (const phase of phases) {
    const due = changes.flatMap((change, at) => (phase(change) ? [{ change, at }] : []));
    await inParallel(due, async ({ change, at }) => {
      applied[at] = await settle(change, () => converge(change));
    });
  }
  return {
    outcomes: applied.map(({ outcome }) => outcome),
    pending: applied.flatMap(({ pending }) => pending ?? []),
  };
};

const phases: readonly ((change: Change) => boolean)[] = [
  (change) => change.op === 'put' && change.kind === 'deployment',
  (change) => change.op === 'put' && change.kind === 'check',
  (change) => change.op === 'remove' && change.kind === 'check',
  (change) => change.op === 'remove' && change.kind === 'deployment',
];

const inParallel = async <T>(work: readonly T[], each: (one: T) => Promise<void>): Promise<void> => {
  const queue = work.values();
  const worker = async () => {
    for (const one of queue) await each(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

/** A refusal by the rules is this change's outcome; a fault of ours ends the whole request. */
const settle = async (change: Change, act: () => Promise<Applied>): Promise<Applied> => {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, message: detail, fields } = error;
    const outcome: Outcome = {
      kind: change.kind,
      id: idIn(change),
      outcome: 'refused',
      revision: null,
      code,
      detail,
    };
    return { outcome: fields.length > 0 ? { ...outcome, errors: [...fields] } : outcome };
  }
};

const idIn = (change: Change): string | null => {
  const given: { readonly deploymentId?: unknown; readonly name?: unknown } =
    change.op === 'put' ? change.definition : change;
  const deploymentId = given.deploymentId ?? (change.kind === 'check' ? 'default' : undefined);
  if (typeof deploymentId !== 'string' || deploymentId.length > 100) return null;
  if (change.kind === 'deployment') return deploymentId;
  return typeof given.name === 'string' ? checkIdOf(deploymentId, given.name) : null;
};

const converger = (
  world: ApplyWorld,
  changes: readonly Change[],
  { reach, settings, dryRun }: ApplyOptions,
) => {
  const planned = new Set(
    changes.flatMap((change) =>
      change.op === 'put' && change.kind === 'deployment' ? (idIn(change) ?? []) : [],
    ),
  );
  const leaving = new Set(
    changes.flatMap((change) =>
      change.op === 'remove' && change.kind === 'check' ? (idIn(change) ?? []) : [],
    ),
  );
  const owner = 'file' as const;
  // Only a dry run believes what is merely planned; a real one has written it before or was refused.
  const isPlanned = (deploymentId: string) => dryRun && planned.has(deploymentId);
  const isLeaving = (checkId: string) => dryRun && leaving.has(checkId);

  return async (change: Change): Promise<Applied> => {
    if (change.op === 'put' && change.kind === 'deployment') {
      const definition = parseFields(
        deploymentDefinitionSchema,
        change.definition,
      ) satisfies DeploymentDefinition;
      requireReach(reach, definition.deploymentId);
      const { outcome, record, pending } = await registerDeployment(world, { definition, owner, dryRun });
      return told(change.kind, definition.deploymentId, outcome, record.revision, pending);
    }
    if (change.op === 'put') {
      const definition = resolveDefinition(parseFields(checkDefinitionSchema, change.definition), settings);
      const { outcome, record, pending } = await putCheck(world, definition, {
        reach,
        owner,
        dryRun,
        isPlanned,
      });
      return told(change.kind, record.id, outcome, record.revision, pending);
    }
    if (change.kind === 'check') {
      const { outcome, record, pending } = await withdrawCheck(world, change, { reach, owner, dryRun });
      return told(
        change.kind,
        checkIdOf(change.deploymentId, change.name),
        outcome,
        record?.revision ?? null,
        pending,
      );
    }
    const outcome = await removeDeployment(world, change.deploymentId, { reach, owner, dryRun, isLeaving });
    return told(change.kind, change.deploymentId, outcome, null, undefined);
  };
};

const told = (
  kind: Outcome['kind'],
  id: string,
  outcome: Outcome['outcome'],
  revision: number | null,
  pending: Pending | undefined,
): Applied => ({ outcome: { kind, id, outcome, revision }, pending });

import type { CreateRequest } from '../catalog/index.ts';
import { isRegistered } from '../catalog/index.ts';
import { type Reach, requireReach } from '../platform/api/caller.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { type CheckDefinition, type CheckRecord, checkIdOf, type Owner } from './check.ts';
import { decideCreate, decidePut, decideRemoval, nextRecord, pausedRecord, removedRecord } from './decide.ts';
import { loadCheck, requireCheck, type StoredCheck, type Written, writeCheck } from './registry.ts';
import { hidden, keepSecrets } from './secrets.ts';
import { requireSound, type SoundWorld } from './sound.ts';

export type DefineWorld = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

/** What became of a definition; `pending` is to be published after the write. */
export type Defined<O extends string> = {
  readonly outcome: O;
  readonly record: CheckRecord;
  readonly pending?: Pending;
};

/** Writers that meet on one item decide again on what the other wrote; so many meet only when something is wrong. */
const attempts = 5;

/** Runs load → decide → write again while somebody else's write came between. */
const settled = async <T>(round: () => Promise<T | 'conflict'>): Promise<T> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await round();
    if (result !== 'conflict') return result;
  }
  throw new DomainError('CONFLICT', 'The check is being changed by many at once. Try again.');
};

const write = async <O extends 'created' | 'updated' | 'removed'>(
  world: DefineWorld,
  previous: StoredCheck | undefined,
  record: CheckRecord,
  outcome: O,
  {
    by,
    action = outcome,
    request,
  }: Partial<Written> & { readonly by: string; readonly request?: CreateRequest | undefined },
): Promise<Defined<O> | 'conflict'> => {
  const pending = await writeCheck(
    world.state,
    previous,
    { record, change: outcome, request, written: { by, action } },
    world.newId(),
  );
  return pending ? { outcome, record, pending } : 'conflict';
};

export const requireRegistered = async (
  world: { readonly state: Pick<Table, 'get'> },
  deploymentId: string,
  what = 'check',
): Promise<void> => {
  if (await isRegistered(world.state, deploymentId)) return;
  throw new DomainError('VALIDATION_ERROR', `The ${what} names a deployment that is not registered.`, [
    {
      path: 'deploymentId',
      message: `Register ${deploymentId} first with POST /api/monitoring/register {"deploymentId": "${deploymentId}"}, or leave deploymentId out for the deployment default.`,
    },
  ]);
};

/** Makes a new check, owned by the API. Throws CONFLICT when its name is taken, VALIDATION_ERROR when its deployment is not registered. */
export const createCheck = (
  world: DefineWorld & SoundWorld,
  definition: CheckDefinition,
  options: { readonly reach: Reach; readonly by: string; readonly request?: CreateRequest | undefined },
): Promise<Defined<'created' | 'replayed'>> =>
  settled<Defined<'created' | 'replayed'>>(async () => {
    requireReach(options.reach, definition.deploymentId);
    const stored = await loadCheck(world.state, checkIdOf(definition.deploymentId, definition.name));
    const outcome = decideCreate(stored, definition, options.request);
    if (outcome === 'replayed' && stored) return { outcome, record: stored.record };
    await requireRegistered(world, definition.deploymentId);
    await requireSound(world, definition, options.reach);
    const facts = { managedBy: 'api', place: world.place, now: world.clock() } as const;
    return write(world, stored, nextRecord(stored?.record, definition, facts), 'created', options);
  });

type ChangeOptions = {
  readonly reach: Reach;
  /** The principal who asks; the audit keeps it. */
  readonly by: string;
  readonly expects?: readonly number[] | 'any' | undefined;
};

/** Replaces a check of the API by its id. The definition's name and deployment are the check's own. */
export const replaceCheck = (
  world: DefineWorld & SoundWorld,
  checkId: string,
  define: (current: CheckRecord) => CheckDefinition,
  options: ChangeOptions,
): Promise<Defined<'updated' | 'unchanged'>> =>
  settled<Defined<'updated' | 'unchanged'>>(async () => {
    const stored = await requireCheck(world.state, checkId, options.reach);
    requireRevision(stored.record, options.expects);
    const definition = define(stored.record);
    if (decidePut(stored, definition, 'api') === 'unchanged')
      return { outcome: 'unchanged', record: stored.record };
    await requireSound(world, definition, options.reach);
    const facts = { managedBy: stored.record.managedBy, place: world.place, now: world.clock() };
    return write(world, stored, nextRecord(stored.record, definition, facts), 'updated', options);
  });

/** Removes a check of the API by its id. */
export const removeCheck = (
  world: DefineWorld,
  checkId: string,
  options: ChangeOptions,
): Promise<Defined<'removed'>> =>
  settled<Defined<'removed'>>(async () => {
    const stored = await requireCheck(world.state, checkId, options.reach);
    requireRevision(stored.record, options.expects);
    decideRemoval(stored, 'api');
    return write(world, stored, removedRecord(stored.record, world.clock()), 'removed', options);
  });

/** Stops looking at a check, or begins again, whoever manages it. Doing it twice changes nothing. */
export const pauseCheck = (
  world: DefineWorld,
  checkId: string,
  change: 'pause' | 'resume',
  { reach, by }: Pick<ChangeOptions, 'reach' | 'by'>,
): Promise<Defined<'updated' | 'unchanged'>> =>
  settled<Defined<'updated' | 'unchanged'>>(async () => {
    const stored = await requireCheck(world.state, checkId, reach);
    const record = pausedRecord(stored.record, change, world.clock());
    const action = change === 'pause' ? 'paused' : 'resumed';
    return record
      ? write(world, stored, record, 'updated', { by, action })
      : { outcome: 'unchanged', record: stored.record };
  });

/** Throws VALIDATION_ERROR where a definition says that a hidden value stays, and none is stored. */
export const requireHiddenKept = async (
  { state }: Pick<SoundWorld, 'state'>,
  definition: CheckDefinition,
): Promise<void> => {
  if (!JSON.stringify(definition.config).includes(hidden)) return;
  const stored = await loadCheck(state, checkIdOf(definition.deploymentId, definition.name));
  keepSecrets(definition, stored?.record.deletedAt === undefined ? stored?.record.definition : undefined);
};

type ConvergeOptions = {
  readonly reach: Reach;
  readonly by: string;
  readonly owner: Owner;
  /** Decide and write nothing. */
  readonly dryRun?: boolean;
  /** Whether a deployment counts as registered although the registry does not have it (yet). */
  readonly isPlanned?: (deploymentId: string) => boolean;
};

/**
 * Brings a check to what its owner wants, whether it is there or not; the caller has seen to it that the definition is
 * sound. Throws CONFLICT when another owner has it otherwise.
 */
export const putCheck = (
  world: DefineWorld,
  wanted: CheckDefinition,
  options: ConvergeOptions,
): Promise<Defined<'created' | 'updated' | 'unchanged'>> =>
  settled<Defined<'created' | 'updated' | 'unchanged'>>(async () => {
    requireReach(options.reach, wanted.deploymentId);
    const stored = await loadCheck(world.state, checkIdOf(wanted.deploymentId, wanted.name));
    const isLive = stored !== undefined && stored.record.deletedAt === undefined;
    const definition = keepSecrets(wanted, isLive ? stored.record.definition : undefined);
    const outcome = decidePut(stored, definition, options.owner);
    if (outcome === 'unchanged' && stored) return { outcome, record: stored.record };
    if (!options.isPlanned?.(definition.deploymentId))
      await requireRegistered(world, definition.deploymentId);
    const facts = { managedBy: options.owner, place: world.place, now: world.clock() };
    const record = nextRecord(stored?.record, definition, facts);
    return options.dryRun
      ? { outcome, record }
      : write(world, stored, record, outcome === 'updated' ? outcome : 'created', { by: options.by });
  });

/** Takes away a check its owner no longer wants; one that is not there is as wanted. */
export const withdrawCheck = (
  world: DefineWorld,
  identity: { readonly deploymentId: string; readonly name: string },
  options: ConvergeOptions,
): Promise<{
  readonly outcome: 'removed' | 'unchanged';
  readonly record?: CheckRecord;
  readonly pending?: Pending;
}> =>
  settled<{ outcome: 'removed' | 'unchanged'; record?: CheckRecord; pending?: Pending }>(async () => {
    requireReach(options.reach, identity.deploymentId);
    const stored = await loadCheck(world.state, checkIdOf(identity.deploymentId, identity.name));
    const outcome = decideRemoval(stored, options.owner);
    if (outcome === 'unchanged' || !stored) return { outcome: 'unchanged' };
    const record = removedRecord(stored.record, world.clock());
    return options.dryRun ? { outcome, record } : write(world, stored, record, 'removed', { by: options.by });
  });

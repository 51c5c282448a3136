import type { CreateRequest } from '../catalog/index.ts';
import { presentSecrets, requireSecrets } from '../health/api.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type Pending, settled } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { type ChannelDefinition, type ChannelRecord, channelIdOf } from './channel.ts';
import {
  decideCreate,
  decidePut,
  decideRemoval,
  fallbackFaults,
  nextRecord,
  type Owner,
  removedRecord,
} from './decide-channel.ts';
import { loadChannels, loadStoredChannel, type StoredChannel } from './registry.ts';
import { type ChannelChange, writeChannel } from './write-channel.ts';

export type SoundChannelWorld = {
  readonly state: Pick<Table, 'query'>;
  readonly checkSecrets: Pick<Parameters, 'list'>;
};
export type DefineChannelWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly checkSecrets: Pick<Parameters, 'list'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

/** What became of a definition; `pending` is to be published after the write. */
export type DefinedChannel<O extends string> = {
  readonly outcome: O;
  readonly record: ChannelRecord;
  readonly pending?: Pending;
};

type Asked = {
  /** The principal who asks, who must reach all deployments; the audit keeps it. */
  readonly by: string;
};
type ChangeOptions = Asked & { readonly expects?: readonly number[] | 'any' | undefined };

/** Who names a channel, each as a sentence says it; what a removal is refused with. */
export type ChannelUses = (channel: ChannelRecord) => Promise<readonly string[]>;

const write = async <O extends ChannelChange>(
  world: DefineChannelWorld,
  previous: StoredChannel | undefined,
  record: ChannelRecord,
  outcome: O,
  { by, request }: { readonly by: string; readonly request?: CreateRequest | undefined },
): Promise<DefinedChannel<O> | 'conflict'> => {
  const next = { record, change: outcome, by, request, place: world.place };
  const pending = await writeChannel(world.state, previous, next, world.newId());
  return pending ? { outcome, record, pending } : 'conflict';
};

/**
 * Whether what a channel needs beside itself is there: its secrets, and a way of fallbacks that ends. `planned` are
 * channels that come, or go (`leaving`, by name), in the same request. Throws VALIDATION_ERROR.
 */
export const requireSoundChannel = async (
  world: SoundChannelWorld,
  definition: ChannelDefinition,
  {
    planned = [],
    leaving = [],
  }: { readonly planned?: readonly ChannelDefinition[]; readonly leaving?: readonly string[] } = {},
): Promise<void> => {
  requireSecrets(definition, await presentSecrets(world, [definition]), 'channel');
  if (definition.fallback === undefined) return;
  const replaced = new Set([...planned.map(({ name }) => name), ...leaving]);
  const there = (await loadChannels(world.state)).map((record) => record.definition);
  const others = [...there.filter(({ name }) => !replaced.has(name)), ...planned];
  const faults = fallbackFaults(definition, others);
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The channel cannot fall back on what it names.', faults);
};

/** Makes a new channel, owned by the API. Throws CONFLICT when its name is taken. */
export const createChannel = (
  world: DefineChannelWorld,
  definition: ChannelDefinition,
  options: Asked & { readonly request?: CreateRequest | undefined },
): Promise<DefinedChannel<'created' | 'replayed'>> =>
  settled<DefinedChannel<'created' | 'replayed'>>('The channel', async () => {
    const stored = await loadStoredChannel(world.state, channelIdOf(definition.name));
    const outcome = decideCreate(stored, options.request);
    if (outcome === 'replayed' && stored) return { outcome, record: stored.record };
    await requireSoundChannel(world, definition);
    const record = nextRecord(stored, definition, { managedBy: 'api', now: world.clock() });
    return write(world, stored, record, 'created', options);
  });

/** The live channel. Throws NOT_FOUND. */
export const requireChannel = async (
  state: Pick<Table, 'get'>,
  channelId: string,
): Promise<StoredChannel> => {
  const stored = await loadStoredChannel(state, channelId);
  if (stored && stored.record.deletedAt === undefined) return stored;
  throw new DomainError(
    'NOT_FOUND',
    'There is no such channel. List them at GET /api/v1/monitoring/channels.',
  );
};

/** Replaces a channel of the API, or a built-in one, by its id. The definition's name is the channel's own. */
export const replaceChannel = (
  world: DefineChannelWorld,
  channelId: string,
  define: (current: ChannelRecord) => ChannelDefinition,
  options: ChangeOptions,
): Promise<DefinedChannel<'updated' | 'unchanged'>> =>
  settled<DefinedChannel<'updated' | 'unchanged'>>('The channel', async () => {
    const stored = await requireChannel(world.state, channelId);
    requireRevision(stored.record, options.expects);
    const definition = define(stored.record);
    if (decidePut(stored, definition, 'api') === 'unchanged')
      return { outcome: 'unchanged', record: stored.record };
    await requireSoundChannel(world, definition);
    const record = nextRecord(stored, definition, { managedBy: 'api', now: world.clock() });
    return write(world, stored, record, 'updated', options);
  });

const requireUnused = async (record: ChannelRecord, usesOf: ChannelUses): Promise<void> => {
  const uses = await usesOf(record);
  if (uses.length === 0) return;
  throw new DomainError(
    'CONFLICT',
    `The channel ${record.definition.name} is still named by ${uses.join(', ')}. Name another one there first.`,
  );
};

/** Removes a channel of the API by its id; of a built-in one what people changed, so that the original is back. */
export const removeChannel = (
  world: DefineChannelWorld,
  channelId: string,
  options: ChangeOptions & { readonly usesOf: ChannelUses },
): Promise<DefinedChannel<'removed'>> =>
  settled<DefinedChannel<'removed'>>('The channel', async () => {
    const stored = await requireChannel(world.state, channelId);
    requireRevision(stored.record, options.expects);
    if (decideRemoval(stored, 'api') === 'unchanged') {
      throw new DomainError(
        'CONFLICT',
        'A built-in channel cannot be removed. To switch it off, send its definition with "isActive": false in a PUT.',
      );
    }
    await requireUnused(stored.record, options.usesOf);
    return write(world, stored, removedRecord(stored.record, world.clock()), 'removed', options);
  });

type ConvergeOptions = Asked & {
  readonly owner: Owner;
  /** Decide and write nothing. */
  readonly dryRun?: boolean;
};

/**
 * Brings a channel to what its owner wants, whether it is there or not; the caller has seen to it that the definition is
 * sound (`requireSoundChannel`). Throws CONFLICT when another owner has it otherwise.
 */
export const putChannel = (
  world: DefineChannelWorld,
  definition: ChannelDefinition,
  { by, owner, dryRun }: ConvergeOptions,
): Promise<DefinedChannel<'created' | 'updated' | 'unchanged'>> =>
  settled<DefinedChannel<'created' | 'updated' | 'unchanged'>>('The channel', async () => {
    const stored = await loadStoredChannel(world.state, channelIdOf(definition.name));
    const outcome = decidePut(stored, definition, owner);
    if (outcome === 'unchanged' && stored) return { outcome, record: stored.record };
    const record = nextRecord(stored, definition, { managedBy: owner, now: world.clock() });
    return dryRun
      ? { outcome, record }
      : write(world, stored, record, outcome === 'updated' ? outcome : 'created', { by });
  });

/**
 * Takes away a channel its owner no longer wants; one that is not there is as wanted. `usesOf` leaves out what the same
 * request takes away or changes.
 */
export const withdrawChannel = (
  world: DefineChannelWorld,
  name: string,
  { by, owner, dryRun, usesOf }: ConvergeOptions & { readonly usesOf: ChannelUses },
): Promise<{
  readonly outcome: 'removed' | 'unchanged';
  readonly record?: ChannelRecord;
  readonly pending?: Pending;
}> =>
  settled<{ outcome: 'removed' | 'unchanged'; record?: ChannelRecord; pending?: Pending }>(
    'The channel',
    async () => {
      const stored = await loadStoredChannel(world.state, channelIdOf(name));
      const outcome = decideRemoval(stored, owner);
      if (outcome === 'unchanged' || !stored) return { outcome: 'unchanged' };
      await requireUnused(stored.record, usesOf);
      const record = removedRecord(stored.record, world.clock());
      return dryRun ? { outcome, record } : write(world, stored, record, 'removed', { by });
    },
  );

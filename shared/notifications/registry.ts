import type { CreateRequest } from '../catalog/index.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import { unsentOf } from '../platform/outbox/index.ts';
import type { Item, Table } from '../storage/table.ts';
import { type ChannelRecord, channelIdOf, channelKey } from './channel.ts';

/**
 * The channel that is there before anybody defines one: the stack's own topic, to which ALERT_EMAIL subscribes. What
 * people write under its name takes its place, and once that is removed it is back.
 */
export const builtinChannels: readonly ChannelRecord[] = [
  {
    id: channelIdOf('email'),
    definition: { name: 'email', type: 'sns', config: {}, tellsResolved: true, isActive: true },
    revision: 0,
    managedBy: 'builtin',
    createdAt: 0,
    updatedAt: 0,
  },
];

/** A channel as it stands, with what its item holds beside it. A built-in channel is there without an item. */
export type StoredChannel = {
  readonly record: ChannelRecord;
  readonly request?: CreateRequest | undefined;
  readonly unsent: readonly HomeostatEvent[];
  /** Undefined: no item yet. What the next write is conditioned on. */
  readonly storedRevision: number | undefined;
};

/** What the default channels are while the settings name none; who writes one of these anew means it all the same. */
export const builtinChannelNames: readonly string[] = builtinChannels.map(
  ({ definition }) => definition.name,
);

const builtinOf = (channelId: string): ChannelRecord | undefined =>
  builtinChannels.find(({ id }) => id === channelId);

/** What stands where `item` lies. The revision goes on through a removed definition, for it is the ETag. */
const standing = (item: Item): ChannelRecord => {
  const { id, definition, revision, managedBy, createdAt, updatedAt, deletedAt } =
    item as unknown as ChannelRecord;
  const record = { id, definition, revision, managedBy, createdAt, updatedAt };
  if (deletedAt === undefined) return record;
  const builtin = builtinOf(id);
  return builtin ? { ...builtin, revision } : { ...record, deletedAt };
};

/** Also what was removed a short while ago, for its revision goes on. */
export const loadStoredChannel = async (
  state: Pick<Table, 'get'>,
  channelId: string,
): Promise<StoredChannel | undefined> => {
  const item = await state.get(channelKey(channelId), { consistent: true });
  const record = item ? standing(item) : builtinOf(channelId);
  if (!record) return undefined;
  const request = item?.request as CreateRequest | undefined;
  return {
    record,
    unsent: item ? unsentOf(item) : [],
    storedRevision: item && record.revision,
    ...(request && { request }),
  };
};

/** The live channel, built-in ones included; undefined when there is none. */
export const loadChannel = async (
  state: Pick<Table, 'get'>,
  channelId: string,
): Promise<ChannelRecord | undefined> => {
  const record = (await loadStoredChannel(state, channelId))?.record;
  return record?.deletedAt === undefined ? record : undefined;
};

/** All live channels in the order of their names, the built-in ones among them. A team has tens of them. */
export const loadChannels = async (state: Pick<Table, 'query'>): Promise<readonly ChannelRecord[]> => {
  const found = new Map(builtinChannels.map((channel) => [channel.id, channel]));
  let after: string | undefined;
  do {
    const page = await state.query({
      pk: 'CHANNELS',
      consistent: true,
      ...(after !== undefined && { after }),
    });
    for (const record of page.items.map(standing)) {
      if (record.deletedAt === undefined) found.set(record.id, record);
    }
    after = page.next;
  } while (after !== undefined);
  return [...found.values()].sort((left, right) => (left.definition.name < right.definition.name ? -1 : 1));
};

const isNamed = ({ id, definition }: ChannelRecord, nameOrId: string): boolean =>
  definition.name === nameOrId || id === nameOrId;

/** Those that are named, by name or id, each once and in this order. What is not there any more, or not active, is left out. */
export const channelsNamed = (
  records: readonly ChannelRecord[],
  namesOrIds: readonly string[],
): readonly ChannelRecord[] => {
  const found = namesOrIds.flatMap((named) => records.find((record) => isNamed(record, named)) ?? []);
  return [...new Set(found)].filter(({ definition }) => definition.isActive);
};

/** Of these names and ids, those that no channel has: what to refuse when somebody writes them down. */
export const unknownChannels = (
  records: readonly ChannelRecord[],
  namesOrIds: readonly string[],
): readonly string[] => [
  ...new Set(namesOrIds.filter((named) => !records.some((record) => isNamed(record, named)))),
];

/** The channels for what names none: those of the settings, and while these name none the built-in ones. */
export const defaultChannels = (
  records: readonly ChannelRecord[],
  named: readonly string[],
): readonly ChannelRecord[] => channelsNamed(records, named.length > 0 ? named : builtinChannelNames);

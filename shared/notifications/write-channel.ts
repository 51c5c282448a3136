import { recorded } from '../audit/index.ts';
import type { CreateRequest } from '../catalog/index.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import {
  asValue,
  type Pending,
  tombstoneSeconds,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import type { Table, Value } from '../storage/table.ts';
import { type ChannelRecord, channelKey } from './channel.ts';
import type { StoredChannel } from './registry.ts';
import { writtenChannelOf } from './written-channel.ts';

export type ChannelChange = 'created' | 'updated' | 'removed';

/** Writes the next version of a channel with who wrote it; undefined when somebody else wrote meanwhile. */
export const writeChannel = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  previous: StoredChannel | undefined,
  next: {
    readonly record: ChannelRecord;
    readonly change: ChannelChange;
    /** The principal who asks; the audit keeps it. */
    readonly by: string;
    readonly request?: CreateRequest | undefined;
    readonly place: Place;
  },
  attempt: string,
): Promise<Pending | undefined> => {
  const { record, change } = next;
  const key = channelKey(record.id);
  const audit = audited(previous?.record, record, next);
  const outbox = withEvent(key, previous?.unsent ?? [], audit, record.updatedAt);
  const written = await writeVersion(state, {
    key,
    expected: previous?.storedRevision,
    fields: {
      id: record.id,
      definition: record.definition as unknown as Value,
      revision: record.revision,
      managedBy: record.managedBy,
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
      request: next.request ?? (change === 'created' ? undefined : previous?.request),
      deletedAt: record.deletedAt,
      expiresAt:
        record.deletedAt === undefined ? undefined : Math.floor(record.deletedAt / 1000) + tombstoneSeconds,
      ...outbox,
      outbox: asValue(outbox.outbox),
    },
    attempt,
    now: record.updatedAt,
  });
  return written === 'written' ? { key, revision: record.revision, outbox: outbox.outbox } : undefined;
};

const audited = (
  previous: ChannelRecord | undefined,
  record: ChannelRecord,
  { change, by, place }: { readonly change: ChannelChange; readonly by: string; readonly place: Place },
): HomeostatEvent =>
  recorded(
    {
      by,
      action: change,
      kind: 'channel',
      subjectId: record.id,
      name: record.definition.name,
      deploymentId: null,
      before: sideOf(previous),
      after: sideOf(record),
    },
    { id: `audit:channel:${record.id}@${record.revision}`, at: record.updatedAt, place },
  );

const sideOf = (record: ChannelRecord | undefined) =>
  record === undefined || record.deletedAt !== undefined
    ? null
    : { ...writtenChannelOf(record.definition), managedBy: record.managedBy };

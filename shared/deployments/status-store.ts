import type { CheckStatus, HomeostatEvent } from '../platform/events.ts';
import { bucketOf } from '../platform/ids.ts';
import {
  asValue,
  type Pending,
  tombstoneSeconds,
  unsentOf,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import type { Item, Table } from '../storage/table.ts';
import { type Counts, noCounts, type Whole } from './status-decide.ts';

/** How a deployment stands, as last written: `DEPLOYMENT-STATUS#<0–7>` / `<deploymentId>` in `state`. */
export type StatusRecord = Whole & {
  /** Grows by one with each write; the version in the ids of its events. */
  readonly revision: number;
  /** Epoch ms: since when the status holds; null while it was never known. */
  readonly since: number | null;
};

export type StoredStatus = { readonly record: StatusRecord; readonly unsent: readonly HomeostatEvent[] };

const statusBuckets = 8;

export const deploymentStatusKey = (deploymentId: string) => ({
  pk: `DEPLOYMENT-STATUS#${bucketOf(deploymentId, statusBuckets)}`,
  sk: deploymentId,
});

/** What a deployment is of which nothing was written yet. */
export const neverWritten: StatusRecord = {
  status: 'unknown',
  reason: 'it has no check that runs',
  counts: noCounts,
  since: null,
  revision: 0,
};

export const loadStatus = async (
  state: Pick<Table, 'get'>,
  deploymentId: string,
  options: { readonly consistent: boolean },
): Promise<StoredStatus | undefined> => {
  const item = await state.get(deploymentStatusKey(deploymentId), options);
  return item && { record: toStatusRecord(item), unsent: unsentOf(item) };
};

const toStatusRecord = (item: Item): StatusRecord => ({
  status: item.status as CheckStatus,
  reason: String(item.reason),
  counts: item.counts as Counts,
  since: item.since as number | null,
  revision: Number(item.revision),
});

/** A bus that is away for long must not make the item grow: then the oldest changes are told by the newer ones' `from`. */
const mostUnsent = 20;

/** Writes the next version with its event, if it has one; undefined when somebody else wrote meanwhile. */
export const writeStatus = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  deploymentId: string,
  previous: StoredStatus | undefined,
  next: {
    readonly record: StatusRecord;
    readonly event: HomeostatEvent | undefined;
    /** A deployment without any check needs no item for long. */
    readonly isEmpty: boolean;
  },
  write: { readonly attempt: string; readonly now: number },
): Promise<Pending | undefined> => {
  const key = deploymentStatusKey(deploymentId);
  const { record, event, isEmpty } = next;
  const unsent = previous?.unsent ?? [];
  const outbox = event ? [...unsent, event].slice(-mostUnsent) : unsent;
  const written = await writeVersion(state, {
    key,
    expected: previous?.record.revision,
    fields: {
      ...record,
      ...(event && { ...withEvent(key, [], event, write.now), outbox: asValue(outbox) }),
      expiresAt: isEmpty ? Math.floor(write.now / 1000) + tombstoneSeconds : undefined,
    },
    ...write,
  });
  return written === 'written' ? { key, revision: record.revision, outbox } : undefined;
};

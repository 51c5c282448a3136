import { recorded } from '../audit/index.ts';
import type { CreateRequest } from '../catalog/index.ts';
import { type Reach, reaches } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import type { AuditAction, HomeostatEvent } from '../platform/events.ts';
import {
  asValue,
  type Pending,
  tombstoneSeconds,
  unsentOf,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import type { Item, Table, Value } from '../storage/table.ts';
import { type CheckRecord, checkBucketOf, checkBuckets, checkKey, deploymentPrefixOf } from './check.ts';
import type { KnownCheck } from './decide.ts';
import { shownOf } from './written.ts';

/** A check's item: its record, the request that made it, and the events not published yet. */
export type StoredCheck = KnownCheck & { readonly unsent: readonly HomeostatEvent[] };

export const toCheckRecord = (item: Item): CheckRecord => {
  const { id, accountId, region, location, definition, revision, managedBy, createdAt, updatedAt } =
    item as unknown as CheckRecord;
  const { deletedAt, pausedAt, placements = [] } = item as unknown as Partial<CheckRecord>;
  return {
    id,
    accountId,
    region,
    location,
    definition,
    revision,
    managedBy,
    createdAt,
    updatedAt,
    placements,
    ...(deletedAt !== undefined && { deletedAt }),
    ...(pausedAt !== undefined && { pausedAt }),
  };
};

/** Also what was removed a short while ago, for its revision goes on. */
export const loadCheck = async (
  state: Pick<Table, 'get'>,
  checkId: string,
): Promise<StoredCheck | undefined> => {
  const item = await state.get(checkKey(checkId), { consistent: true });
  if (!item) return undefined;
  const request = item.request as CreateRequest | undefined;
  return { record: toCheckRecord(item), unsent: unsentOf(item), ...(request && { request }) };
};

/** The live check within reach. Throws NOT_FOUND alike for what is not there and what is out of reach. */
export const requireCheck = async (
  state: Pick<Table, 'get'>,
  checkId: string,
  reach: Reach,
): Promise<StoredCheck> => {
  const stored = await loadCheck(state, checkId);
  if (
    !stored ||
    stored.record.deletedAt !== undefined ||
    !reaches(reach, stored.record.definition.deploymentId)
  ) {
    throw noCheck();
  }
  return stored;
};

/** The same for what is not there, out of reach, or not public. */
export const noCheck = (): DomainError =>
  new DomainError(
    'NOT_FOUND',
    'There is no such check, or the token does not reach it. List what it reaches at GET /api/v1/monitoring/health-checks.',
  );

/**
 * Writes the next version of a check with its event; undefined when somebody else wrote meanwhile. Placements
 * are not among the written fields once the item exists, nor is the pace: the projector writes them at any time between.
 */
export const writeCheck = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  previous: StoredCheck | undefined,
  next: {
    readonly record: CheckRecord;
    readonly change: Change;
    readonly request?: CreateRequest | undefined;
    readonly written: Written;
  },
  attempt: string,
): Promise<Pending | undefined> => {
  const { record, change } = next;
  const key = checkKey(record.id);
  const events = [changed(record, change), audited(previous?.record, record, next.written)];
  const outbox = withEvent(key, previous?.unsent ?? [], events, record.updatedAt);
  const { placements, pace: _projectors, ...fields } = record;
  const written = await writeVersion(state, {
    key,
    expected: previous?.record.revision,
    fields: {
      ...fields,
      definition: fields.definition as unknown as Value,
      ...(previous === undefined && { placements: placements as unknown as Value }),
      request: next.request ?? (change === 'created' ? undefined : previous?.request),
      pausedAt: record.pausedAt,
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

type Change = 'created' | 'updated' | 'removed';

/** Who writes, and what people call that. */
export type Written = { readonly by: string; readonly action: AuditAction };

const audited = (previous: CheckRecord | undefined, record: CheckRecord, written: Written): HomeostatEvent =>
  recorded(
    {
      ...written,
      kind: 'check',
      subjectId: record.id,
      name: record.definition.name,
      deploymentId: record.definition.deploymentId,
      before: sideOf(previous),
      after: sideOf(record),
    },
    { id: `audit:check:${record.id}@${record.revision}`, at: record.updatedAt, place: record },
  );

const sideOf = (record: CheckRecord | undefined) =>
  record === undefined || record.deletedAt !== undefined
    ? null
    : {
        ...shownOf(record.definition),
        isPaused: record.pausedAt !== undefined,
        managedBy: record.managedBy,
      };

const changed = (record: CheckRecord, change: Change): HomeostatEvent => ({
  type: 'check.changed',
  detail: {
    id: `check:${record.id}@${record.revision}`,
    at: toIso(record.updatedAt),
    accountId: record.accountId,
    region: record.region,
    checkId: record.id,
    deploymentId: record.definition.deploymentId,
    name: record.definition.name,
    revision: record.revision,
    change,
  },
});

/** Which parts of the registry to read: whole buckets, or within a bucket one deployment's checks. */
type Range = { readonly bucket: number; readonly prefix: string };

const rangesOf = (reach: Reach): readonly Range[] => {
  const ranges =
    reach === '*'
      ? Array.from({ length: checkBuckets }, (_, bucket) => ({ bucket, prefix: '' }))
      : [...new Set(reach.map(deploymentPrefixOf))].map((prefix) => ({
          bucket: checkBucketOf(prefix),
          prefix,
        }));
  return ranges.sort((left, right) => left.bucket - right.bucket || (left.prefix < right.prefix ? -1 : 1));
};

const recordsPerQuery = 100;

/**
 * All live checks of the deployments in `reach`, always in the same order (bucket, then id), in batches. `after` is
 * the id to go on behind; it need not exist any more. `consistent` also sees what was written a moment ago.
 */
export async function* checksIn(
  state: Pick<Table, 'query'>,
  reach: Reach,
  { after, consistent = false }: { readonly after?: string | undefined; readonly consistent?: boolean } = {},
): AsyncGenerator<readonly CheckRecord[]> {
  const position = after === undefined ? undefined : { bucket: checkBucketOf(after), id: after };
  for (const { bucket, prefix } of rangesOf(reach)) {
    let from: string | undefined;
    if (position && bucket < position.bucket) continue;
    if (position && bucket === position.bucket) {
      const mine = position.id.startsWith(prefix);
      if (!mine && prefix < position.id) continue;
      if (mine) from = position.id;
    }
    do {
      const page = await state.query({
        pk: `CHECKS#${bucket}`,
        limit: recordsPerQuery,
        ...(prefix !== '' && { beginsWith: prefix }),
        ...(from !== undefined && { after: from }),
        consistent,
      });
      // A prefix of a hash can belong to two deployments: only the record itself says whose it is.
      const live = page.items
        .map(toCheckRecord)
        .filter((record) => record.deletedAt === undefined && reaches(reach, record.definition.deploymentId));
      if (live.length > 0) yield live;
      from = page.next;
    } while (from !== undefined);
  }
}

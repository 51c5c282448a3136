import { type Reach, reaches } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import { type AuditRecord, auditOf, dayOf, keptDays, positionOf, toAuditRecord } from './store.ts';

export type AuditFilter = {
  readonly by?: string | undefined;
  readonly kind?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly deploymentId?: string | undefined;
};

export type AuditWanted = {
  readonly reach: Reach;
  readonly filter: AuditFilter;
  /** Epoch ms, both inclusive. */
  readonly fromAt: number;
  readonly toAt: number;
  readonly limit: number;
  /** Where the page before ended: only what lies before it is listed. */
  readonly before?: string | undefined;
};

export type AuditPage = { readonly records: readonly AuditRecord[]; readonly next: string | undefined };

/** One answer looks at no more writes and days than these, however few of them pass the filter. */
const mostLookedAt = 2000;
const mostDays = 31;
const recordsPerQuery = 200;
const dayMs = 86_400_000;

/** Behind every write of the instant: ids are letters, digits and punctuation below `~`. */
const endOf = (at: string): string => `${at}#~`;

/** Writes within reach that pass the filter, newest first. `before` and `next` are positions. */
export const listAudit = async (
  state: Pick<Table, 'query'>,
  now: number,
  wanted: AuditWanted,
): Promise<AuditPage> => {
  const fromAt = Math.max(wanted.fromAt, now - keptDays * dayMs);
  // A clock of another function may be a little ahead.
  const newest = endOf(toIso(Math.min(wanted.toAt, now + dayMs)));
  let before = wanted.before !== undefined && wanted.before < newest ? wanted.before : newest;
  const from = toIso(fromAt);
  const found: AuditRecord[] = [];
  let lookedAt = 0;
  for (let days = 0; before >= from; days++) {
    if (days === mostDays || lookedAt >= mostLookedAt) return { records: found, next: before };
    const day = dayOf(before);
    let after: string | undefined = before;
    while (after !== undefined) {
      const page = await auditOf(state, day, { before: after, limit: recordsPerQuery });
      for (const record of page.items.map(toAuditRecord)) {
        if (record.at < from) return { records: found, next: undefined };
        if (!passes(record, wanted)) continue;
        // Only one more match proves that there is a next page.
        const last = found.at(-1);
        if (last && found.length === wanted.limit) return { records: found, next: positionOf(last) };
        found.push(record);
      }
      lookedAt += page.items.length;
      after = page.next;
      if (after !== undefined && lookedAt >= mostLookedAt) return { records: found, next: after };
    }
    before = endOf(`${dayOf(toIso(Date.parse(`${day}T00:00:00.000Z`) - dayMs))}T23:59:59.999Z`);
  }
  return { records: found, next: undefined };
};

const passes = (record: AuditRecord, { reach, filter }: AuditWanted): boolean => {
  if (reach !== '*' && (record.deploymentId === null || !reaches(reach, record.deploymentId))) return false;
  return (['by', 'kind', 'subjectId', 'deploymentId'] as const).every(
    (field) => filter[field] === undefined || record[field] === filter[field],
  );
};

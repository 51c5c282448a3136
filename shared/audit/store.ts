import { noteAudit } from '../changes/index.ts';
import type { EventDetails, HomeostatEvent } from '../platform/events.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Page, Table, Value } from '../storage/table.ts';

/**
 * Keys in `state`:
 *
 * | who asks  | question                     | access                                                 |
 * |-----------|------------------------------|--------------------------------------------------------|
 * | evaluator | keep one write, once         | put `AUDIT#<yyyy-mm-dd>` / `<at>#<event id>` if absent |
 * | api       | what was written, newest first | query `AUDIT#<yyyy-mm-dd>` descending, day by day      |
 */
export type AuditRecord = EventDetails['audit.recorded'];

/** As long as the longest rollups. */
export const keptDays = 400;

export const dayOf = (at: string): string => at.slice(0, 10);
/** ISO 8601 sorts as the instants do. The id tells writes of one millisecond apart. */
export const positionOf = ({ at, id }: Pick<AuditRecord, 'at' | 'id'>): string => `${at}#${id}`;

/**
 * Keeps what an `audit.recorded` event tells, and tells those who show such things; again it changes nothing. Any other
 * event is refused.
 */
export const keepAudit = async (state: Pick<Table, 'put'>, event: HomeostatEvent): Promise<void> => {
  if (event.type !== 'audit.recorded') throw new Error(`${event.type} is no write that the audit keeps`);
  const { detail } = event;
  const item: Item = {
    pk: `AUDIT#${dayOf(detail.at)}`,
    sk: positionOf(detail),
    v: 1,
    ...(detail as unknown as Readonly<Record<string, Value>>),
    expiresAt: Math.floor(Date.parse(detail.at) / 1000) + keptDays * 86_400,
  };
  try {
    await state.put(item, { absent: true });
    await noteAudit(state, detail);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Its note may never have been written. The same note again would hide what was noted since from who saw it before.
    await noteAudit(state, { ...detail, id: `${detail.id} again` });
  }
};

export const toAuditRecord = (item: Item): AuditRecord => {
  const { pk: _pk, sk: _sk, v: _v, expiresAt: _expiresAt, ...detail } = item;
  return detail as unknown as AuditRecord;
};

/** One day's writes, newest first, before a position. */
export const auditOf = (
  state: Pick<Table, 'query'>,
  day: string,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<Page> =>
  state.query({
    pk: `AUDIT#${day}`,
    descending: true,
    limit,
    ...(before !== undefined && { after: before }),
  });

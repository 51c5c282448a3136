import { canonicalJson } from '../platform/api/canonical.ts';
import { toIso } from '../platform/clock.ts';
import { sha256 } from '../platform/ids.ts';
import { ConditionFailed, type Key, type Table } from '../storage/index.ts';
import { expiresAtOf, logPrefix, runKey } from './record.ts';
import type { LogEntry } from './remediation.ts';

/** What happens within one millisecond is told in this order. */
const order: readonly LogEntry['kind'][] = [
  'planned',
  'asked',
  'approved',
  'rejected',
  'held',
  'started',
  'call',
  'applied',
  'not_applied',
  'verified',
  'not_verified',
  'retry',
  'cancelled',
  'ended',
];

/** An entry's place says what it is, so that keeping it again changes nothing. `no` tells equal calls of one millisecond apart. */
const keyOf = (planHash: string, entry: LogEntry, no: number): Key => {
  const rank = String(order.indexOf(entry.kind)).padStart(2, '0');
  const n = `${String(no).padStart(6, '0')}-${sha256(canonicalJson(entry)).slice(0, 8)}`;
  return {
    pk: runKey(planHash).pk,
    sk: `${logPrefix}${toIso(entry.at)}#${rank}-${entry.kind}#${n}`,
  };
};

/** Keeps an entry of the record if it is not there: nothing that was kept is ever written again. */
export const keepEntry = async (
  state: Pick<Table, 'put'>,
  planHash: string,
  entry: LogEntry,
  no = 0,
): Promise<void> => {
  const item = {
    ...keyOf(planHash, entry, no),
    v: 1,
    entry: JSON.stringify(entry),
    expiresAt: expiresAtOf(entry.at),
  };
  try {
    await state.put(item, { absent: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

export const keepEntries = async (
  state: Pick<Table, 'put'>,
  planHash: string,
  entries: readonly LogEntry[],
): Promise<void> => {
  for (const [no, entry] of entries.entries()) await keepEntry(state, planHash, entry, no);
};

export type LogPage = { readonly entries: readonly LogEntry[]; readonly next: string | undefined };

/** The record, oldest first. `cursor` is the `next` of the page before. */
export const readLog = async (
  state: Pick<Table, 'query'>,
  planHash: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<LogPage> => {
  const page = await state.query({
    pk: runKey(planHash).pk,
    beginsWith: logPrefix,
    limit,
    ...(cursor !== undefined && { after: cursor }),
  });
  return {
    entries: page.items.map(({ entry }) => JSON.parse(String(entry)) as LogEntry),
    next: page.next,
  };
};

export const isLogCursor = (text: string): boolean =>
  /^LOG#[0-9TZ:.-]{24}#\d\d-[a-z_]+#\d{6}-[0-9a-f]{8}$/.test(text);

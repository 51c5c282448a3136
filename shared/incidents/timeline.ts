import { instantIn, sortable } from '../alerting/index.ts';
import type { Item, Table } from '../storage/index.ts';
import { ConditionFailed } from '../storage/index.ts';
import { keptSeconds } from './incident.ts';

export const entryKinds = [
  'opened',
  'joined',
  'cleared',
  'held',
  'told',
  'untold',
  'acknowledged',
  'unacknowledged',
  'commented',
  // The same, written for the public: the one kind of entry that a status page shows.
  'published',
  'escalated',
  'flapping',
  'reopened',
  'resolved',
  'remediation',
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** One thing that happened to an incident. Its id is made from the version that decided it, so that it is kept once. */
export type TimelineEntry = {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: EntryKind;
  /** A sentence. */
  readonly text: string;
  /** Who did it; null: Homeostat. */
  readonly by: string | null;
  /** Channels (ids) that are told of it. */
  readonly channels?: readonly string[] | undefined;
  readonly alertId?: string | undefined;
};

export type TimelinePage = { readonly entries: readonly TimelineEntry[]; readonly next: string | undefined };

const prefix = 'T#';
const pkOf = (incidentId: string): string => `INC#${incidentId}`;

/** Keeps an entry. Once more changes nothing. */
export const keepEntry = async (
  state: Pick<Table, 'put'>,
  incidentId: string,
  entry: TimelineEntry,
): Promise<void> => {
  const key = { pk: pkOf(incidentId), sk: `${prefix}${sortable(entry.at)}#${entry.id}` };
  const expiresAt = Math.floor(entry.at / 1000) + keptSeconds;
  try {
    await state.put({ ...key, v: 1, ...entry, expiresAt }, { absent: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** What happened, oldest first unless `newestFirst`; `after` is what the page before gave as `next`. */
export const readTimeline = async (
  state: Pick<Table, 'query'>,
  incidentId: string,
  page: {
    readonly limit?: number | undefined;
    readonly after?: string | undefined;
    readonly newestFirst?: boolean;
  } = {},
): Promise<TimelinePage> => {
  const { items, next } = await state.query({
    pk: pkOf(incidentId),
    beginsWith: prefix,
    limit: page.limit ?? 100,
    ...(page.newestFirst && { descending: true }),
    ...(page.after !== undefined && { after: `${prefix}${page.after}` }),
  });
  return { entries: items.map(fromItem), next: next?.slice(prefix.length) };
};

const fromItem = (item: Item): TimelineEntry => ({
  id: String(item.id),
  at: instantIn(item.sk.slice(prefix.length)),
  kind: item.kind as EntryKind,
  text: String(item.text),
  by: item.by === null || item.by === undefined ? null : String(item.by),
  ...(Array.isArray(item.channels) && { channels: item.channels as readonly string[] }),
  ...(item.alertId !== undefined && { alertId: String(item.alertId) }),
});

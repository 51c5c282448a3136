import type { Incident, TimelineEntry } from '../../incidents/index.ts';
import { sha256 } from '../../platform/ids.ts';
import type { IncidentState, PublicIncident, Update } from './page-model.ts';

/** What our own updates say, the same of every incident: nothing of what is behind it. */
const sentences = {
  investigating: 'We are investigating.',
  back: 'The problem is back. We are investigating.',
  identified: 'We are on it.',
  resolved: 'This incident is resolved.',
} as const;

const hashOf = (...parts: readonly string[]): string => sha256(parts.join('\n')).slice(0, 16);

const titleOf = (affected: readonly { readonly label: string; readonly isDown: boolean }[]): string => {
  const [first] = affected;
  if (first === undefined) return '';
  if (affected.length > 1) return `Several systems are affected (${affected.length})`;
  return `${first.label} is ${first.isDown ? 'down' : 'degraded'}`;
};

/**
 * What the public may know of an incident: which of the page's systems it affects, by their labels, when, and what was
 * published. Undefined where it affects none. For the public it ends when all of them are well again, whatever goes on
 * elsewhere.
 */
export const publicIncident = (
  incident: Pick<Incident, 'id' | 'status' | 'resolvedAt' | 'acknowledgedAt' | 'affected'>,
  entries: readonly TimelineEntry[],
  page: { readonly slug: string; readonly labels: ReadonlyMap<string, string> },
): PublicIncident | undefined => {
  const affected = Object.entries(incident.affected ?? {}).flatMap(([checkId, one]) => {
    const label = page.labels.get(checkId);
    return label === undefined ? [] : [{ ...one, label }];
  });
  if (affected.length === 0) return undefined;
  const startedAt = Math.min(...affected.map(({ at }) => at));
  const ends = affected.map(({ clearedAt }) => clearedAt ?? incident.resolvedAt);
  const resolvedAt = ends.includes(undefined)
    ? undefined
    : Math.max(startedAt, ...ends.filter((at) => at !== undefined));
  const updates = updatesOf(entries, { startedAt, resolvedAt });
  return {
    id: hashOf(page.slug, incident.id),
    title: titleOf(affected),
    state: updates.findLast(({ state }) => state !== undefined)?.state ?? 'investigating',
    startedAt,
    ...(resolvedAt !== undefined && { resolvedAt }),
    components: affected.map(({ label }) => label),
    updates: updates
      .map((update) => ({ ...update, id: hashOf(page.slug, incident.id, update.id) }))
      .reverse(),
  };
};

type Span = { readonly startedAt: number; readonly resolvedAt: number | undefined };

/** Oldest first. A state that it has already is not told again. */
const updatesOf = (entries: readonly TimelineEntry[], span: Span): readonly Update[] => {
  const end = span.resolvedAt ?? Number.POSITIVE_INFINITY;
  const told = [...entries].flatMap((entry) => ownUpdate(entry, span.startedAt, end));
  const all: Update[] = [
    { id: 'start', at: span.startedAt, state: 'investigating', text: sentences.investigating },
    ...told,
    ...(span.resolvedAt === undefined
      ? []
      : [{ id: 'end', at: span.resolvedAt, state: 'resolved' as const, text: sentences.resolved }]),
  ];
  const rank = ({ id }: Update): number => (id === 'start' ? 0 : id === 'end' ? 2 : 1);
  const sorted = all.sort((one, other) => one.at - other.at || rank(one) - rank(other));
  let stands: IncidentState | undefined;
  return sorted.filter(({ state }) => {
    if (state === undefined) return true;
    const isNews = state !== stands;
    stands = state;
    return isNews;
  });
};

/** Of the timeline only what is listed here is ever public; of what people wrote only what they published. */
const ownUpdate = ({ id, at, kind, text }: TimelineEntry, from: number, end: number): readonly Update[] => {
  // Published before the first of the page's own systems was affected, it belongs to what led to it.
  if (kind === 'published') return [{ id, at, text }];
  if (at >= end) return [];
  switch (kind) {
    case 'acknowledged':
      return [{ id, at: Math.max(at, from), state: 'identified', text: sentences.identified }];
    case 'resolved':
      return at > from ? [{ id, at, state: 'resolved', text: sentences.resolved }] : [];
    case 'reopened':
      return at > from ? [{ id, at, state: 'investigating', text: sentences.back }] : [];
    default:
      return [];
  }
};

import { type Reach, reachesHome } from '../platform/api/caller.ts';
import { dayMs, type Period } from '../platform/api/period.ts';
import { DomainError } from '../platform/errors.ts';
import type { Severity } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import { eventKey, instantIn, sortable } from './alert.ts';
import { type AlertEvent, fromEventItem } from './events-store.ts';

export type EventFilter = {
  readonly ruleId?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly state?: 'firing' | 'resolved' | undefined;
};

export const eventIdPattern = /^[0-9a-z]{9}-[0-9a-f]{24}$/;
/** An event's id, or only its instant where a page ended between two days. */
const positionPattern = /^[0-9a-z]{9}(?:-[0-9a-f]{24})?$/;

/** One answer makes no more queries than this, however few events pass the filter or how empty the days are. */
const mostQueries = 40;
const eventsPerQuery = 200;
/** No event is kept longer, whatever the stack says; earlier days are empty without asking. */
const mostDays = 400;

/**
 * Episodes within reach that began in the period and pass the filter, newest first. A page may hold fewer than `limit`,
 * or none, and still have a next.
 */
export const listEvents = async (
  state: Pick<Table, 'query'>,
  wanted: {
    readonly reach: Reach;
    readonly filter: EventFilter;
    readonly period: Period;
    readonly limit: number;
    readonly now: number;
  },
): Promise<{ readonly events: readonly AlertEvent[]; readonly next: string | undefined }> => {
  const { reach, filter, period, limit, now } = wanted;
  const fromAt = Math.max(period.from, now - mostDays * dayMs);
  const found: AlertEvent[] = [];
  let before = positionOf(period, now);
  for (let queries = 0; queries < mostQueries; queries++) {
    const day = Math.floor((instantIn(before) - (isBetweenDays(before) ? 1 : 0)) / dayMs) * dayMs;
    if (day + dayMs <= fromAt) return { events: found, next: undefined };
    const page = await state.query({
      pk: eventKey(sortable(day)).pk,
      from: sortable(Math.max(day, fromAt)),
      to: before,
      descending: true,
      limit: eventsPerQuery,
    });
    for (const item of page.items) {
      if (item.sk === before) continue;
      const event = fromEventItem(item);
      if (!reachesHome(reach, event.deploymentId) || !passes(event, filter)) continue;
      // Only one more match proves that there is a next page.
      if (found.length === limit) return { events: found, next: found.at(-1)?.id };
      found.push(event);
    }
    before = page.next ?? sortable(day);
  }
  return { events: found, next: before };
};

/** A mark at the beginning of a day means: nothing of that day any more. */
const isBetweenDays = (position: string): boolean =>
  !position.includes('-') && instantIn(position) % dayMs === 0;

/** Behind it the listing goes on: an event's id, or an instant as a position of its own. */
const positionOf = ({ to, cursor }: Period, now: number): string => {
  if (cursor === undefined) return sortable(Math.min(to, now) + 1);
  if (positionPattern.test(cursor)) return cursor < sortable(now + 1) ? cursor : sortable(now + 1);
  throw new DomainError('MALFORMED_REQUEST', 'The cursor is not one that this listing gave.', [
    { path: 'cursor', message: 'Give the `next` of the page before, unchanged, or leave it out.' },
  ]);
};

const passes = (event: AlertEvent, { ruleId, severity, state }: EventFilter): boolean =>
  (ruleId === undefined || event.ruleId === ruleId) &&
  (severity === undefined || event.severity === severity) &&
  (state === undefined || event.state === state);

/** The episode within reach. Throws NOT_FOUND alike for what is not there and what is out of reach. */
export const requireEvent = async (
  state: Pick<Table, 'get'>,
  eventId: string,
  reach: Reach,
): Promise<AlertEvent> => {
  const item = await state.get(eventKey(eventId), { consistent: true });
  const event = item && fromEventItem(item);
  if (!event || !reachesHome(reach, event.deploymentId)) {
    throw new DomainError(
      'NOT_FOUND',
      'There is no such event, or the token does not reach it. List what it reaches at GET /api/v1/monitoring/alerts/events.',
    );
  }
  return event;
};

import { DomainError } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import type { CheckRecord, CheckResult, Placement } from './check.ts';
import { planKey, resultsBetween } from './keys.ts';
import { fromResultsItem, type Results, type Seen, toCheckResult } from './slot-results.ts';

export type ResultsAsked = {
  /** Epoch ms, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** What `next` of the page before gave. */
  readonly cursor?: string;
};

/** One call reads at most so many pages, however few results of the check they hold: the caller asks on. */
const maximumPages = 10;

/** The results of one check, newest first, through all shards it has been in. `next` is there while more may come. */
export const readResults = async (
  telemetry: Pick<Table, 'query'>,
  check: CheckRecord,
  asked: ResultsAsked,
): Promise<{ results: CheckResult[]; next?: string }> => {
  const start = positionOf(check, asked.cursor);
  const results: CheckResult[] = [];
  let pages = 0;
  for (let at = start.at; at < check.placements.length; at++) {
    const place = check.placements[at] as Placement;
    let after = at === start.at ? start.after : undefined;
    const range = rangeIn(check, at, asked);
    if (range.from > range.to) continue;
    const bounds = resultsBetween(range.from, range.to);
    // DynamoDB refuses to go on from outside the asked range, where a made-up cursor or a check that moved can point.
    if (after !== undefined && after < bounds.from) continue;
    if (after !== undefined && after > bounds.to) after = undefined;
    do {
      if (results.length >= asked.limit || pages >= maximumPages) {
        return { results, next: cursorOf(place, after) };
      }
      const page = await telemetry.query({
        pk: planKey(place.shard).pk,
        ...bounds,
        limit: asked.limit - results.length,
        descending: true,
        ...(after !== undefined && { after }),
      });
      pages++;
      for (const item of page.items) {
        const slot = fromResultsItem(place.shard, item);
        const seen = slot.seen.find((one) => one.no === place.no);
        if (seen) results.push(toRunResult(slot, seen));
      }
      after = page.next;
    } while (after !== undefined);
  }
  return { results };
};

/**
 * The instants in which a placement can have results: from one interval before it was made (the slot that was
 * running then) until one interval after the next was.
 */
const rangeIn = (
  check: CheckRecord,
  at: number,
  { from, to }: ResultsAsked,
): { from: number; to: number } => {
  const slackMs = check.definition.intervalSeconds * 1000;
  const place = check.placements[at];
  const next = check.placements[at - 1];
  return {
    from: Math.max(from, (place?.placedAt ?? 0) - slackMs),
    to: next ? Math.min(to, next.placedAt + slackMs) : to,
  };
};

/** A cursor names shard and number, not a position, for the list of placements may grow between two pages. */
const cursorOf = (place: Placement, after: string | undefined): string =>
  `${place.shard}/${place.no}/${after ?? ''}`;

const positionOf = (
  check: CheckRecord,
  cursor: string | undefined,
): { at: number; after: string | undefined } => {
  if (cursor === undefined) return { at: 0, after: undefined };
  const [shard, no, after] = cursor.split('/');
  const at = check.placements.findIndex((place) => place.shard === shard && String(place.no) === no);
  if (at < 0 || after === undefined) {
    throw new DomainError('VALIDATION_ERROR', 'The cursor is not one of this list. Start again without it.', [
      { path: 'cursor', message: 'Leave it out, or give the one of the page before.' },
    ]);
  }
  return { at, after: after === '' ? undefined : after };
};

/** The result of one check as history shows it, with the run that was asked for. */
export const toRunResult = ({ at, runId }: Pick<Results, 'at' | 'runId'>, seen: Seen): CheckResult => ({
  ...toCheckResult(at, seen),
  ...(runId !== undefined && { runId }),
});

import type { Item, Table } from '../storage/table.ts';
import { hoursBetween, planKey, resultsBetween } from './keys.ts';
import { addSeconds, type SecondsByNo, secondsOfHourItem, secondsOfResults } from './rollup/hour-seconds.ts';
import { hourMs, hourOf, settleMs } from './rollup/periods.ts';
import { fromProgressItem } from './rollup/progress.ts';
import { fromResultsItem } from './slot-results.ts';

type Telemetry = Pick<Table, 'query'>;
type Hours = ReadonlyMap<number, SecondsByNo>;

/** What a process knows of a shard's last hours. What is summed up, or settled, never changes again. */
type Known = {
  readonly readAt: number;
  /** Every hour summed up that begins before this is in `made`. */
  readonly madeUntil: number;
  readonly made: Hours;
  /** From the results of the hours not summed up yet: those before `settledUntil`, and those since. */
  readonly settledUntil: number;
  readonly settled: Hours;
  readonly fresh: Hours;
};

/** The running hour may be told so much late. */
const freshMs = 60_000;
/** While rollups stand still the answer must not become dearer with each hour; as with uptime, older ones are missing. */
const mostHoursOfResults = 6;
/** With 26 hours of a hundred checks each some 20 MB. */
const mostShards = 100;
const memories = new WeakMap<Telemetry, Map<string, Known>>();

/**
 * How long each check of a shard was what in each hour since `from` (a full hour, epoch ms), by hour and by the check's
 * number. A process that asked within the last minute reads nothing, and after that only what came since.
 */
export const readStripHours = async (
  telemetry: Telemetry,
  shard: string,
  {
    from,
    now,
    progress,
  }: { readonly from: number; readonly now: number; readonly progress: Item | undefined },
): Promise<Hours> => {
  const memory = memories.get(telemetry) ?? new Map<string, Known>();
  memories.set(telemetry, memory);
  const known = memory.get(shard);
  const next =
    known && now >= known.readAt && now - known.readAt < freshMs
      ? known
      : await readOn(telemetry, shard, known, {
          from,
          now,
          madeUntil: fromProgressItem(progress).hoursUntil,
        });
  memory.delete(shard);
  const [oldest] = memory.keys();
  if (memory.size >= mostShards && oldest !== undefined) memory.delete(oldest);
  memory.set(shard, next);
  // An hour may be made a moment before it is noted: its results must not count twice.
  return new Map([...merged(next.settled, next.fresh), ...next.made]);
};

export const isFresh = (telemetry: Telemetry, shard: string, now: number): boolean => {
  const readAt = memories.get(telemetry)?.get(shard)?.readAt;
  return readAt !== undefined && now >= readAt && now - readAt < freshMs;
};

const readOn = async (
  telemetry: Telemetry,
  shard: string,
  known: Known | undefined,
  { from, now, madeUntil }: { readonly from: number; readonly now: number; readonly madeUntil: number },
): Promise<Known> => {
  const { pk } = planKey(shard);
  const madeFrom = Math.max(from, known?.madeUntil ?? 0);
  const resultsFrom = Math.max(
    from,
    madeUntil,
    hourOf(now) - mostHoursOfResults * hourMs,
    known?.settledUntil ?? 0,
  );
  const settledUntil = Math.max(known?.settledUntil ?? 0, now - settleMs);
  const [hourItems, resultItems] = await Promise.all([
    madeFrom > now ? [] : readAll(telemetry, pk, hoursBetween(madeFrom, now + 1)),
    readAll(telemetry, pk, resultsBetween(resultsFrom, now)),
  ]);
  const made = new Map([
    ...since(known?.made, from),
    ...hourItems.map((item) => [Number(item.hourAt), secondsOfHourItem(shard, item)] as const),
  ]);
  const results = resultItems.map((item) => fromResultsItem(shard, item));
  const settledNow = results.filter(({ at }) => at < settledUntil);
  return {
    readAt: now,
    madeUntil,
    made,
    settledUntil,
    settled: merged(
      new Map(since(known?.settled, Math.max(from, madeUntil))),
      secondsOfResults(shard, settledNow),
    ),
    fresh: secondsOfResults(
      shard,
      results.filter(({ at }) => at >= settledUntil),
    ),
  };
};

const since = (hours: Hours | undefined, from: number) =>
  [...(hours ?? [])].filter(([hourAt]) => hourAt >= from);

const merged = (one: Hours, other: Hours): Hours => {
  const all = new Map(one);
  for (const [hourAt, found] of other) {
    const hour = new Map(all.get(hourAt) ?? []);
    for (const [no, seconds] of found) hour.set(no, addSeconds(hour.get(no), seconds));
    all.set(hourAt, hour);
  }
  return all;
};

const readAll = async (
  telemetry: Telemetry,
  pk: string,
  bounds: { readonly from: string; readonly to: string },
): Promise<Item[]> => {
  const items: Item[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await telemetry.query({ pk, ...bounds, ...(after !== undefined && { after }) });
    items.push(...page.items);
    after = page.next;
  }
  return items;
};

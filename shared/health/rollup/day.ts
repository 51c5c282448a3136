import { ConditionFailed } from '../../storage/condition.ts';
import type { Item, Table } from '../../storage/table.ts';
import { dayKey } from '../keys.ts';
import { binsFromText, binsToText, noLatency } from './latency.ts';
import { mergeTallies, type Tally, tallied } from './tally.ts';

/** One check's day (UTC), from all the shards it was in. */
export type CheckDay = {
  readonly checkId: string;
  /** Epoch ms. */
  readonly dayAt: number;
  /** Grows with each write. */
  readonly version: number;
  /** The shards whose hours of this day are in it: none is added twice. */
  readonly shards: readonly string[];
  readonly tally: Tally;
};

const lifeSeconds = 400 * 86_400;

/** The day with a shard's part; undefined when the part is in it already. */
export const withPart = (
  day: CheckDay | undefined,
  part: { readonly checkId: string; readonly dayAt: number; readonly shard: string; readonly tally: Tally },
): CheckDay | undefined => {
  const { shard, tally, ...of } = part;
  if (day === undefined) return { ...of, version: 1, shards: [shard], tally };
  if (day.shards.includes(shard)) return undefined;
  return {
    ...of,
    version: day.version + 1,
    shards: [...day.shards, shard],
    tally: mergeTallies([day.tally, tally]),
  };
};

/** Numbers stand for themselves: a day is some 300 bytes, which compression would hardly make smaller. */
export const toDayItem = ({ checkId, dayAt, version, shards, tally }: CheckDay): Item => {
  const { count, sumMs, minMs, maxMs, bins } = tally.latency;
  return {
    ...dayKey(checkId, dayAt),
    v: 1,
    version,
    dayAt,
    shards,
    ...Object.fromEntries(
      tallied.flatMap((way) => (tally.seconds[way] > 0 ? [[way, tally.seconds[way]]] : [])),
    ),
    ...(count > 0 && { count, sumMs, minMs, maxMs, bins: binsToText(bins) }),
    expiresAt: Math.floor(dayAt / 1000) + lifeSeconds,
  };
};

export const fromDayItem = (checkId: string, item: Item): CheckDay => ({
  checkId,
  dayAt: Number(item.dayAt),
  version: Number(item.version),
  shards: item.shards as readonly string[],
  tally: {
    seconds: Object.fromEntries(tallied.map((way) => [way, Number(item[way] ?? 0)])) as Tally['seconds'],
    latency:
      item.count === undefined
        ? noLatency
        : {
            count: Number(item.count),
            sumMs: Number(item.sumMs),
            minMs: Number(item.minMs),
            maxMs: Number(item.maxMs),
            bins: binsFromText(String(item.bins)),
          },
  },
});

/** Two rollups may meet at one check that moved, hardly more: who loses reads again. */
const mostConflicts = 5;

/**
 * Adds a shard's part to a check's day unless it is in there. Nearly every day has one part, so the first try asks for
 * nothing. A write whose acknowledgement was lost finds its own part there and is content.
 */
export const addToDay = async (
  telemetry: Pick<Table, 'get' | 'put'>,
  part: { readonly checkId: string; readonly dayAt: number; readonly shard: string; readonly tally: Tally },
): Promise<void> => {
  const { checkId, dayAt } = part;
  let found: CheckDay | undefined;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const day = withPart(found, part);
    if (day === undefined) return;
    try {
      await telemetry.put(toDayItem(day), found ? { equals: { version: found.version } } : { absent: true });
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const item = await telemetry.get(dayKey(checkId, dayAt), { consistent: true });
      found = item && fromDayItem(checkId, item);
    }
  }
  throw new Error(
    `the day of ${checkId} changed under each of ${mostConflicts} writes: the next run tries again`,
  );
};

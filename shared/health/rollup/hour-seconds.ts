import type { Item } from '../../storage/table.ts';
import { fromDeltas, unpack } from '../packing.ts';
import { parseShardId } from '../shard.ts';
import type { Results } from '../slot-results.ts';
import { hourOf } from './periods.ts';
import { countsAs, noSeconds, type Tallied, tallied } from './tallied.ts';

/** How long a check was what in some time. */
export type Seconds = Readonly<Record<Tallied, number>>;

/** By the check's number in its shard. */
export type SecondsByNo = ReadonlyMap<number, Seconds>;

export const addSeconds = (one: Seconds | undefined, other: Seconds): Seconds => {
  if (one === undefined) return other;
  const sum = { ...noSeconds };
  for (const way of tallied) sum[way] = one[way] + other[way];
  return sum;
};

/** Of an hour's item what a strip needs: its sketches, the larger part, stay text. */
export const secondsOfHourItem = (shard: string, item: Item): SecondsByNo => {
  const { intervalSeconds } = parseShardId(shard);
  const { nos, slots } = unpack(item.packed) as {
    readonly nos: readonly number[];
    readonly slots: Partial<Record<Tallied, readonly number[] | undefined>>;
  };
  return new Map(
    fromDeltas(nos).map((no, at) => {
      const seconds = { ...noSeconds };
      for (const way of tallied) seconds[way] = (slots[way]?.[at] ?? 0) * intervalSeconds;
      return [no, seconds];
    }),
  );
};

/** The same from results, by the hour (epoch ms) they began in; what people had looked at between slots does not count. */
export const secondsOfResults = (shard: string, results: readonly Results[]): Map<number, SecondsByNo> => {
  const { intervalSeconds } = parseShardId(shard);
  const hours = new Map<number, Map<number, Record<Tallied, number>>>();
  for (const { at, runId, seen } of results) {
    if (runId !== undefined) continue;
    const hourAt = hourOf(at);
    const hour = hours.get(hourAt) ?? new Map<number, Record<Tallied, number>>();
    hours.set(hourAt, hour);
    for (const one of seen) {
      const seconds = hour.get(one.no) ?? { ...noSeconds };
      seconds[countsAs(one)] += intervalSeconds;
      hour.set(one.no, seconds);
    }
  }
  return hours;
};

import type { Item } from '../../storage/table.ts';
import { hourKey } from '../keys.ts';
import { column, fromDeltas, packTight, toDeltas, unpack } from '../packing.ts';
import { parseShardId } from '../shard.ts';
import type { Results } from '../slot-results.ts';
import { slotsBetween } from '../slots.ts';
import { binsFromText, binsToText, type Latency, noLatency } from './latency.ts';
import { hourMs } from './periods.ts';
import { noSeconds, type Tallied, type Tally, tallied, tallyOf } from './tally.ts';

/** One check's hour in a shard. `id` is null for a check that came and left between two rollups: nobody knows it now. */
export type CheckHour = { readonly no: number; readonly id: string | null; readonly tally: Tally };

/** What the checks of a shard saw in the hour that begins at `hourAt` (epoch ms); written once, never changed. */
export type ShardHour = {
  readonly shard: string;
  readonly hourAt: number;
  /** Ascending by `no`; a check without a look has no line. */
  readonly checks: readonly CheckHour[];
};

/** Sums the slots of one hour; what people had looked at between them (run now) is no slot and does not count. */
export const sumHour = (
  shard: string,
  hourAt: number,
  results: readonly Results[],
  ids: ReadonlyMap<number, string>,
): ShardHour => {
  const { intervalSeconds: seconds } = parseShardId(shard);
  const slots = results.filter((slot) => slot.runId === undefined);
  const byNo = Map.groupBy(
    slots.flatMap((slot) => slot.seen),
    (seen) => seen.no,
  );
  const checks = [...byNo]
    .sort(([left], [right]) => left - right)
    .map(([no, looks]) => ({
      no,
      id: ids.get(no) ?? null,
      tally: tallyOf(looks.map((seen) => ({ seen, seconds }))),
    }));
  return { shard, hourAt, checks };
};

type Columns = {
  nos: number[];
  ids: readonly (string | null)[];
  /** Slots, not seconds: mostly alike, and small. */
  slots: Partial<Record<Tallied, readonly number[] | undefined>>;
  latencies: readonly number[];
  sums: readonly number[];
  minimums: readonly (number | null)[] | undefined;
  maximums: readonly (number | null)[] | undefined;
  bins: readonly string[];
};

const lifeSeconds = 40 * 86_400;

export const toHourItem = ({ shard, hourAt, checks }: ShardHour): Item => {
  const { intervalSeconds } = parseShardId(shard);
  const latencies = checks.map(({ tally }) => tally.latency);
  const measured = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const columns: Columns = {
    nos: toDeltas(checks.map(({ no }) => no)),
    ids: checks.map(({ id }) => id),
    slots: Object.fromEntries(
      tallied.map((way) => [
        way,
        slotColumn(checks.map(({ tally }) => tally.seconds[way] / intervalSeconds)),
      ]),
    ),
    latencies: latencies.map(({ count }) => count),
    sums: latencies.map(({ sumMs }) => sumMs),
    minimums: column(latencies.map(({ minMs }) => measured(minMs))),
    maximums: column(latencies.map(({ maxMs }) => measured(maxMs))),
    bins: latencies.map(({ bins }) => binsToText(bins)),
  };
  return {
    ...hourKey(shard, hourAt),
    v: 1,
    hourAt,
    packed: packTight(columns),
    expiresAt: Math.floor(hourAt / 1000) + lifeSeconds,
  };
};

const slotColumn = (values: readonly number[]): readonly number[] | undefined =>
  values.every((value) => value === 0) ? undefined : values;

export const fromHourItem = (shard: string, item: Item): ShardHour => {
  const { intervalSeconds } = parseShardId(shard);
  const columns = unpack(item.packed) as Columns;
  const checks = fromDeltas(columns.nos).map((no, at) => ({
    no,
    id: columns.ids[at] ?? null,
    tally: {
      seconds: Object.fromEntries(
        tallied.map((way) => [way, (columns.slots[way]?.[at] ?? 0) * intervalSeconds]),
      ) as Tally['seconds'],
      latency: latencyAt(columns, at),
    },
  }));
  return { shard, hourAt: Number(item.hourAt), checks };
};

const latencyAt = (columns: Columns, at: number): Latency => ({
  count: columns.latencies[at] ?? 0,
  sumMs: columns.sums[at] ?? 0,
  minMs: columns.minimums?.[at] ?? noLatency.minMs,
  maxMs: columns.maximums?.[at] ?? noLatency.maxMs,
  bins: binsFromText(columns.bins[at] ?? ''),
});

/** Whether a look stands for time long after its hour is made: so it is with intervals of an hour and more. */
export const reachesOn = (shard: string): boolean => parseShardId(shard).intervalSeconds * 1000 >= hourMs;

/**
 * The tally of an hour, without the time after `endsAt` that its last look stands for: with an interval of a day, a look
 * of two hours ago tells of two hours. Shorter intervals hardly reach past the settling of their hour.
 */
export const upTo = (endsAt: number, shard: string, hourAt: number, tally: Tally): Tally => {
  const [slotAt] = slotsBetween(shard, hourAt, hourAt + hourMs);
  if (!reachesOn(shard) || slotAt === undefined) return tally;
  const passed = Math.min(parseShardId(shard).intervalSeconds, Math.max(0, (endsAt - slotAt) / 1000));
  const seconds = { ...noSeconds };
  for (const way of tallied) seconds[way] = Math.min(tally.seconds[way], passed);
  return { ...tally, seconds };
};

import type { Table } from '../storage/table.ts';
import type { CheckRecord } from './check.ts';
import { percentilesOf } from './rollup/latency.ts';
import { dayMs, dayOf, hourMs } from './rollup/periods.ts';
import { mergeTallies, noTally, type Tally } from './rollup/tally.ts';
import { startOf } from './uptime.ts';
import { type History, readHistory } from './uptime-history.ts';
import { percentOf } from './uptime-percent.ts';
import type { UptimePeriod } from './uptime-periods.ts';

type Told = Pick<CheckRecord, 'id' | 'createdAt' | 'placements'>;
type Telemetry = Pick<Table, 'query' | 'batchGet'>;

/** How a check was in one hour or day. */
export type HistoryPoint = {
  /** Epoch ms: when it begins. */
  readonly at: number;
  /** Null when nothing is known. */
  readonly uptimePercent: number | null;
  readonly downtimeSeconds: number;
  readonly maintenanceSeconds: number;
  /** Maintenance left out. */
  readonly knownSeconds: number;
  /** Milliseconds; null when nothing was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

export type Points = {
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
  readonly points: readonly HistoryPoint[];
};

const inHours: ReadonlySet<UptimePeriod> = new Set(['24h', '7d']);

/** How a check was until `now`, hour by hour up to 7 days and day by day beyond; oldest first, without gaps. */
export const readPoints = async (
  telemetry: Telemetry,
  check: Told,
  now: number,
  period: UptimePeriod,
): Promise<Points> => {
  const bucketMs = inHours.has(period) ? hourMs : dayMs;
  const begin = Math.min(startOf(period, check, now), now);
  const from = Math.floor(begin / bucketMs) * bucketMs;
  const talliesAt = await (bucketMs === hourMs ? hourTallies : dayTallies)(telemetry, check, now, from);
  return { from, to: now, bucketMs, points: pointsBetween(from, now, bucketMs, talliesAt) };
};

type Tallies = ReadonlyMap<number, readonly Tally[]>;

const hourTallies = async (
  telemetry: Telemetry,
  check: Told,
  now: number,
  from: number,
): Promise<Tallies> => {
  const { hours } = await readHistory(telemetry, check, now, { hoursFrom: from, daysFrom: undefined });
  return gathered(hours.map(({ hourAt, tally }) => ({ at: hourAt, tally })));
};

const dayTallies = async (telemetry: Telemetry, check: Told, now: number, from: number): Promise<Tallies> =>
  inDays(await readHistory(telemetry, check, now, { hoursFrom: now, daysFrom: from }));

/** An hour counts by its day once that is made with its shard's part. */
const inDays = ({ days, hours }: History): Tallies => {
  const made = new Set(days.flatMap((day) => day.shards.map((shard) => `${shard}@${day.dayAt}`)));
  return gathered([
    ...days.map(({ dayAt, tally }) => ({ at: dayAt, tally })),
    ...hours
      .map(({ shard, hourAt, tally }) => ({ shard, at: dayOf(hourAt), tally }))
      .filter(({ shard, at }) => !made.has(`${shard}@${at}`)),
  ]);
};

const gathered = (all: readonly { readonly at: number; readonly tally: Tally }[]): Tallies =>
  new Map([...Map.groupBy(all, ({ at }) => at)].map(([at, some]) => [at, some.map(({ tally }) => tally)]));

const pointsBetween = (from: number, to: number, bucketMs: number, tallies: Tallies): HistoryPoint[] => {
  const points: HistoryPoint[] = [];
  for (let at = from; at < to; at += bucketMs) {
    points.push(pointOf(at, mergeTallies(tallies.get(at) ?? [noTally]), Math.min(bucketMs, to - at)));
  }
  return points;
};

const pointOf = (at: number, { seconds, latency }: Tally, lengthMs: number): HistoryPoint => {
  const up = seconds.healthy + seconds.degraded;
  const known = up + seconds.unhealthy;
  const [p50 = null, p95 = null, p99 = null] = (percentilesOf(latency, [0.5, 0.95, 0.99]) ?? []).map(
    (value) => Math.round(value * 10) / 10,
  );
  // A look of a long interval stands for time that reaches past its bucket.
  const within = (value: number): number => Math.round(Math.min(value, lengthMs / 1000));
  return {
    at,
    uptimePercent: known > 0 ? percentOf(up / known) : null,
    downtimeSeconds: within(seconds.unhealthy),
    maintenanceSeconds: within(seconds.maintenance),
    knownSeconds: within(known),
    p50,
    p95,
    p99,
  };
};

/** One day (UTC) of a check, as status pages draw it. */
export type DayBar = Pick<
  HistoryPoint,
  'uptimePercent' | 'downtimeSeconds' | 'knownSeconds' | 'maintenanceSeconds'
> & {
  readonly dayAt: number;
};

/** So many days until today, oldest first; days from before the check was made are there, and nothing is known of them. */
export const dayBarsOf = async (
  telemetry: Telemetry,
  check: Told,
  now: number,
  days: number,
): Promise<DayBar[]> => {
  const from = dayOf(now) - (days - 1) * dayMs;
  const known = Math.min(now, Math.max(from, dayOf(check.createdAt)));
  const tallies = await dayTallies(telemetry, check, now, known);
  return pointsBetween(from, now, dayMs, tallies).map(
    ({ at: dayAt, uptimePercent, downtimeSeconds, knownSeconds, maintenanceSeconds }) => ({
      dayAt,
      uptimePercent,
      downtimeSeconds,
      knownSeconds,
      maintenanceSeconds,
    }),
  );
};

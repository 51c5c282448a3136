import type { CheckRecord } from './check.ts';
import { percentilesOf } from './rollup/latency.ts';
import { dayMs, dayOf, hourOf } from './rollup/periods.ts';
import { mergeTallies, type Tally } from './rollup/tally.ts';
import { parseShardId } from './shard.ts';
import { slotsBetween } from './slots.ts';
import { percentOf } from './uptime-percent.ts';
import { daysOf, type UptimePeriod } from './uptime-periods.ts';

export type Uptime = {
  readonly period: UptimePeriod;
  /** Epoch ms: since when it is told, never before the check was made. */
  readonly from: number;
  readonly to: number;
  /** Healthy and degraded of all time that is known, outside maintenance; null when nothing is known. */
  readonly uptimePercent: number | null;
  /** How much of the time in which a look was due, maintenance left out, is known; null while none was due. */
  readonly coveragePercent: number | null;
  readonly downtimeSeconds: number;
  readonly maintenanceSeconds: number;
  /** Of all looks that were answered; null when none was. */
  readonly responseTimeMs: {
    readonly average: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
  } | null;
};

type Told = Pick<CheckRecord, 'createdAt' | 'placements'>;

/** Where a period begins that ends now. */
export const startOf = (period: UptimePeriod, check: Pick<CheckRecord, 'createdAt'>, now: number): number => {
  const back = now - daysOf[period] * dayMs;
  return Math.max(check.createdAt, period === '24h' ? hourOf(back) : dayOf(back));
};

/** A slot's results are there only after its run: up to a minute of lateness, and the runner's own minute. */
const inFlightMs = 120_000;

/** A period's numbers, from all that was seen in it. */
export const uptimeOf = (period: UptimePeriod, check: Told, now: number, seen: readonly Tally[]): Uptime => {
  const from = startOf(period, check, now);
  const { seconds, latency } = mergeTallies(seen);
  const dueSeconds = Math.max(0, now - inFlightMs - firstDue(check, from)) / 1000;
  // A last look of a long interval, or an earlier shard's, may stand for time that is not the period's.
  const most = Math.max(0, now - from) / 1000;
  const up = seconds.healthy + seconds.degraded;
  const known = up + seconds.unhealthy;
  const expected = dueSeconds - seconds.maintenance;
  const [p50 = 0, p95 = 0, p99 = 0] = (percentilesOf(latency, [0.5, 0.95, 0.99]) ?? []).map(tenth);
  return {
    period,
    from,
    to: now,
    uptimePercent: known > 0 ? percentOf(up / known) : null,
    coveragePercent: expected > 0 ? percentOf(Math.min(1, known / expected)) : known > 0 ? 100 : null,
    downtimeSeconds: Math.round(Math.min(seconds.unhealthy, most)),
    maintenanceSeconds: Math.round(Math.min(seconds.maintenance, most)),
    responseTimeMs:
      latency.count === 0 ? null : { average: tenth(latency.sumMs / latency.count), p50, p95, p99 },
  };
};

/** The first slot at or after `from`, by the shard the check was in then. */
const firstDue = ({ placements }: Told, from: number): number => {
  const place = placements.find((one) => one.placedAt <= from) ?? placements.at(-1);
  if (place === undefined) return from;
  const { intervalSeconds } = parseShardId(place.shard);
  return slotsBetween(place.shard, from, from + intervalSeconds * 1000)[0] ?? from;
};

const tenth = (value: number): number => Math.round(value * 10) / 10;

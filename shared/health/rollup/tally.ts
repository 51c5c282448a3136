import type { CheckStatus } from '../../platform/events.ts';
import { responseTimeOf, type Seen } from '../slot-results.ts';
import { type Latency, latencyOf, mergeLatencies, noLatency } from './latency.ts';

/** How a look counts: by what it saw, or as maintenance, whatever it saw. */
export const tallied = ['healthy', 'degraded', 'unhealthy', 'unknown', 'maintenance'] as const;
export type Tallied = (typeof tallied)[number];

/**
 * How a check was over some time. A look stands for the interval that it begins; time without a look (a gap) is in
 * none of the numbers. Latency is that of looks that were answered outside maintenance.
 */
export type Tally = {
  readonly seconds: Readonly<Record<Tallied, number>>;
  readonly latency: Latency;
};

export const noSeconds: Readonly<Record<Tallied, number>> = {
  healthy: 0,
  degraded: 0,
  unhealthy: 0,
  unknown: 0,
  maintenance: 0,
};

export const noTally: Tally = { seconds: noSeconds, latency: noLatency };

export const countsAs = (seen: Pick<Seen, 'status' | 'inMaintenance'>): CheckStatus | 'maintenance' =>
  seen.inMaintenance ? 'maintenance' : seen.status;

/** One check's looks, each with the seconds it stands for. */
export const tallyOf = (looks: readonly { readonly seen: Seen; readonly seconds: number }[]): Tally => {
  const seconds = { ...noSeconds };
  const answered: number[] = [];
  for (const look of looks) {
    seconds[countsAs(look.seen)] += look.seconds;
    const responseTimeMs = responseTimeOf(look.seen);
    if (responseTimeMs !== null && !look.seen.inMaintenance) answered.push(responseTimeMs);
  }
  return { seconds, latency: latencyOf(answered) };
};

/** Neither order nor grouping matters. */
export const mergeTallies = (all: readonly Tally[]): Tally => {
  const seconds = { ...noSeconds };
  for (const one of all) for (const way of tallied) seconds[way] += one.seconds[way];
  return { seconds, latency: mergeLatencies(all.map((one) => one.latency)) };
};

import { responseTimeOf, type Seen } from '../slot-results.ts';
import { type Latency, latencyOf, mergeLatencies, noLatency } from './latency.ts';
import { countsAs, noSeconds, type Tallied, tallied } from './tallied.ts';

export { countsAs, noSeconds, type Tallied, tallied } from './tallied.ts';

/**
 * How a check was over some time. A look stands for the interval that it begins; time without a look (a gap) is in
 * none of the numbers. Latency is that of looks that were answered outside maintenance.
 */
export type Tally = {
  readonly seconds: Readonly<Record<Tallied, number>>;
  readonly latency: Latency;
};

export const noTally: Tally = { seconds: noSeconds, latency: noLatency };

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

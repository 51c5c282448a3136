import type { Clock } from '../platform/clock.ts';
import type { Item, Table } from '../storage/table.ts';
import { probeConcurrencyKey } from './keys.ts';

/** How many checks a runner looks at side by side where nobody set another number. */
export const usualProbeConcurrency = 20;
/** With more, the event loop's own delay is measured as latency of the targets. */
export const mostProbeConcurrency = 100;

const numberIn = (item: Item | undefined): number => {
  const count = Number(item?.count ?? usualProbeConcurrency);
  return Number.isInteger(count) && count >= 1
    ? Math.min(count, mostProbeConcurrency)
    : usualProbeConcurrency;
};

export const readProbeConcurrency = async (telemetry: Pick<Table, 'get'>): Promise<number> =>
  numberIn(await telemetry.get(probeConcurrencyKey, { consistent: true }));

/** `count` from 1 to `mostProbeConcurrency`. Runners follow within `keptMs`. */
export const setProbeConcurrency = (
  telemetry: Pick<Table, 'put'>,
  count: number,
  at: number,
): Promise<void> => telemetry.put({ ...probeConcurrencyKey, v: 1, count, setAt: at });

/** Every slot would pay for a read that hardly ever tells anything new. */
const keptMs = 5 * 60_000;

/** The number as one runner keeps it. What cannot be read must not stop the probes: then it stays as it was. */
export const keptProbeConcurrency = (clock: Clock) => {
  let kept = { count: usualProbeConcurrency, until: Number.NEGATIVE_INFINITY };
  return async (telemetry: Pick<Table, 'get'>): Promise<number> => {
    const now = clock();
    if (now < kept.until) return kept.count;
    const count = await telemetry.get(probeConcurrencyKey).then(numberIn, () => kept.count);
    kept = { count, until: now + keptMs };
    return count;
  };
};

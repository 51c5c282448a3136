import { aggregated, type SeriesReader } from '../alerting/index.ts';
import type { ScalerDefinition } from './scaler.ts';

/** The aggregate of the rule's window at one instant; undefined when the window holds no point. */
export type ValueAt = { readonly at: number; readonly value: number | undefined };

/**
 * The values of a rule at some instants, oldest first, read as one stretch. The points of all its checks count together.
 */
export const readValues = async (
  reader: SeriesReader,
  { deploymentId, series, selector, aggregate, windowSeconds }: ScalerDefinition,
  instants: readonly number[],
): Promise<readonly ValueAt[]> => {
  const [first, last] = [instants[0], instants.at(-1)];
  if (first === undefined || last === undefined) return [];
  const windowMs = windowSeconds * 1000;
  const [found = []] = await reader.read([
    { series, selector: { ...selector, deploymentId }, fromAt: first - windowMs, toAt: last },
  ]);
  const points = found.flatMap((one) => one.points).sort((left, right) => left.at - right.at);
  let [from, to] = [0, 0];
  return instants.map((at) => {
    while ((points[to]?.at ?? Number.POSITIVE_INFINITY) <= at) to += 1;
    while (from < to && (points[from]?.at ?? 0) <= at - windowMs) from += 1;
    return { at, value: aggregated(aggregate, points.slice(from, to)) ?? undefined };
  });
};

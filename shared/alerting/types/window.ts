import type * as Zod from 'zod';
import type { Point, Series } from '../series.ts';

/** `p50` to `p99.9`. */
export const percentilePattern = /^p([5-9]\d(?:\.\d)?)$/;
export const aggregates = ['avg', 'min', 'max', 'sum', 'count', 'rate'] as const;
const aggregateHint = `Give one of ${aggregates.join(', ')}, or a percentile from p50 to p99.9.`;

export const aggregateField = (z: typeof Zod, usual: string) =>
  z
    .string()
    .refine((text) => aggregates.some((one) => one === text) || percentilePattern.test(text), aggregateHint)
    .default(usual)
    .meta({ description: aggregateHint, examples: ['avg', 'p95'] });

/**
 * One number for many points, oldest first; null when they have none. A percentile is the nearest rank: the smallest value
 * with at least that share of the values at or below it. `rate` is the growth a second of a counter; a decrease is its
 * reset to zero, as in Prometheus, and what a single point says of growth is nothing.
 */
export const aggregated = (aggregate: string, points: readonly Point[]): number | null => {
  if (aggregate === 'count') return points.length;
  if (points.length === 0) return null;
  if (aggregate === 'rate') return growth(points);
  const values = points.map(({ value }) => value);
  const percent = percentilePattern.exec(aggregate)?.[1];
  if (percent !== undefined) return nearestRank(values, Number(percent));
  switch (aggregate) {
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'sum':
      return sumOf(values);
    default:
      return sumOf(values) / values.length;
  }
};

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export const nearestRank = (values: readonly number[], percent: number): number | null => {
  const sorted = [...values].sort((left, right) => left - right);
  // In tenths of a percent all is whole, so that 99.9 % of 1,000 is the 999th and not, by rounding, the 1,000th.
  const rank = Math.ceil((Math.round(percent * 10) * sorted.length) / 1000);
  return sorted[Math.max(rank, 1) - 1] ?? null;
};

const growth = (points: readonly Point[]): number | null => {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || last.at <= first.at) return null;
  let [total, before] = [0, first.value];
  for (const { value } of points.slice(1)) {
    total += value >= before ? value - before : value;
    before = value;
  }
  return total / ((last.at - first.at) / 1000);
};

export type Span = { readonly fromAt: number; readonly toAt: number };

export const windowUntil = (toAt: number, seconds: number): Span => ({ fromAt: toAt - seconds * 1000, toAt });

/** What a window holds of some series together. */
export type Covered = {
  readonly points: readonly Point[];
  readonly expected: number;
  /**
   * `enough` for a verdict; `too few`; `too new`: too few, and that is only because the subject is not looked at for so long
   * yet, so that nothing is missing.
   */
  readonly coverage: 'enough' | 'too few' | 'too new';
};

/** How gaps are taken: they may be too many for a verdict, count as 0, or be what is asked for (`count`). */
export type Gaps = { readonly minCoverage: number } | 'zero' | 'count';

/** The points of a window, and whether they suffice: the share asked for, and always two, unless the window holds but one. */
export const covered = (members: readonly Series[], span: Span, gaps: Gaps): Covered => {
  const isNew = members.every(({ since }) => since > span.fromAt);
  const inside = members.map(({ points }) => points.filter(({ at }) => span.fromAt < at && at <= span.toAt));
  const expectedOf = members.map(({ intervalSeconds }) => expectedIn(span, intervalSeconds));
  const expected = sumOf(expectedOf);
  if (gaps === 'zero') {
    const missing = members.flatMap((series, index) =>
      zeros(series, span, (expectedOf[index] ?? 0) - (inside[index]?.length ?? 0)),
    );
    const points = sorted([...inside.flat(), ...missing]);
    return { points, expected, coverage: points.length > 0 ? 'enough' : 'too new' };
  }
  const points = members.length === 1 ? (inside[0] ?? []) : sorted(inside.flat());
  // A coverage of 0 still is no verdict from nothing.
  const needed =
    gaps === 'count' ? 0 : Math.max(Math.ceil(expected * gaps.minCoverage), Math.min(2, expected), 1);
  const isEnough = gaps === 'count' ? !isNew : points.length >= needed;
  if (isEnough) return { points, expected, coverage: 'enough' };
  return { points, expected, coverage: isNew ? 'too new' : 'too few' };
};

const sorted = (points: readonly Point[]): readonly Point[] =>
  [...points].sort((left, right) => left.at - right.at);

const expectedIn = ({ fromAt, toAt }: Span, intervalSeconds: number): number =>
  Math.max(1, Math.floor((toAt - fromAt) / (intervalSeconds * 1000)));

/** At the places of the window where no point is near, the newest first; none from before the subject was looked at. */
const zeros = ({ points, intervalSeconds, since }: Series, span: Span, missing: number): readonly Point[] => {
  const apart = intervalSeconds * 1000;
  const found: Point[] = [];
  let newest = points.length - 1;
  for (let at = span.toAt; at > span.fromAt && at >= since && found.length < missing; at -= apart) {
    while ((points[newest]?.at ?? 0) > at) newest -= 1;
    const isThere = (points[newest]?.at ?? 0) > at - apart;
    if (!isThere) found.push({ at, value: 0 });
  }
  return found;
};

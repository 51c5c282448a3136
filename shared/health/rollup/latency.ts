import { DDSketch } from '@datadog/sketches-js';

/**
 * The latencies of many looks, in milliseconds: a DDSketch whose bins are 2 % wide, so that a percentile is within 1 %
 * of the exact one, however many hours, shards and checks were merged, in whatever order.
 */
export type Latency = {
  readonly count: number;
  readonly sumMs: number;
  /** Infinity and -Infinity when nothing was measured. */
  readonly minMs: number;
  readonly maxMs: number;
  /** How many latencies fell into which bin. */
  readonly bins: ReadonlyMap<number, number>;
};

export const noLatency: Latency = {
  count: 0,
  sumMs: 0,
  minMs: Number.POSITIVE_INFINITY,
  maxMs: Number.NEGATIVE_INFINITY,
  bins: new Map(),
};

const relativeAccuracy = 0.01;
const { mapping } = new DDSketch({ relativeAccuracy });
/** Latencies are whole milliseconds, so 1 ms has the smallest key, 0, and no time at all the one below. */
const zeroKey = -1;
const keyOf = (ms: number): number => (ms < 1 ? zeroKey : mapping.key(ms));

/** Whole milliseconds, as results hold them. */
export const latencyOf = (milliseconds: readonly number[]): Latency => {
  const bins = new Map<number, number>();
  let [sumMs, minMs, maxMs] = [0, noLatency.minMs, noLatency.maxMs];
  for (const ms of milliseconds) {
    const key = keyOf(ms);
    bins.set(key, (bins.get(key) ?? 0) + 1);
    sumMs += ms;
    minMs = Math.min(minMs, ms);
    maxMs = Math.max(maxMs, ms);
  }
  return { count: milliseconds.length, sumMs, minMs, maxMs, bins };
};

export const mergeLatencies = (all: readonly Latency[]): Latency => {
  const bins = new Map<number, number>();
  let { count, sumMs, minMs, maxMs } = noLatency;
  for (const one of all) {
    for (const [key, held] of one.bins) bins.set(key, (bins.get(key) ?? 0) + held);
    count += one.count;
    sumMs += one.sumMs;
    minMs = Math.min(minMs, one.minMs);
    maxMs = Math.max(maxMs, one.maxMs);
  }
  return { count, sumMs, minMs, maxMs, bins };
};

/** Half a bin is less than half a millisecond below this: there the nearest whole millisecond is the exact one. */
const exactBelowMs = 50;

/** The latencies at the quantiles (0 to 1), in milliseconds, each within 1 %; null when nothing was measured. */
export const percentilesOf = (latency: Latency, quantiles: readonly number[]): number[] | null => {
  if (latency.count === 0) return null;
  const sketch = new DDSketch({ relativeAccuracy });
  for (const [key, held] of latency.bins) sketch.accept(key === zeroKey ? 0 : mapping.value(key), held);
  return quantiles.map((quantile) => {
    const estimate = sketch.getValueAtQuantile(quantile);
    const value = estimate < exactBelowMs ? Math.round(estimate) : estimate;
    return Math.min(Math.max(value, latency.minMs), latency.maxMs);
  });
};

/** A count is one digit in base 36 up to here; above, it stands in parentheses. */
const oneDigit = 36;

/**
 * Bins as text: the first key, then a count for it and each key after it. Written so, neighbouring bins of many
 * checks compress to half of what pairs of key and count take.
 */
export const binsToText = (bins: ReadonlyMap<number, number>): string => {
  if (bins.size === 0) return '';
  const keys = [...bins.keys()].sort((left, right) => left - right);
  const [first = 0, last = 0] = [keys[0], keys.at(-1)];
  let text = `${first}:`;
  for (let key = first; key <= last; key++) {
    const held = bins.get(key) ?? 0;
    text += held < oneDigit ? held.toString(36) : `(${held})`;
  }
  return text;
};

export const binsFromText = (text: string): Map<number, number> => {
  const bins = new Map<number, number>();
  const [first = '', counts = ''] = text.split(':');
  let key = Number(first);
  for (const [, large, digit = '0'] of counts.matchAll(/\((\d+)\)|([0-9a-z])/g)) {
    const held = large === undefined ? Number.parseInt(digit, 36) : Number(large);
    if (held > 0) bins.set(key, held);
    key++;
  }
  return bins;
};

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binsFromText,
  binsToText,
  latencyOf,
  mergeLatencies,
  noLatency,
  percentilesOf,
} from '../../../shared/health/rollup/latency.ts';

const quantiles = [0, 0.25, 0.5, 0.95, 0.99, 1];
/** From none to half a minute, mostly short. */
const milliseconds = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60_000 }));
const samples = fc.array(milliseconds, { minLength: 1, maxLength: 400 });

describe('latencies in a sketch', () => {
  test('nothing measured has no percentiles', () => {
    expect(percentilesOf(noLatency, quantiles)).toBeNull();
  });

  test('below 50 ms a percentile is the measured one itself', () => {
    // Of 1 to 49, the one in the middle is the 25th; the 95th per cent falls on 1 + 0.95 × 48 = 46.6, the 46th.
    const latency = latencyOf(Array.from({ length: 49 }, (_, at) => at + 1));
    expect(percentilesOf(latency, [0, 0.5, 0.95, 1])).toEqual([1, 25, 46, 49]);
  });

  test('answers within the same millisecond count as 0', () => {
    expect(percentilesOf(latencyOf([0, 0, 0, 7]), [0.5, 1])).toEqual([0, 7]);
  });

  test('count, sum, smallest and largest are exact', () => {
    expect(latencyOf([120, 80, 1500])).toMatchObject({ count: 3, sumMs: 1700, minMs: 80, maxMs: 1500 });
  });

  test('any percentile is within 1 % of the exact one', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const sorted = [...all].sort((left, right) => left - right);
        const told = percentilesOf(latencyOf(all), quantiles) ?? [];
        quantiles.forEach((quantile, at) => {
          const exact = sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0;
          // The last factor is for the arithmetic of floating point at the very border of a bin.
          expect(Math.abs((told[at] ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01 * (1 + 1e-9));
        });
      }),
    );
  });

  test('merging parts gives what one sketch of all gives, in whatever order and grouping', () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 6 }), fc.nat(), (parts, turn) => {
        const one = latencyOf(parts.flat());
        const latencies = parts.map(latencyOf);
        const cut = turn % latencies.length;
        const turned = [...latencies.slice(cut), ...latencies.slice(0, cut)].reverse();
        const grouped = [mergeLatencies(turned.slice(0, cut)), mergeLatencies(turned.slice(cut))];
        for (const merged of [mergeLatencies(latencies), mergeLatencies(turned), mergeLatencies(grouped)]) {
          expect(merged).toEqual(one);
          expect(percentilesOf(merged, quantiles)).toEqual(percentilesOf(one, quantiles));
        }
      }),
    );
  });

  test.each([
    [new Map(), ''],
    [new Map([[-1, 2]]), '-1:2'],
    [
      new Map([
        [5, 1],
        [6, 35],
        [9, 12],
      ]),
      '5:1z00c',
    ],
    [
      new Map([
        [0, 36],
        [1, 1440],
      ]),
      '0:(36)(1440)',
    ],
  ])('bins %j are stored as %j', (bins, text) => {
    expect(binsToText(bins)).toBe(text);
    expect(binsFromText(text)).toEqual(bins);
  });

  test('bins come back from text as they were', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const { bins } = latencyOf(all);
        expect(binsFromText(binsToText(bins))).toEqual(bins);
      }),
    );
  });
});

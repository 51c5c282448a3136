import { describe, expect, it } from 'vitest';
import { aggregated, nearestRank } from '../../../shared/alerting/types/window.ts';
import { definitionOf, judged, noon, pointsAt, pointsUntilNoon, seriesOf } from './rules.ts';

describe('a percentile is the nearest rank', () => {
  // The two worked examples of https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method
  it.each<[percent: number, value: number]>([
    [5, 15],
    [30, 20],
    [40, 20],
    [50, 35],
    [100, 50],
  ])('the %ith of 15, 20, 35, 40, 50 is %i', (percent, value) => {
    expect(nearestRank([40, 15, 50, 20, 35], percent)).toBe(value);
  });

  it.each<[percent: number, value: number]>([
    [25, 7],
    [50, 8],
    [75, 15],
    [100, 20],
  ])('the %ith of 3, 6, 7, 8, 8, 10, 13, 15, 16, 20 is %i', (percent, value) => {
    expect(nearestRank([3, 6, 7, 8, 8, 10, 13, 15, 16, 20], percent)).toBe(value);
  });

  it('is not off by one where percent times number is whole only without rounding', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect(nearestRank(values, 99.9)).toBe(999);
    expect(nearestRank(values, 55)).toBe(550);
    expect(nearestRank(values.slice(0, 100), 57)).toBe(57);
  });
});

describe('an aggregate', () => {
  const points = pointsAt({ 0: 4, 60: 1, 120: 7, 180: 8 });
  it.each<[aggregate: string, value: number]>([
    ['avg', 5],
    ['min', 1],
    ['max', 8],
    ['sum', 20],
    ['count', 4],
    ['p50', 4],
    ['p75', 7],
    ['p99.9', 8],
  ])('%s of 4, 1, 7, 8 is %d', (aggregate, value) => {
    expect(aggregated(aggregate, points)).toBe(value);
  });

  it('rate is the growth a second of a counter, and a decrease is a reset to zero', () => {
    expect(aggregated('rate', pointsAt({ 0: 100, 60: 160, 120: 220 }))).toBe(1);
    expect(aggregated('rate', pointsAt({ 0: 100, 60: 160, 120: 60 }))).toBe(1);
    expect(aggregated('rate', pointsAt({ 0: 100 }))).toBeNull();
  });

  it('of nothing is nothing, but for a count, which is 0', () => {
    for (const aggregate of ['avg', 'min', 'max', 'sum', 'rate', 'p95'])
      expect(aggregated(aggregate, []), aggregate).toBeNull();
    expect(aggregated('count', [])).toBe(0);
  });
});

const slow = (condition: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}) =>
  definitionOf({
    type: 'threshold',
    condition: {
      series: 'check.response_time_ms',
      thresholds: [{ operator: '>', value: 500 }],
      ...condition,
    },
    ...rest,
  });

describe('the match of a window in steps', () => {
  // Five minutes, a step a minute; the newest value last.
  it.each<[match: string, values: readonly number[], verdict: string, value: number]>([
    ['once', [100, 100, 900, 100, 100], 'breached', 900],
    ['once', [100, 100, 500, 100, 100], 'clear', 500],
    ['always', [600, 700, 900, 800, 501], 'breached', 501],
    ['always', [600, 700, 900, 800, 500], 'clear', 500],
    ['average', [100, 100, 100, 100, 2200], 'breached', 520],
    ['average', [500, 500, 500, 500, 500], 'clear', 500],
    ['total', [101, 100, 100, 100, 100], 'breached', 501],
    ['total', [100, 100, 100, 100, 100], 'clear', 500],
    ['last', [100, 100, 100, 100, 900], 'breached', 900],
    ['last', [900, 900, 900, 900, 100], 'clear', 100],
  ])('%s of %j is %s with %d', async (match, values, verdict, value) => {
    const rule = slow({ window: '5m', step: '1m', match });
    expect(await judged(rule, { series: [[seriesOf(pointsUntilNoon(values))]] })).toEqual([
      expect.objectContaining({ verdict, value, at: noon }),
    ]);
  });

  it('aggregates each step by itself', async () => {
    const rule = slow({ window: '2m', step: '1m', match: 'always', aggregate: 'max' });
    const points = pointsUntilNoon([600, 100, 100, 700], 30);
    const seen = { series: [[seriesOf(points, { intervalSeconds: 30 })]] };
    expect(await judged(rule, seen)).toEqual([
      expect.objectContaining({
        verdict: 'breached',
        value: 600,
        reason: 'in all steps of 1 min, highest response time 600 ms over 2 min is above 500 ms',
      }),
    ]);
  });

  it('passes over steps in which nothing could be', async () => {
    const rule = slow({ window: '10m', step: '1m', match: 'always' });
    const seen = { series: [[seriesOf(pointsUntilNoon([900, 800], 300), { intervalSeconds: 300 })]] };
    expect(await judged(rule, seen)).toEqual([expect.objectContaining({ verdict: 'breached', value: 800 })]);
  });
});

describe('the operators of a threshold', () => {
  it.each<[operator: string, below: string, equal: string, above: string]>([
    ['>', 'clear', 'clear', 'breached'],
    ['>=', 'clear', 'breached', 'breached'],
    ['<', 'breached', 'clear', 'clear'],
    ['<=', 'breached', 'breached', 'clear'],
    ['==', 'clear', 'breached', 'clear'],
    ['!=', 'breached', 'clear', 'breached'],
  ])('%s: below is %s, equal is %s, above is %s', async (operator, ...verdicts) => {
    const rule = slow({ window: '2m', thresholds: [{ operator, value: 500 }] });
    const found = await Promise.all(
      [499, 500, 501].map((value) => judged(rule, { series: [[seriesOf(pointsUntilNoon([value, value]))]] })),
    );
    expect(found.flat().map(({ verdict }) => verdict)).toEqual(verdicts);
  });
});

describe('how much of a window must be covered', () => {
  const five = { window: '5m' };
  it.each<[what: string, values: readonly number[], minCoverage: number | undefined, verdict: string]>([
    ['half is enough unless said otherwise', [900, 900, 900], undefined, 'breached'],
    ['less than half is no verdict', [900, 900], undefined, 'nothing'],
    ['one sample is no verdict, however little is asked for', [900], 0, 'nothing'],
    ['two are, when little is asked for', [900, 900], 0.1, 'breached'],
    ['all may be asked for', [900, 900, 900, 900], 1, 'nothing'],
  ])('%s: %j with %s', async (_what, values, minCoverage, verdict) => {
    const rule = slow(five, minCoverage === undefined ? {} : { minCoverage });
    const found = await judged(rule, { series: [[seriesOf(pointsUntilNoon(values))]] });
    expect(found.map((one) => one.verdict)).toEqual([verdict]);
  });

  it('one sample is a verdict where the window holds but one', async () => {
    const seen = { series: [[seriesOf(pointsUntilNoon([900]), { intervalSeconds: 300 })]] };
    expect(await judged(slow(five), seen)).toEqual([expect.objectContaining({ verdict: 'breached' })]);
  });

  it('says how little there is', async () => {
    const [reading] = await judged(slow(five), { series: [[seriesOf(pointsUntilNoon([900]))]] });
    expect(reading).toMatchObject({
      value: null,
      reason: 'too little data: 1 of 5 points of response time in 5 min',
    });
  });

  it('nothing is missing yet of what is looked at only since within the window: it gets no verdict at all', async () => {
    const since = noon - 60_000;
    for (const noData of ['fire', 'keep', 'ignore'] as const) {
      const seen = { series: [[seriesOf(pointsUntilNoon([900]), { since })]] };
      expect(await judged(slow(five, { noData }), seen), noData).toEqual([]);
    }
  });

  it('points outside of the window do not count: its beginning is outside, its end inside', async () => {
    const points = pointsAt({ '-300': 9000, '-60': 100, 0: 100, 1: 9000 });
    const rule = slow(five, { minCoverage: 0.4 });
    expect(await judged(rule, { series: [[seriesOf(points)]] })).toEqual([
      expect.objectContaining({ verdict: 'clear', value: 100 }),
    ]);
  });
});

describe('missing points as zero', () => {
  it('fill the window where nothing came', async () => {
    const rule = slow({ window: '5m' }, { noData: 'zero' });
    expect(await judged(rule, { series: [[seriesOf(pointsAt({ 0: 1000 }))]] })).toEqual([
      expect.objectContaining({ value: 200, verdict: 'clear' }),
    ]);
    const low = slow({ window: '5m', thresholds: [{ operator: '<', value: 1 }] }, { noData: 'zero' });
    expect(await judged(low, { series: [[seriesOf([])]] })).toEqual([
      expect.objectContaining({ value: 0, verdict: 'breached' }),
    ]);
  });

  it('do not fill the time before a subject was looked at', async () => {
    const rule = slow({ window: '5m' }, { noData: 'zero' });
    const since = noon - 90_000;
    expect(await judged(rule, { series: [[seriesOf(pointsAt({ 0: 600 }), { since })]] })).toEqual([
      expect.objectContaining({ value: 300 }),
    ]);
    expect(await judged(rule, { series: [[seriesOf([], { since: noon + 1 })]] })).toEqual([]);
  });
});

describe('a count', () => {
  it('needs no coverage: that there is little is what it says', async () => {
    const rule = slow({ window: '5m', aggregate: 'count', thresholds: [{ operator: '<', value: 3 }] });
    expect(await judged(rule, { series: [[seriesOf(pointsAt({ 0: 7 }))]] })).toEqual([
      expect.objectContaining({ value: 1, verdict: 'breached' }),
    ]);
  });
});

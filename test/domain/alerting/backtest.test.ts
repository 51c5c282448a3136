import { describe, expect, it } from 'vitest';
import { backtest } from '../../../shared/alerting/backtest.ts';
import type { Point, Series, SeriesQuery, SeriesReader } from '../../../shared/alerting/series.ts';
import { isSelected } from '../../../shared/alerting/types/selection.ts';
import { DomainError } from '../../../shared/platform/errors.ts';
import { at, checkSubject, recordOf, seriesOf } from './rules.ts';

/** A point a minute from noon on; `until` minute and value, one after the other. */
const minutes = (...parts: readonly (readonly [until: number, value: number | null])[]): readonly Point[] => {
  const points: Point[] = [];
  let minute = 0;
  for (const [until, value] of parts)
    for (; minute < until; minute++) if (value !== null) points.push({ at: at(minute * 60), value });
  return points;
};

/** Answers as a reader does: the points of the time that was asked for. */
const readerOf = (all: Readonly<Record<string, readonly Series[]>>) => {
  const asked: SeriesQuery[] = [];
  const reader: SeriesReader = {
    read: async (queries) =>
      queries.map((query) => {
        asked.push(query);
        return (all[query.series] ?? [])
          .filter(({ subject }) => isSelected(query.selector, subject))
          .map((series) => ({
            ...series,
            points: series.points.filter((point) => query.fromAt < point.at && point.at <= query.toAt),
          }));
      }),
  };
  return { reader, asked };
};

const hour = { from: at(0), to: at(3600), stepSeconds: 30 };
/** Minutes after noon. */
const minuteOf = (instant: number | null): number | null =>
  instant === null ? null : (instant - at(0)) / 60_000;

const slow = (more: Readonly<Record<string, unknown>> = {}) =>
  recordOf({
    type: 'performance',
    condition: { above: '500ms', window: '2m', aggregate: 'avg', ...(more.condition as object) },
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'condition')),
  });

describe('a backtest', () => {
  it('tells when the rule would have fired, for what, how badly and why', async () => {
    const { reader } = readerOf({
      'check.response_time_ms': [
        seriesOf(minutes([20, 100], [30, 900], [40, 100], [60, 800])),
        seriesOf(minutes([60, 100]), { subject: checkSubject('cart') }),
      ],
    });
    const found = await backtest(slow(), reader, hour);
    expect(
      found.spans.map(({ subject, severity, from, to, peak }) => [
        subject.name,
        severity,
        minuteOf(from),
        minuteOf(to),
        peak,
      ]),
    ).toEqual([
      ['home', 'warning', 21, 30, 900],
      ['home', 'warning', 41, null, 800],
    ]);
    expect(found.spans[0]?.reason).toBe('average response time 900 ms over 2 min is above 500 ms');
    expect(found).toMatchObject({ firings: 2, stepSeconds: 30, evaluations: 242, notes: [] });
  });

  it('goes by all that a live rule goes by: for, keep-firing-for, cooldown, recovery and severity', async () => {
    const { reader } = readerOf({
      'check.response_time_ms': [
        seriesOf(
          minutes(
            [5, 100],
            [8, 900],
            [10, 100],
            [20, 900],
            [25, 2900],
            [30, 450],
            [35, 100],
            [40, 900],
            [60, 100],
          ),
        ),
      ],
    });
    const rule = slow({
      for: '5m',
      keepFiringFor: '2m',
      cooldown: '20m',
      condition: {
        above: undefined,
        thresholds: [
          { above: '500ms', recovery: '400ms' },
          { above: '2s', severity: 'critical' },
        ],
      },
    });
    const found = await backtest(rule, reader, hour);
    expect(
      found.spans.map(({ severity, from, to, peak }) => [severity, minuteOf(from), minuteOf(to), peak]),
    ).toEqual([['critical', 16, 32, 2900]]);
  });

  it('of a downtime goes by the looks, and waits for as long as it must last', async () => {
    const { reader } = readerOf({
      'check.up': [seriesOf(minutes([10, 1], [12, 0], [20, 1], [40, 0], [60, 1]))],
    });
    const found = await backtest(
      recordOf({ type: 'downtime', condition: { longerThan: '5m' } }),
      reader,
      hour,
    );
    expect(found.spans.map(({ severity, from, to }) => [severity, minuteOf(from), minuteOf(to)])).toEqual([
      ['critical', 25, 40],
    ]);
    expect(found.notes).toEqual([
      'For part of the time there is one value an hour only: there a check was down where it was for all of the hour.',
    ]);
  });

  it.each<[string, NonNullable<Series['thresholds']>, readonly (readonly [number, number])[]]>([
    [
      'at once',
      { failureThreshold: 1, successThreshold: 1 },
      [
        [6, 7],
        [11, 14],
        [15, 17],
        [18, 31],
      ],
    ],
    [
      'three failures in a row',
      { failureThreshold: 3, successThreshold: 1 },
      [
        [13, 14],
        [20, 31],
      ],
    ],
    ['and two successes in a row', { failureThreshold: 3, successThreshold: 2 }, [[13, 32]]],
    [
      'three failures of the last five',
      { failureThreshold: 3, failureWindow: 5, successThreshold: 1 },
      [
        [13, 14],
        [18, 31],
      ],
    ],
  ])('of a downtime turns as its checks do: %s', async (_, thresholds, down) => {
    const failed = [6, 11, 12, 13, 15, 16, ...Array.from({ length: 13 }, (_one, index) => 18 + index)];
    const points = Array.from({ length: 60 }, (_one, index) => ({
      at: at(index * 60),
      value: failed.includes(index) ? 0 : 1,
    }));
    const { reader } = readerOf({ 'check.up': [{ ...seriesOf(points), thresholds }] });
    const found = await backtest(recordOf({ type: 'downtime' }), reader, hour);
    expect(found.spans.map(({ from, to }) => [minuteOf(from), minuteOf(to)])).toEqual(down);
    expect(found.notes).toEqual([]);
  });

  it('knows what was down when it begins, and leaves out what was over before', async () => {
    const points = [at(-7200), at(-7100)].map((instant, index) => ({ at: instant, value: index }));
    const down = [
      { at: at(-60), value: 0 },
      { at: at(600), value: 1 },
    ];
    const { reader } = readerOf({ 'check.up': [seriesOf([...points, ...down])] });
    const found = await backtest(recordOf({ type: 'downtime' }), reader, hour);
    expect(found.spans.map(({ from, to }) => [minuteOf(from), minuteOf(to)])).toEqual([[-1, 10]]);
  });

  it('of an absence finds the gap, a window later', async () => {
    const { reader } = readerOf({ 'check.up': [seriesOf(minutes([10, 1], [30, null], [60, 1]))] });
    const found = await backtest(recordOf({ type: 'absence', condition: { window: '10m' } }), reader, hour);
    expect(found.spans.map(({ from, to }) => [minuteOf(from), minuteOf(to)])).toEqual([[19, 30]]);
  });

  it('of a composite lives the rules that it names along with it', async () => {
    const { reader } = readerOf({
      'check.response_time_ms': [seriesOf(minutes([10, 100], [40, 900], [60, 100]))],
      'check.failure': [seriesOf(minutes([30, 0], [60, 1]))],
    });
    const members = [
      slow({ name: 'slow' }),
      recordOf({ name: 'failing', type: 'error_rate', condition: { above: 50, window: '2m' } }),
    ];
    const both = recordOf({ name: 'both', type: 'composite', condition: { all: ['slow', 'failing'] } });
    const found = await backtest(both, reader, hour, members);
    expect(found.spans.map(({ subject, from, to }) => [subject.key, minuteOf(from), minuteOf(to)])).toEqual([
      ['rule', 31, 40],
    ]);
    expect(found.notes).toEqual([]);
    const without = await backtest(both, reader, hour, [members[0] ?? both]);
    expect(without).toMatchObject({
      firings: 0,
      notes: ['What failing did is not known: it is taken as not firing.'],
    });
  });

  it('reads a day at a time, each with the window before it', async () => {
    const { reader, asked } = readerOf({});
    await backtest(slow(), reader, { from: at(0), to: at(2.5 * 86_400), stepSeconds: 300 });
    expect(asked.map(({ fromAt, toAt }) => [minuteOf(fromAt), minuteOf(toAt)])).toEqual([
      [-2, 1440],
      [1438, 2880],
      [2878, 3600],
    ]);
  });

  it('takes longer steps where it would be too many, and says so', async () => {
    const { reader } = readerOf({ 'check.response_time_ms': [seriesOf([])] });
    const found = await backtest(slow(), reader, { from: at(0), to: at(40 * 86_400), stepSeconds: 30 });
    expect(found.stepSeconds).toBe(720);
    expect(found.evaluations).toBeLessThanOrEqual(5001);
    expect(found.notes).toEqual(['Judged every 12 min: what was shorter may be missing.']);
    const many = Array.from({ length: 400 }, (_, index) =>
      seriesOf([], { subject: checkSubject(`c${index}`) }),
    );
    const crowd = readerOf({ 'check.response_time_ms': many });
    const wide = await backtest(slow(), crowd.reader, { from: at(0), to: at(10 * 86_400), stepSeconds: 30 });
    expect(wide.evaluations).toBeLessThanOrEqual(201_000);
  });

  it('says where the past is known too coarsely', async () => {
    const { reader } = readerOf({ 'check.response_time_ms': [seriesOf([], { intervalSeconds: 3600 })] });
    expect((await backtest(slow(), reader, hour)).notes).toEqual([
      'For part of the time there is one value every 1 h only, which is longer than the window of 2 min.',
    ]);
  });

  it('asks at each step whether there is time left', async () => {
    let left = 10;
    const requireTime = () => {
      left -= 1;
      if (left < 0) throw new Error('too long');
    };
    const { reader } = readerOf({});
    await expect(backtest(slow(), reader, { ...hour, requireTime })).rejects.toThrow('too long');
  });

  it.each<[what: string, run: () => Promise<unknown>, path: string]>([
    ['rules over events', () => backtest(recordOf({ type: 'finding' }), readerOf({}).reader, hour), 'type'],
    [
      'rules over alarms of others',
      () => backtest(recordOf({ type: 'external' }), readerOf({}).reader, hour),
      'type',
    ],
    [
      'more than 40 days',
      () => backtest(slow(), readerOf({}).reader, { ...hour, from: at(3600 - 42 * 86_400) }),
      'from',
    ],
    [
      'a period that ends before it begins',
      () => backtest(slow(), readerOf({}).reader, { ...hour, to: at(-1) }),
      'to',
    ],
    ['steps of a second', () => backtest(slow(), readerOf({}).reader, { ...hour, stepSeconds: 1 }), 'step'],
  ])('refuses %s', async (_what, run, path) => {
    const error = await run().catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'ALERT_ERROR', fields: [{ path }] });
  });
});

import type { Answer } from '../../client/call.ts';
import type { ChartContent, ChartSeries } from '../../components/chart-model.ts';
import { milliseconds, percentText } from '../../components/time-text.ts';

export type Result = Answer<'listResults'>['items'][number];
export type History = Answer<'readHistory'>;

/** The parts of a look in the order in which they follow one another; others come after them. */
const phaseOrder = ['dns', 'connect', 'tls', 'firstByte'];
/** What of the whole is in no phase: reading the body, judging it. */
const rest = 'rest';
const phaseColours = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5'] as const;
const phaseWords: Readonly<Record<string, string>> = {
  firstByte: 'first byte',
  tls: 'TLS',
  dns: 'DNS',
  rest: 'the rest',
};

export const phaseWord = (phase: string): string => phaseWords[phase] ?? phase;

/** The phases that were measured, the whole left out. */
export const phasesIn = (results: readonly Pick<Result, 'phases'>[]): readonly string[] => {
  const names = new Set(results.flatMap(({ phases }) => Object.keys(phases)));
  names.delete('total');
  const known = phaseOrder.filter((name) => names.has(name));
  return [...known, ...[...names].filter((name) => !phaseOrder.includes(name)).sort()];
};

type Drawn = Pick<ChartContent, 'at' | 'series' | 'isStacked'> & { readonly summary: string };

const secondsOf = (at: string): number => Math.round(Date.parse(at) / 1000);

/**
 * Single looks, given newest first, as stacked phases; only the whole where the kind measures no phases. A look that
 * brought nothing is a gap, not 0.
 */
export const chartOfResults = (results: readonly Result[]): Drawn => {
  const looks = withGaps(results.toReversed());
  const phases = phasesIn(results);
  const partOf = ({ phases: own, responseTime }: Result, phase: string): number | null => {
    if (responseTime === null) return null;
    if (phase !== rest) return own[phase] ?? 0;
    return Math.max(0, responseTime - phases.reduce((sum, name) => sum + (own[name] ?? 0), 0));
  };
  const valuesOf = (read: (result: Result) => number | null): (number | null)[] =>
    looks.map(({ result }) => (result ? read(result) : null));
  const whole: ChartSeries = {
    label: 'response time',
    colour: '--accent',
    isFilled: true,
    values: valuesOf(({ responseTime }) => responseTime),
  };
  const parts = [...phases, rest].map(
    (phase, no): ChartSeries => ({
      label: phaseWord(phase),
      colour: phaseColours[no % phaseColours.length] ?? '--accent',
      values: valuesOf((result) => partOf(result, phase)),
    }),
  );
  return {
    at: looks.map(({ at }) => at),
    series: phases.length > 0 ? parts : [whole],
    isStacked: phases.length > 0,
    summary: sentenceOfResults(results),
  };
};

type Look = { readonly at: number; readonly result?: Result };

/** So many times the usual distance between two looks: in between nobody looked. */
const gapFactor = 4;

/** Where nobody looked for long stands an instant without a result, so that no line is drawn across. Oldest first. */
const withGaps = (inOrder: readonly Result[]): readonly Look[] => {
  const looks = inOrder.map((result): Look => ({ at: secondsOf(result.at), result }));
  const distances = looks
    .slice(1)
    .map(({ at }, no) => at - (looks[no]?.at ?? at))
    .sort((left, right) => left - right);
  const usual = Math.max(1, distances[Math.floor(distances.length / 2)] ?? 1);
  return looks.flatMap((look, no) => {
    const next = looks[no + 1];
    return next && next.at - look.at > gapFactor * usual ? [look, { at: look.at + 1 }] : [look];
  });
};

/** `120 looks, 2 unhealthy; 43 ms in the middle, 1.20 s at most.` */
export const sentenceOfResults = (results: readonly Result[]): string => {
  const times = results
    .flatMap(({ responseTime }) => (responseTime === null ? [] : [responseTime]))
    .sort((left, right) => left - right);
  const bad = results.filter(({ status }) => status === 'unhealthy').length;
  const looks = `${results.length} ${results.length === 1 ? 'look' : 'looks'}${bad > 0 ? `, ${bad} unhealthy` : ''}`;
  const middle = times[Math.floor((times.length - 1) / 2)];
  const most = times.at(-1);
  if (middle === undefined || most === undefined) return `${looks}; none brought an answer.`;
  return `${looks}; ${milliseconds(middle)} in the middle, ${milliseconds(most)} at most.`;
};

/** Percentiles by the hour or the day. */
export const chartOfHistory = ({ points, bucketSeconds }: History): Drawn => {
  const line = (
    label: 'p50' | 'p95' | 'p99',
    colour: ChartSeries['colour'],
    dash?: readonly number[],
  ): ChartSeries => ({
    label,
    colour,
    values: points.map((point) => point[label]),
    ...(dash && { dash }),
  });
  return {
    at: points.map(({ at }) => secondsOf(at)),
    series: [
      { ...line('p50', '--accent'), isFilled: true },
      line('p95', '--degraded', [6, 3]),
      line('p99', '--unhealthy', [2, 2]),
    ],
    isStacked: false,
    summary: sentenceOfHistory(points, bucketSeconds),
  };
};

const sentenceOfHistory = (points: History['points'], bucketSeconds: number): string => {
  const unit = `${bucketSeconds >= 86_400 ? 'day' : 'hour'}${points.length === 1 ? '' : 's'}`;
  const measured = points.filter(({ p50 }) => p50 !== null);
  if (measured.length === 0) return `Nothing was measured in these ${points.length} ${unit}.`;
  const most = Math.max(...measured.map(({ p95 }) => p95 ?? 0));
  const unseen = points.length - measured.length;
  const gap = unseen > 0 ? `, nothing in ${unseen}` : '';
  return `Measured in ${measured.length} of ${points.length} ${unit}${gap}; p95 at most ${milliseconds(most)}.`;
};

/** What a share of known time means where it is not all of it. */
export const coverageText = (percent: number | null): string =>
  percent === null ? 'not looked at' : percent >= 99.995 ? 'all of it' : percentText(percent);

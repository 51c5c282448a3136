import { readableSeconds } from '../../platform/duration.ts';
import type { RuleDefinition } from '../rule.ts';
import type { Point, Series, SeriesName, SeriesQuery } from '../series.ts';
import type { Subject } from '../subject.ts';
import { compares, judgeThresholds, type Operator, type Threshold } from './bounds.ts';
import { gathered, type Scope, type Selection, selectorOf } from './selection.ts';
import type { Judging, Reading } from './type.ts';
import { aggregated, type Covered, covered, type Gaps, type Span, sumOf, windowUntil } from './window.ts';

export const matches = ['once', 'always', 'average', 'total', 'last'] as const;
export type Match = (typeof matches)[number];

/** What is measured, and over which time; durations in seconds. */
export type Measure = Selection & {
  readonly series: SeriesName;
  readonly per: Scope;
  readonly aggregate: string;
  readonly window: number;
  /** The whole window when left out. */
  readonly step?: number | undefined;
  readonly match: Match;
};

/** What people call the figure, and how it is shown: `scale` times the value, and then the unit. */
export type Figure = {
  readonly name: string;
  readonly unit: string;
  readonly scale: number;
  /** The name says how it is aggregated. */
  readonly isAggregate?: true;
};

const figures: Readonly<Record<string, Figure>> = {
  'check.response_time_ms': { name: 'response time', unit: ' ms', scale: 1 },
  'check.failure': { name: 'failures', unit: '', scale: 1 },
  'check.up': { name: 'check.up', unit: '', scale: 1 },
};
export const figureOf = (series: SeriesName): Figure =>
  (Object.hasOwn(figures, series) ? figures[series] : undefined) ?? { name: series, unit: '', scale: 1 };

export const queryOf = (
  rule: RuleDefinition,
  measure: Selection & { readonly series: SeriesName; readonly window: number },
  now: number,
): SeriesQuery => ({
  series: measure.series,
  selector: selectorOf(rule, measure),
  ...windowUntil(now, measure.window),
});

/** How gaps count for a rule: a policy of zero fills them, and a count is about them. */
export const gapsOf = (rule: RuleDefinition, aggregate: string): Gaps => {
  if (aggregate === 'count') return 'count';
  return rule.noData === 'zero' ? 'zero' : { minCoverage: rule.minCoverage };
};

/** One reading for each subject, from the answer to `queryOf`. */
export const readMeasure = (
  { rule, now }: Judging,
  measure: Measure,
  thresholds: readonly Threshold[],
  answer: readonly Series[],
  figure: Figure = figureOf(measure.series),
): readonly Reading[] =>
  [...gathered(measure.per, rule, answer).values()].flatMap(({ subject, members }) => {
    const span = windowUntil(now, measure.window);
    const window = covered(members, span, gapsOf(rule, measure.aggregate));
    // Nothing is missing yet where nothing could be there: no policy for missing data may fire for what has just come.
    if (window.coverage === 'too new') return [];
    const values = window.coverage === 'enough' ? stepsOf(measure, window, span) : [];
    if (values.length === 0) return [withoutData({ rule, now }, measure, subject, window, figure)];
    return [reading({ rule, now }, measure, thresholds, { subject, values, figure })];
  });

const stepsOf = (measure: Measure, { points }: Covered, span: Span): readonly number[] => {
  const step = (measure.step ?? measure.window) * 1000;
  const parts = Array.from({ length: Math.ceil((span.toAt - span.fromAt) / step) }, (): Point[] => []);
  // A point on the border belongs to the part that it ends, as with windows.
  for (const point of points) parts[Math.ceil((point.at - span.fromAt) / step) - 1]?.push(point);
  return parts.flatMap((part) => aggregated(measure.aggregate, part) ?? []);
};

/** What is held against a bound, and the number that tells it best. */
const judgedBy = (
  match: Match,
  values: readonly number[],
): { crosses: (operator: Operator, bound: number) => boolean; telling: (operator: Operator) => number } => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const single = { average: sumOf(values) / values.length, total: sumOf(values), last: values.at(-1) ?? 0 };
  switch (match) {
    case 'once':
      return {
        crosses: (operator, bound) => values.some((value) => compares(value, operator, bound)),
        telling: (operator) => (operator.startsWith('<') ? least : most),
      };
    case 'always':
      return {
        crosses: (operator, bound) => values.every((value) => compares(value, operator, bound)),
        telling: (operator) => (operator.startsWith('<') ? most : least),
      };
    default:
      return {
        crosses: (operator, bound) => compares(single[match], operator, bound),
        telling: () => single[match],
      };
  }
};

type Found = { readonly subject: Subject; readonly values: readonly number[]; readonly figure: Figure };

const reading = (
  { rule, now }: Judging,
  measure: Measure,
  thresholds: readonly Threshold[],
  { subject, values, figure }: Found,
): Reading => {
  // 0.07 times 100 is 7.000000000000001 in binary fractions, which is not above 7.
  const shown = values.map((value) => Number((value * figure.scale).toPrecision(12)));
  const { crosses, telling } = judgedBy(measure.match, shown);
  const { threshold, verdict, ...judged } = judgeThresholds(thresholds, rule.severity, crosses);
  const value = tidy(telling(threshold?.operator ?? '>'));
  const aggregate = figure.isAggregate ? '' : `${aggregateWords(measure.aggregate)} `;
  const said = `${matchWords(measure)}${aggregate}${figure.name} ${value}${figure.unit} over ${readableSeconds(measure.window)}`;
  const bound = threshold ? boundWords(threshold, verdict, figure.unit) : '';
  return { subject, value, verdict, ...judged, reason: `${said} is ${bound}`, at: now };
};

const withoutData = (
  { rule, now }: Judging,
  { window }: Measure,
  subject: Subject,
  { points, expected }: Covered,
  { name }: Figure,
): Reading => {
  const found = points.length === 0 ? 'nothing' : `${points.length} of ${expected} points`;
  const reason = `too little data: ${found} of ${name} in ${readableSeconds(window)}`;
  return { subject, value: null, verdict: 'nothing', severity: rule.severity, reason, at: now };
};

const opWords: Readonly<Record<Operator, readonly [crossed: string, not: string]>> = {
  '>': ['above', 'not above'],
  '>=': ['at or above', 'below'],
  '<': ['below', 'not below'],
  '<=': ['at or below', 'above'],
  '==': ['exactly', 'not'],
  '!=': ['not', 'exactly'],
};

/** `above 500 ms`, `not above 500 ms`, `not above 500 ms any more, and not yet back to 400 ms`. */
export const boundWords = (
  { operator, value, recovery }: Threshold,
  verdict: 'breached' | 'clear' | 'between',
  unit = '',
): string => {
  const [crossed, not] = opWords[operator];
  if (verdict === 'breached') return `${crossed} ${value}${unit}`;
  if (verdict === 'clear' || recovery === undefined) return `${not} ${value}${unit}`;
  return `${not} ${value}${unit}, but not back to ${recovery}${unit}`;
};

const aggregateNames: Readonly<Record<string, string>> = {
  avg: 'average',
  min: 'lowest',
  max: 'highest',
  sum: 'sum of',
  count: 'number of',
  rate: 'growth a second of',
};
export const aggregateWords = (aggregate: string): string => aggregateNames[aggregate] ?? aggregate;

const matchWords = ({ match, step, window }: Measure): string => {
  if (step === undefined || step >= window) return '';
  const steps = `steps of ${readableSeconds(step)}`;
  const words: Readonly<Record<Match, string>> = {
    once: `at least once in ${steps}, `,
    always: `in all ${steps}, `,
    average: `on average of ${steps}, `,
    total: `in total of ${steps}, `,
    last: `in the last of ${steps}, `,
  };
  return words[match];
};

/** People need no more than six digits, and no noise of binary fractions. */
export const tidy = (value: number): number => Number(value.toPrecision(6));

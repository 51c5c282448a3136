import { type Threshold, thresholdFaults } from './bounds.ts';
import { figureOf, type Measure, queryOf, readMeasure } from './measure.ts';
import { type Scope, type Selection, scopeField, selectionFields } from './selection.ts';
import { secondsField, windowField } from './time-fields.ts';
import type { RuleTypeDefinition } from './type.ts';
import {
  eitherOr,
  eitherOrFault,
  type UpperBounds,
  upperBoundFields,
  upperBoundsOf,
} from './upper-bounds.ts';
import { percentilePattern } from './window.ts';

type Condition = Selection &
  UpperBounds & {
    readonly per: Scope;
    readonly aggregate: string;
    readonly window: number;
  };
const conditionOf = (condition: Readonly<Record<string, unknown>>) => condition as unknown as Condition;

const measureOf = (condition: Condition): Measure => ({
  ...condition,
  series: 'check.response_time_ms',
  match: 'average',
});

/** Rounded to microseconds: 0.07 s are 70 ms and not 70.00000000000001. */
const milliseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1000;

const thresholdsOf = (condition: Condition): readonly Threshold[] =>
  upperBoundsOf(condition).map((bound) => ({
    operator: '>' as const,
    value: milliseconds(bound.above),
    ...(bound.recovery !== undefined && { recovery: milliseconds(bound.recovery) }),
    ...(bound.severity && { severity: bound.severity }),
    ...(bound.channels && { channels: bound.channels }),
  }));

const longestAnswer = 3600;

/** Response times against a bound. */
export const performance: RuleTypeDefinition = {
  feed: 'series',
  condition: (z) => {
    const above = secondsField(z, 0, longestAnswer).meta({ description: 'A duration, such as 800ms.' });
    const recovery = secondsField(z, 0, longestAnswer)
      .optional()
      .meta({ description: 'Not before it is faster than this it is over; `above` when left out.' });
    return z
      .strictObject({
        ...selectionFields(z),
        per: scopeField(z),
        aggregate: z
          .string()
          .refine(
            (text) => text === 'avg' || text === 'max' || percentilePattern.test(text),
            'Give avg, max, or a percentile from p50 to p99.9.',
          )
          .default('p95'),
        window: windowField(z),
        ...upperBoundFields(z, above, recovery),
      })
      .refine(eitherOr, eitherOrFault);
  },
  faults: ({ condition }) =>
    thresholdFaults(thresholdsOf(conditionOf(condition))).map(([path, message]) => [
      conditionOf(condition).thresholds ? path : 'condition.recovery',
      message.replace(/(\d[\d.]*) or/, '$1 ms or'),
    ]),
  queries: ({ rule, now }) => [queryOf(rule, measureOf(conditionOf(rule.condition)), now)],
  judge: (judging, { series }) => {
    const condition = conditionOf(judging.rule.condition);
    const figure = figureOf('check.response_time_ms');
    return readMeasure(judging, measureOf(condition), thresholdsOf(condition), series[0] ?? [], figure);
  },
};

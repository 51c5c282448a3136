import { type Threshold, thresholdFaults } from './bounds.ts';
import { type Figure, type Measure, queryOf, readMeasure } from './measure.ts';
import { type Scope, type Selection, scopeField, selectionFields } from './selection.ts';
import { windowField } from './time-fields.ts';
import type { RuleTypeDefinition } from './type.ts';
import {
  eitherOr,
  eitherOrFault,
  type UpperBounds,
  upperBoundFields,
  upperBoundsOf,
} from './upper-bounds.ts';

type Condition = Selection &
  UpperBounds & {
    readonly per: Scope;
    readonly window: number;
  };
const conditionOf = (condition: Readonly<Record<string, unknown>>) => condition as unknown as Condition;

const measureOf = (condition: Condition): Measure => ({
  ...condition,
  series: 'check.failure',
  aggregate: 'avg',
  match: 'average',
});

const thresholdsOf = (condition: Condition): readonly Threshold[] =>
  upperBoundsOf(condition).map(({ above: value, ...rest }) => ({
    operator: '>' as const,
    value,
    ...rest,
  }));

/** A failed look is a 1 and a good one a 0, so that the average is the share. */
const share: Figure = { name: 'share of failed looks', unit: ' %', scale: 100, isAggregate: true };

/** The share of failed looks against a bound. */
export const errorRate: RuleTypeDefinition = {
  feed: 'series',
  defaults: { severity: 'error' },
  condition: (z) => {
    const percent = z
      .number({ error: 'Give percent, 0 to 100.' })
      .min(0, 'Give percent, 0 to 100.')
      .max(100, 'Give percent, 0 to 100.');
    const above = percent.meta({ description: 'Percent of all looks.' });
    const recovery = percent
      .optional()
      .meta({ description: 'Not before the share is at or below this it is over; `above` when left out.' });
    return z
      .strictObject({
        ...selectionFields(z),
        per: scopeField(z),
        window: windowField(z),
        ...upperBoundFields(z, above, recovery),
      })
      .refine(eitherOr, eitherOrFault);
  },
  faults: ({ condition }) =>
    thresholdFaults(thresholdsOf(conditionOf(condition))).map(([path, message]) => [
      conditionOf(condition).thresholds ? path : 'condition.recovery',
      message,
    ]),
  queries: ({ rule, now }) => [queryOf(rule, measureOf(conditionOf(rule.condition)), now)],
  judge: (judging, { series }) => {
    const condition = conditionOf(judging.rule.condition);
    return readMeasure(judging, measureOf(condition), thresholdsOf(condition), series[0] ?? [], share);
  },
};

import { checkSeries } from '../series.ts';
import { type Threshold, thresholdFaults, thresholdsField } from './bounds.ts';
import { type Measure, matches, queryOf, readMeasure } from './measure.ts';
import { scopeField, selectionFields } from './selection.ts';
import { stepFaults, stepField, windowField } from './time-fields.ts';
import type { RuleTypeDefinition } from './type.ts';
import { aggregateField } from './window.ts';

type Condition = Measure & { readonly thresholds: readonly Threshold[] };
const conditionOf = (condition: Readonly<Record<string, unknown>>) => condition as unknown as Condition;

/** Any series against bounds. */
export const threshold: RuleTypeDefinition = {
  feed: 'series',
  condition: (z) =>
    z.strictObject({
      series: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_.:/-]{0,199}$/, `Name a series, such as ${checkSeries.join(', ')}.`)
        .meta({ description: 'The series to look at.', examples: [...checkSeries] }),
      ...selectionFields(z),
      per: scopeField(z),
      aggregate: aggregateField(z, 'avg'),
      window: windowField(z),
      step: stepField(z),
      match: z
        .enum(matches, { error: `Give one of ${matches.join(', ')}.` })
        .default('average')
        .meta({
          description:
            'How the steps of the window are judged: a single one crosses, all do, their average, their sum, or the newest one.',
        }),
      thresholds: thresholdsField(z),
    }),
  faults: ({ condition }) => [
    ...thresholdFaults(conditionOf(condition).thresholds),
    ...stepFaults(conditionOf(condition)),
  ],
  queries: ({ rule, now }) => [queryOf(rule, conditionOf(rule.condition), now)],
  judge: (judging, { series }) => {
    const condition = conditionOf(judging.rule.condition);
    return readMeasure(judging, condition, condition.thresholds, series[0] ?? []);
  },
};

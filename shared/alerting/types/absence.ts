import { readableSeconds } from '../../platform/duration.ts';
import type { RuleDefinition } from '../rule.ts';
import type { Series } from '../series.ts';
import { queryOf } from './measure.ts';
import { gathered, type Scope, type Selection, scopeField, selectionFields } from './selection.ts';
import { windowField } from './time-fields.ts';
import type { Reading, RuleTypeDefinition } from './type.ts';

type Condition = Selection & { readonly series: string; readonly per: Scope; readonly window: number };
const conditionOf = ({ condition }: RuleDefinition) => condition as unknown as Condition;

/** Nothing came. */
export const absence: RuleTypeDefinition = {
  feed: 'series',
  defaults: { severity: 'error' },
  condition: (z) =>
    z.strictObject({
      series: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_.:/-]{0,199}$/, 'Name a series, such as check.up.')
        .default('check.up')
        .meta({
          description:
            'The series that should have points. A look that ends as unknown has none in check.up.',
        }),
      ...selectionFields(z),
      per: scopeField(z),
      window: windowField(z, 600),
    }),
  queries: ({ rule, now }) => [queryOf(rule, conditionOf(rule), now)],
  judge: ({ rule, now }, { series }) => {
    const { per, window } = conditionOf(rule);
    return [...gathered(per, rule, series[0] ?? []).values()].flatMap(({ subject, members }) => {
      const found = judged(conditionOf(rule), members, now - window * 1000);
      return found ? [{ subject, value: null, severity: rule.severity, at: now, ...found }] : [];
    });
  },
};

const judged = (
  { series, window }: Condition,
  members: readonly Series[],
  fromAt: number,
): Pick<Reading, 'verdict' | 'reason'> | undefined => {
  const points = members.reduce((count, member) => count + member.points.length, 0);
  const span = readableSeconds(window);
  if (points > 0)
    return {
      verdict: 'clear',
      reason: `${points} ${points === 1 ? 'point' : 'points'} of ${series} in ${span}`,
    };
  // Between two looks that are farther apart than the window nothing can be missing.
  if (members.some(({ intervalSeconds }) => intervalSeconds >= window)) return undefined;
  // What is looked at for less than the window cannot be absent for so long.
  if (members.every(({ since }) => since > fromAt)) return undefined;
  return { verdict: 'breached', reason: `no point of ${series} for ${span}` };
};

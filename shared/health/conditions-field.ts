import * as z from 'zod';
import type { Condition, Placeholder } from './conditions/condition.ts';
import { placeholdersIn } from './conditions/condition.ts';
import { ConditionFault, longestCondition, parseCondition } from './conditions/parse.ts';
import type { CheckKind } from './kinds/kind.ts';

const mostConditions = 20;

/** The expressions as people write them; gives what they were parsed to. A fault tells the column. */
export const conditionsField = (kind: CheckKind) => {
  const known = new Set(kind.placeholders);
  return z
    .array(z.string().min(1, 'Give an expression.').max(longestCondition))
    .max(mostConditions)
    .transform((texts, context): readonly Condition[] =>
      texts.flatMap((text, index) => {
        const parsed = parsedBy(text, known);
        if (typeof parsed !== 'string') return [parsed];
        context.addIssue({ code: 'custom', path: [index], message: parsed });
        return [];
      }),
    )
    .describe(
      known.size === 0
        ? 'None: there is nothing that they could speak of.'
        : `Expressions that must hold for a success. They may speak of ${[...known].join(', ')}.`,
    );
};

/** The condition, or a sentence that says what is wrong with it. */
const parsedBy = (text: string, known: ReadonlySet<Placeholder>): Condition | string => {
  try {
    const condition = parseCondition(text);
    const strange = [...placeholdersIn([condition])].find((placeholder) => !known.has(placeholder));
    if (strange === undefined) return condition;
    if (known.size === 0)
      return 'Leave conditions out: checks of this kind know nothing that they could speak of.';
    return `Checks of this kind know no [${strange}]: write of ${[...known].map((one) => `[${one}]`).join(', ')}.`;
  } catch (error) {
    if (!(error instanceof ConditionFault)) throw error;
    return `${error.message} (column ${error.column}).`;
  }
};

import type * as Zod from 'zod';
import type { Condition, Source } from './condition.ts';

/** The parser as an argument, so that it never enters a bundle that only judges what was parsed. */
export type ConditionParser = {
  parseCondition(text: string): Condition;
  parseSource(text: string): Source;
};

/** A field with one condition: its text comes in, the parsed condition goes on. */
export const conditionField = (
  z: typeof Zod,
  { parseCondition }: Pick<ConditionParser, 'parseCondition'>,
): Zod.ZodType<Condition, string> =>
  parsed(z, parseCondition, 'One comparison, such as `[STATUS] in 200..299` or `[BODY].ok == true`.');

/** A field that says where a value is found, such as `[BODY].token`. */
export const sourceField = (
  z: typeof Zod,
  { parseSource }: Pick<ConditionParser, 'parseSource'>,
): Zod.ZodType<Source, string> => parsed(z, parseSource, 'Such as `[BODY].token` or `[HEADER].location`.');

const parsed = <T>(z: typeof Zod, parse: (text: string) => T, description: string): Zod.ZodType<T, string> =>
  z
    .string()
    .max(500)
    .transform((text, context): T => {
      try {
        return parse(text);
      } catch (error) {
        // By its shape: importing the class would bring the parser along.
        if (!(error instanceof Error && 'column' in error)) throw error;
        context.addIssue({ code: 'custom', message: `${error.message} (column ${error.column}).` });
        return z.NEVER;
      }
    })
    .meta({ description });

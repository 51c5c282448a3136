import type * as Zod from 'zod';
import { consequenceFields, mostThresholds, type Threshold } from './bounds.ts';

/** What is crossed from below: one as `above` and `recovery`, or several with consequences of their own. */
type UpperBound = { readonly above: number; readonly recovery?: number | undefined } & Pick<
  Threshold,
  'severity' | 'channels'
>;
export type UpperBounds = Partial<UpperBound> & { readonly thresholds?: readonly UpperBound[] | undefined };

/** The fields of a condition that say its upper bounds; `eitherOr` is to hold for the whole of it. */
export const upperBoundFields = (
  z: typeof Zod,
  above: Zod.ZodType<number, number | string>,
  recovery: Zod.ZodType<number | undefined, number | string | undefined>,
) => ({
  above: above.optional(),
  recovery,
  thresholds: z
    .array(z.strictObject({ above, recovery, ...consequenceFields(z) }))
    .min(1, 'Give at least one threshold.')
    .max(mostThresholds, `Give at most ${mostThresholds} thresholds.`)
    .optional(),
});

export const eitherOr = ({ above, thresholds }: { above?: unknown; thresholds?: unknown }): boolean =>
  (above === undefined) !== (thresholds === undefined);
export const eitherOrFault = {
  error: 'Give either `above`, or several `thresholds`.',
  path: ['above'],
};

export const upperBoundsOf = ({ above, recovery, thresholds }: UpperBounds): readonly UpperBound[] =>
  thresholds ?? (above === undefined ? [] : [{ above, recovery }]);

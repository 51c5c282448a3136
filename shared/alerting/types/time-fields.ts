import type * as Zod from 'zod';
import { durationHint, durationPattern, readableSeconds, secondsOf } from '../../platform/duration.ts';

/** The evaluator looks twice a minute: shorter windows would leave gaps between two looks. */
const shortestWindow = 30;
/** Longer ones need what rollups know, not results. */
export const longestWindow = 86_400;
const shortestStep = 10;
const mostSteps = 288;

/** Seconds, or a duration as text; gives seconds between the two. `shared/platform/api/fields.ts` has the same and brings zod along. */
export const secondsField = (z: typeof Zod, least: number, most: number) =>
  z
    .union(
      [
        z.number().nonnegative({ error: durationHint }),
        z.string().regex(durationPattern, { error: durationHint }),
      ],
      { error: durationHint },
    )
    .transform(secondsOf)
    .refine(
      (seconds) => seconds >= least && seconds <= most,
      `Give ${least === 0 ? 'at most' : `${readableSeconds(least)} to`} ${readableSeconds(most)}.`,
    );

export const windowField = (z: typeof Zod, usual = 300) =>
  secondsField(z, shortestWindow, longestWindow)
    .default(usual)
    .meta({ description: `How far back is looked, 30s to 24h; ${readableSeconds(usual)} when left out.` });

export const stepField = (z: typeof Zod) =>
  secondsField(z, shortestStep, longestWindow).optional().meta({
    description: 'The window in parts that are aggregated one by one; the whole window when left out.',
  });

export const stepFaults = ({
  window,
  step,
}: {
  readonly window: number;
  readonly step?: number | undefined;
}): readonly (readonly [path: string, message: string])[] => {
  if (step === undefined) return [];
  const path = 'condition.step';
  if (step > window || window % step !== 0)
    return [[path, `Give a step that divides the window of ${readableSeconds(window)} evenly.`]];
  return window / step > mostSteps ? [[path, `Give a longer step: at most ${mostSteps} fit a window.`]] : [];
};

import { boundsAt } from './bounds-at.ts';
import { decideScaling, type ScalingState } from './decide-scaling.ts';
import type { ScalerDefinition } from './scaler.ts';

/** One instant of a dry run: what the series showed, how many there would have been, and why. */
export type DryRunPoint = {
  /** Epoch ms. */
  readonly at: number;
  readonly value: number | null;
  readonly desired: number;
  readonly change: 'out' | 'in' | 'none';
  readonly reason: string;
};

/**
 * What the rule would have done: `values` are the aggregates at their instants, oldest first. The series is taken as it
 * was: more of the target would have changed it, which no dry run can know.
 */
export const dryRun = (
  definition: ScalerDefinition,
  values: readonly { readonly at: number; readonly value: number | undefined }[],
  startCount: number,
): readonly DryRunPoint[] => {
  let present = startCount;
  let state: ScalingState = {};
  return values.map(({ at, value }) => {
    const { change, desired, reason } = decideScaling(boundsAt(definition, at), {
      value,
      present,
      state,
      now: at,
    });
    present = desired;
    if (change !== 'none')
      state = { ...state, ...(change === 'out' ? { scaledOutAt: at } : { scaledInAt: at }) };
    return { at, value: value ?? null, desired, change, reason };
  });
};

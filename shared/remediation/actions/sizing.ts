import type * as z from 'zod';
import type { Json } from '../plan.ts';

/** How a new size is asked for: by one of `desired`, `by` and `factor`; with `maxScale` alone, half as much again. */
export type WantedSize = {
  readonly desired?: number;
  /** One more: 1; one fewer: -1. */
  readonly by?: number;
  /** 2 doubles; 0.5 halves. */
  readonly factor?: number;
  /** Never more than so many times what runs now. */
  readonly maxScale?: number;
};

export const sizeParams = (zod: typeof z): z.ZodType<Readonly<Record<string, Json>>> =>
  zod
    .strictObject({
      desired: zod.int().min(0).max(10_000).exactOptional(),
      by: zod.int().min(-1000).max(1000).exactOptional(),
      factor: zod.number().gt(0).max(100).exactOptional(),
      maxScale: zod.number().min(1).max(100).exactOptional(),
    })
    .superRefine(({ desired, by, factor, maxScale }, context) => {
      const said = [desired, by, factor].filter((one) => one !== undefined).length;
      if (said > 1 || (said === 0 && maxScale === undefined))
        context.addIssue({
          code: 'custom',
          message: 'say one of desired (a count), by (such as 1 or -1) and factor (such as 1.5)',
        });
    });

/** What a policy that only says `scale_up` grows by, as far as its max_scale lets it. */
const growth = 1.5;

export type Bounds = {
  readonly min: number;
  readonly max: number;
  /** Who sets them: `the group`. */
  readonly of: string;
};

export type Sized = { readonly size: number } | { readonly refused: string } | { readonly unchanged: string };

/** An exact wish outside the bounds is refused; a relative one goes as far as they allow. */
export const sizeFor = (current: number, wanted: WantedSize, { min, max, of }: Bounds): Sized => {
  const { desired, by, factor = growth, maxScale } = wanted;
  const highest = maxScale === undefined ? max : Math.min(max, Math.floor(current * maxScale));
  if (desired !== undefined) {
    if (desired === current) return { unchanged: `it has ${current} already` };
    if (desired < min || desired > max)
      return { refused: `${desired} is outside of what ${of} allows: ${rangeOf(min, max)}` };
    if (desired > highest && desired > current)
      return { refused: `${desired} is more than ${maxScale} times the ${current} of now` };
    return { size: desired };
  }
  const asked = by === undefined ? Math.ceil(current * factor) : current + by;
  if (asked === current) return { unchanged: `it has ${current} already` };
  const size = Math.max(min, Math.min(highest, asked));
  const goesUp = asked > current;
  if (goesUp ? size > current : size < current) return { size };
  if (!goesUp) return { refused: `it is at the minimum of ${of} already: ${min}` };
  if (current >= max) return { refused: `it is at the maximum of ${of} already: ${max}` };
  return { refused: `${maxScale} times the ${current} of now is no more than now` };
};

const rangeOf = (min: number, max: number): string =>
  Number.isFinite(max) ? `${min} to ${max}` : `${min} or more`;

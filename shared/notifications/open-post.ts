import type { Clock } from '../platform/clock.ts';
import type { HttpAnswer, HttpPost } from './kinds/kind.ts';

export type PostTools = {
  /** As the settings give them: comma-separated CIDR ranges. */
  readonly allowedPrivateRanges: string;
  readonly insideLambda: boolean;
  readonly clock: Clock;
  /** Ms from the first look-up to the last byte; `usualTimeoutMs` when left out. */
  readonly timeoutMs?: number;
};

/** Receivers that take longer are as good as down, and others wait behind them. */
export const usualTimeoutMs = 10_000;

/** Posts through the address guard; see `guardedPost`. The way out is loaded when first used. */
export const openPost =
  ({ allowedPrivateRanges, insideLambda, clock, timeoutMs = usualTimeoutMs }: PostTools) =>
  async (request: HttpPost): Promise<HttpAnswer> => {
    const { openWay } = await import('./way-out.ts');
    const { guardedPost } = await import('./guarded-post.ts');
    return guardedPost(request, openWay({ allowedPrivateRanges, insideLambda, clock, timeoutMs }));
  };

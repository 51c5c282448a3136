import { DomainError } from '../platform/errors.ts';

const tooLong = (): DomainError =>
  new DomainError(
    'COLLECTION_ERROR',
    'This backtest takes too long. Shorten the period, or name fewer checks in the condition.',
  );

/**
 * Gives up on work after `milliseconds`, be it waiting (a timer ends that) or computing (which asks `requireTime` now and
 * then). Throws COLLECTION_ERROR; what is under way then goes on until it next asks, and its result is dropped.
 */
export const withinPatience = async <T>(
  milliseconds: number,
  work: (requireTime: () => void) => Promise<T>,
): Promise<T> => {
  const endsAt = performance.now() + milliseconds;
  const requireTime = () => {
    if (performance.now() >= endsAt) throw tooLong();
  };
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tooLong()), milliseconds);
  try {
    return await Promise.race([work(requireTime), late]);
  } finally {
    clearTimeout(timer);
  }
};

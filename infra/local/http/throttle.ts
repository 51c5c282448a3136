/** A token bucket on a monotonic clock: `burst` requests at once, `rate` a second in the long run. */
export const createThrottle = (
  rate: number,
  burst: number,
  monotonicMs: () => number = () => performance.now(),
): (() => boolean) => {
  let tokens = burst;
  let lookedAt = monotonicMs();
  return () => {
    const now = monotonicMs();
    tokens = Math.min(burst, tokens + ((now - lookedAt) / 1000) * rate);
    lookedAt = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
};

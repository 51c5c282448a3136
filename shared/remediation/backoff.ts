/** Between the first attempt and the second one. */
const firstSeconds = 30;
const mostSeconds = 600;

/**
 * How long is waited after attempt `attempt` (from 1) before the next one, in seconds: 30 each time, or exponentially
 * 30, 60, 120 … and never more than ten minutes.
 */
export const backoffSeconds = (backoff: 'exponential' | 'constant', attempt: number): number =>
  backoff === 'constant'
    ? firstSeconds
    : Math.min(mostSeconds, firstSeconds * 2 ** Math.max(0, Math.min(attempt, 20) - 1));

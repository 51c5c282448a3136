import type { FieldFault } from '../platform/errors.ts';

/** A run ends inside the runner's minute whatever the interval. */
const longestRunSeconds = 50;
/** Between two attempts. */
const pauseSeconds = 1;
const usualTimeoutSeconds = 5;
const shortestTimeoutSeconds = 0.1;

export type Timing = {
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly faults: readonly FieldFault[];
};

/** What people gave, in seconds; the kind's own usual values where it has some. */
type Given = {
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly usual?: { readonly timeoutSeconds?: number; readonly retries?: number } | undefined;
};

/**
 * Fills in timeout and retries so that (timeout + pause) × (retries + 1) < min(interval, 50 s): a slot's run then ends
 * before the next one starts. What people gave is never changed, only held against the rule.
 */
export const timingFor = (
  intervalSeconds: number,
  { timeout, retries: given, usual = {} }: Given,
): Timing => {
  const limit = Math.min(intervalSeconds, longestRunSeconds);
  const usualTimeout = usual.timeoutSeconds ?? usualTimeoutSeconds;
  const wished = usual.retries ?? 1;
  const retries = given ?? (fits(timeout ?? usualTimeout, wished, limit) ? wished : 0);
  const longest = longestTimeout(limit, retries);
  const timeoutSeconds = timeout ?? Math.min(usualTimeout, longest);
  if (timeoutSeconds >= shortestTimeoutSeconds && fits(timeoutSeconds, retries, limit)) {
    return { timeoutSeconds, retries, faults: [] };
  }
  if (timeoutSeconds < shortestTimeoutSeconds && longest >= shortestTimeoutSeconds) {
    const message = `Give at least ${shortestTimeoutSeconds} s.`;
    return { timeoutSeconds, retries, faults: [{ path: 'timeout', message }] };
  }
  const path = timeout === undefined ? 'retries' : 'timeout';
  const message = whatWouldDo(limit, timeoutSeconds, retries);
  return { timeoutSeconds, retries, faults: [{ path, message }] };
};

/** The longest timeout, in tenths of a second, for which (timeout + pause) × (retries + 1) stays below the limit. */
const longestTimeout = (limit: number, retries: number): number =>
  Math.ceil((limit / (retries + 1) - pauseSeconds) * 10 - 1) / 10;

const fits = (timeout: number, retries: number, limit: number): boolean =>
  (timeout + pauseSeconds) * (retries + 1) < limit;

const whatWouldDo = (limit: number, timeout: number, retries: number): string => {
  const longest = longestTimeout(limit, retries);
  const most = Math.ceil(limit / (timeout + pauseSeconds)) - 2;
  const choices = [
    longest >= shortestTimeoutSeconds && `with ${retries} retries a timeout of at most ${longest} s`,
    timeout >= shortestTimeoutSeconds &&
      most >= 0 &&
      `with a timeout of ${timeout} s at most ${Math.min(most, retries)} retries`,
  ].filter(Boolean);
  const rule = `(timeout + ${pauseSeconds} s) × (retries + 1) must be below ${limit} s`;
  return choices.length > 0
    ? `${rule}: ${choices.join(', or ')}.`
    : `${rule}: give fewer retries, or a longer interval.`;
};

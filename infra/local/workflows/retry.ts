/** One entry of a state's Retry, as Amazon States Language writes it. */
export type Retrier = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'NONE' | 'FULL';
};

/** No Retry and no Catch ever takes these: the execution ends. */
const fatal: readonly string[] = ['States.Runtime', 'States.DataLimitExceeded'];

const isMeant = (name: string, error: string): boolean =>
  name === error ||
  (name === 'States.ALL' && !fatal.includes(error)) ||
  (name === 'States.TaskFailed' && error !== 'States.Timeout' && !fatal.includes(error));

/**
 * Which retrier takes the error, and after how many milliseconds; undefined when none does. The first one that names
 * the error decides, also when its attempts are used up. `attempts` counts the retries that each has made.
 */
export const retryOf = (
  retriers: readonly Retrier[],
  error: string,
  attempts: readonly number[],
  random: () => number,
): { readonly retrier: number; readonly waitMs: number } | undefined => {
  const retrier = retriers.findIndex(({ ErrorEquals }) => ErrorEquals.some((name) => isMeant(name, error)));
  const chosen = retriers[retrier];
  const made = attempts[retrier] ?? 0;
  if (!chosen || made >= (chosen.MaxAttempts ?? 3)) return undefined;
  const grown = (chosen.IntervalSeconds ?? 1) * (chosen.BackoffRate ?? 2) ** made;
  const seconds = Math.min(grown, chosen.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return { retrier, waitMs: seconds * 1000 * (chosen.JitterStrategy === 'FULL' ? random() : 1) };
};

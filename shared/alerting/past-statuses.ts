import type { Point, Series } from './series.ts';
import type { StatusSeen } from './types/type.ts';

type Standing = {
  /** Epoch ms: of the last look. */
  readonly at: number;
  readonly status: 'healthy' | 'unhealthy' | undefined;
  /** In a row. */
  readonly failures: number;
  readonly successes: number;
  /** The last looks, newest last, that count towards `failureWindow`. */
  readonly failed: readonly boolean[];
};

const never: Standing = {
  at: Number.NEGATIVE_INFINITY,
  status: undefined,
  failures: 0,
  successes: 0,
  failed: [],
};
/** Where nothing is known of the check's own: each look is its status. */
const atOnce = { failureThreshold: 1, successThreshold: 1 };

/**
 * How checks stood in the past, out of their looks: statuses themselves are not kept. They turn as they do live, by as
 * many failures and successes as the check says.
 */
export const openPastStatuses = () => {
  const standings = new Map<string, Standing>();
  return {
    /** Takes one look; gives the new status if it turned. A look that is not newer than the last one changes nothing. */
    take: ({ subject, thresholds = atOnce }: Series, { at, value }: Point): StatusSeen | undefined => {
      const before = standings.get(subject.key) ?? never;
      if (at <= before.at) return undefined;
      const after = value > 0 ? afterSuccess(before, thresholds, at) : afterFailure(before, thresholds, at);
      standings.set(subject.key, after);
      if (after.status === undefined || after.status === before.status) return undefined;
      return { subject, status: after.status, since: at, reason: null };
    },
  };
};

type Thresholds = NonNullable<Series['thresholds']>;

const marked = (
  before: Standing,
  isFailed: boolean,
  { failureWindow = 0 }: Thresholds,
): readonly boolean[] => (failureWindow === 0 ? [] : [...before.failed, isFailed].slice(-failureWindow));

const afterFailure = (before: Standing, thresholds: Thresholds, at: number): Standing => {
  const failures = before.failures + 1;
  const failed = marked(before, true, thresholds);
  const counted = thresholds.failureWindow === undefined ? failures : failed.filter(Boolean).length;
  const status = counted >= thresholds.failureThreshold ? 'unhealthy' : before.status;
  return { at, status, failures, successes: 0, failed };
};

const afterSuccess = (before: Standing, thresholds: Thresholds, at: number): Standing => {
  const successes = before.successes + 1;
  if (before.status === 'unhealthy' && successes < thresholds.successThreshold) {
    return { ...before, at, failures: 0, successes, failed: marked(before, false, thresholds) };
  }
  // What failed before the recovery is not held against it any more.
  const failed = before.status === 'unhealthy' ? [] : marked(before, false, thresholds);
  return { at, status: 'healthy', failures: 0, successes, failed };
};

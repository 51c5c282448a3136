import { bitsIn } from './flapping.ts';
import type { CheckState } from './head.ts';
import type { PlanEntry } from './plan.ts';
import type { Seen } from './slot-results.ts';

/** What a definition says about when a status changes. */
export type Thresholds = Pick<PlanEntry, 'failureThreshold' | 'failureWindow' | 'successThreshold'>;

/** What one result makes of the status and of what counts towards it. */
export type Judged = Pick<
  CheckState,
  'status' | 'known' | 'failures' | 'successes' | 'slows' | 'failureMarks' | 'slowMarks' | 'reason'
>;

/**
 * The status after one more result, with hysteresis in both directions:
 *
 * | known before | becomes   | by                                                                                  |
 * |--------------|-----------|-------------------------------------------------------------------------------------|
 * | nothing      | as seen   | its first success, quick or slow; unhealthy only by `failureThreshold`               |
 * | not down     | unhealthy | `failureThreshold` failures in a row, or among the last `failureWindow` results       |
 * | healthy      | degraded  | as many slow successes in a row (or among as many): a single slow answer flips nothing |
 * | degraded     | healthy   | `successThreshold` quick successes in a row                                          |
 * | unhealthy    | up again  | `successThreshold` successes in a row: degraded when all of them were slow           |
 *
 * Unknown says nothing about the target and counts neither way: after it, what was known goes on.
 */
export const judge = (thresholds: Thresholds, before: CheckState, seen: Seen): Judged => {
  if (seen.status === 'unknown') return { ...before, status: 'unknown', reason: seen.reason };
  return seen.status === 'unhealthy'
    ? afterFailure(thresholds, before, seen.reason)
    : afterSuccess(thresholds, before, seen);
};

const afterFailure = (thresholds: Thresholds, before: CheckState, reason: string | null): Judged => {
  const failures = before.failures + 1;
  const failureMarks = marked(before.failureMarks, true, thresholds);
  // What was last known unhealthy is so again at once: it never recovered.
  const isDown = before.known === 'unhealthy' || isReached(failures, failureMarks, thresholds);
  return {
    status: isDown ? 'unhealthy' : before.status,
    known: isDown ? 'unhealthy' : before.known,
    failures,
    successes: 0,
    slows: 0,
    failureMarks,
    slowMarks: marked(before.slowMarks, false, thresholds),
    reason,
  };
};

const afterSuccess = (thresholds: Thresholds, before: CheckState, { status, reason }: Seen): Judged => {
  const { failureThreshold, successThreshold } = thresholds;
  const isSlow = status === 'degraded';
  const mostSlows = Math.max(failureThreshold, successThreshold);
  const counted = {
    ...before,
    failures: 0,
    failureMarks: marked(before.failureMarks, false, thresholds),
    slows: isSlow ? Math.min(before.slows + 1, mostSlows) : 0,
    slowMarks: marked(before.slowMarks, isSlow, thresholds),
    // Up from unhealthy any success is a step; up to healthy a quick one.
    successes: isSlow && before.known !== 'unhealthy' ? 0 : Math.min(before.successes + 1, successThreshold),
    reason,
  };
  if (before.known === 'unhealthy') return afterOutage(thresholds, before, counted);
  if (before.known === 'degraded') return afterSlowness(thresholds, before, counted, isSlow);
  const isDegraded =
    isSlow && (before.known === null || isReached(counted.slows, counted.slowMarks, thresholds));
  const known = isDegraded ? 'degraded' : 'healthy';
  return { ...counted, status: known, known };
};

const afterOutage = ({ successThreshold }: Thresholds, before: CheckState, counted: CheckState): Judged => {
  if (counted.successes < successThreshold)
    return { ...counted, status: before.status, reason: before.reason };
  // What failed before the recovery is not held against the check any more.
  const recovered = { ...counted, failureMarks: 0 };
  return counted.slows >= successThreshold
    ? { ...recovered, status: 'degraded', known: 'degraded', successes: 0 }
    : { ...recovered, status: 'healthy', known: 'healthy' };
};

const afterSlowness = (
  { successThreshold }: Thresholds,
  before: CheckState,
  counted: CheckState,
  isSlow: boolean,
): Judged => {
  if (counted.successes >= successThreshold) {
    return { ...counted, status: 'healthy', known: 'healthy', slowMarks: 0 };
  }
  const again = `it answers in time again, ${counted.successes} of ${successThreshold} times in a row`;
  return { ...counted, status: 'degraded', known: before.known, reason: isSlow ? counted.reason : again };
};

/** The marks of the last `failureWindow` results after one more; none are kept without a window. */
const marked = (marks: number, isMarked: boolean, { failureWindow }: Thresholds): number =>
  failureWindow === undefined ? 0 : ((marks << 1) | Number(isMarked)) & ((1 << failureWindow) - 1);

const isReached = (inRow: number, marks: number, { failureThreshold, failureWindow }: Thresholds): boolean =>
  (failureWindow === undefined ? inRow : bitsIn(marks)) >= failureThreshold;

import { isOver, type LogEntry, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import type { WatchAnswer, WatchInput } from './steps.ts';
import { changeRemediation } from './store.ts';

/** What is seen of the release that a plan would roll back. */
export type ReleaseSeen = {
  /** `superseded`: another release began, so that this one's plan would roll back what does not run any more. */
  readonly verdict: 'watching' | 'confirmed' | 'failed' | 'unknown' | 'superseded';
  readonly reason: string;
};

export type WatchWorld = RemedyWorld & {
  /** Looks at the checks and the error budget since the release. Changes nothing. */
  readonly seeRelease: (remediation: Remediation) => Promise<ReleaseSeen>;
};

/** Checks look every minute or more often. */
const leastBetweenSeconds = 15;
/** An execution's history has room for 25,000 events, and each look takes nine: a day looked at every 15 s would not fit. */
const mostLooks = 1000;

const betweenLooksSeconds = (windowSeconds: number): number =>
  Math.max(leastBetweenSeconds, Math.ceil(windowSeconds / mostLooks));

/**
 * Watches a release for its window: confirmed, the plan to roll it back ends without being applied; failed, the plan goes
 * on to the gate, and where people must approve it their time begins now. A repeat finds what was written before.
 */
export const watchRelease = async (world: WatchWorld, { planHash }: WatchInput): Promise<WatchAnswer> => {
  const { answer } = await changeRemediation<WatchAnswer>(world, planHash, async (found, now) => {
    const { status, reason, plan } = found;
    if (isOver(status)) return { answer: close(`it is over: ${status} (${reason})`) };
    if (!plan.watch) return { answer: close('the plan watches no release') };
    if (found.watchedAt !== undefined) return { answer: apply(reason) };
    const seen = await world.seeRelease(found);
    if (seen.verdict === 'watching')
      return {
        answer: {
          next: 'again',
          waitSeconds: betweenLooksSeconds(plan.watch.windowSeconds),
          reason: seen.reason,
        },
      };
    // Nothing that could be rolled back: it only ends as failed, and people are told.
    if (seen.verdict === 'failed' && plan.actions.length > 0) {
      return {
        draft: { remediation: goingOn(found, seen.reason, now), entries: [entryOf(found, seen, now)] },
        answer: apply(seen.reason),
      };
    }
    const ended: Remediation = { ...found, status: seen.verdict, reason: seen.reason, endedAt: now };
    return {
      draft: { remediation: ended, entries: [entryOf(found, seen, now)] },
      answer: close(seen.reason),
    };
  });
  return answer;
};

const close = (reason: string): WatchAnswer => ({ next: 'close', waitSeconds: 0, reason });
const apply = (reason: string): WatchAnswer => ({ next: 'apply', waitSeconds: 0, reason });

/** The release failed: from now on it is a plan like any other. */
const goingOn = (found: Remediation, reason: string, now: number): Remediation => {
  const { approval } = found.plan;
  const failed = { ...found, watchedAt: now, reason: `the release failed: ${reason}` };
  return approval.mode === 'manual'
    ? { ...failed, status: 'waiting', approveBy: now + approval.expiresSeconds * 1000 }
    : failed;
};

const entryOf = ({ attempt }: Remediation, { verdict, reason }: ReleaseSeen, now: number): LogEntry => ({
  at: now,
  kind: verdict === 'confirmed' ? 'verified' : 'not_verified',
  by: 'homeostat',
  attempt,
  text: reason,
});

import { approvalsMissing, expired } from './decide-approval.ts';
import { hasChanged } from './decide-close.ts';
import { natureOf } from './nature.ts';
import type { ActionProgress, Hold, LogEntry, Remediation } from './remediation.ts';
import type { GateAnswer } from './steps.ts';
import type { Draft } from './store.ts';
import type { Overtaken } from './world-changed.ts';

/** What the gate writes, if anything, and what it answers. */
export type Passed = { readonly draft?: Draft | undefined; readonly answer: GateAnswer };

/** What ends by itself is waited for, so long in all; then people are told. */
export const mostWaitedMs = 3_600_000;
/** Not more often, however soon a hold ends. */
const leastWaitSeconds = 5;

const answer = (next: GateAnswer['next'], reason: string, seconds: Partial<GateAnswer> = {}): GateAnswer => ({
  waitSeconds: 0,
  approvalSeconds: 0,
  ...seconds,
  next,
  reason,
});

const entry = (kind: LogEntry['kind'], { attempt }: Remediation, at: number, text: string): LogEntry => ({
  at,
  kind,
  by: 'homeostat',
  attempt,
  text,
});

/**
 * Why this delivery is not for what is under way: undefined when it is. An action that was begun in this attempt, or whose
 * outcome nobody knows, is not for the gate to judge: the end of the remediation does.
 */
export const lateReason = (
  { attempt: under, actions, plan }: Remediation,
  attempt: number,
): string | undefined => {
  if (attempt < under) return `attempt ${attempt} is over, ${under} is under way`;
  if (attempt > plan.attempts.max) return `there are only ${plan.attempts.max} attempts`;
  if (actions.some(({ state }) => state === 'applying' || state === 'unknown'))
    return 'an action was begun, and nobody knows how it ended';
  const isBegun = actions.some((one) => one.attempt === attempt && one.state !== 'pending');
  return isBegun ? `attempt ${attempt} was begun already` : undefined;
};

/** What the world overtook ends as that; after a change that did not help, people must see it. */
export const endedAs = (found: Remediation, { status, reason }: Overtaken, now: number): Passed => {
  const isFailed = hasChanged(found) && status !== 'succeeded';
  const text = isFailed ? `What was done did not help. ${reason}` : reason;
  const remediation: Remediation = {
    ...found,
    status: isFailed ? 'failed' : status,
    reason: text,
    holds: [],
    heldSince: undefined,
    endedAt: now,
  };
  // How it ended stands in the record once, by the step that ends it.
  return { draft: { remediation, entries: [] }, answer: answer('close', text) };
};

/** What people still have to say; undefined when nothing. Nobody answered in time: that is a no (fault 18). */
export const questionOf = (found: Remediation, now: number): Passed | undefined => {
  if (approvalsMissing(found) === 0) return undefined;
  const { approveBy = now + found.plan.approval.expiresSeconds * 1000 } = found;
  if (now >= approveBy) {
    const remediation = expired({ ...found, approveBy }, now);
    return {
      draft: { remediation, entries: [entry('rejected', found, now, remediation.reason)] },
      answer: answer('close', remediation.reason),
    };
  }
  const people = approvalsMissing(found) === 1 ? 'somebody' : `${approvalsMissing(found)} people`;
  const reason = `it waits for ${people} to approve it`;
  // A minute longer than people have: who answers in the last moment is heard.
  const ask = answer('ask', reason, { approvalSeconds: Math.ceil((approveBy - now) / 1000) + 60 });
  // Of a release that was watched the time to approve begins now.
  if (found.status === 'waiting' && found.approveBy === approveBy) return { answer: ask };
  const remediation: Remediation = { ...found, status: 'waiting', approveBy, reason };
  return { draft: { remediation, entries: [] }, answer: ask };
};

/** People read no more of a reason than this; all holds stand in the item. */
const mostSaid = 5;

const said = (holds: readonly Hold[]): string => {
  const reasons = holds.slice(0, mostSaid).map(({ reason }) => reason);
  const others = holds.length - reasons.length;
  return [...reasons, ...(others > 0 ? [`… and ${others} more.`] : [])].join(' ');
};

/**
 * Waits for what ends by itself within an hour of waiting in all; what does not is held for good, and people are told.
 * After a change that did not help, being held means that it failed.
 */
export const decideHolds = (found: Remediation, holds: readonly Hold[], now: number): Passed => {
  const heldSince = found.heldSince ?? now;
  const untilAt = holds.reduce((last, hold) => Math.max(last, hold.untilAt ?? Number.POSITIVE_INFINITY), 0);
  const reason = said(holds);
  // By the time it could go on it would answer the load of a while ago.
  if (natureOf(found.plan) === 'scaling' && Number.isFinite(untilAt)) {
    const late = `It does not wait, for the next minute decides anew. ${reason}`;
    return endedAs(found, { status: 'superseded', reason: late }, now);
  }
  if (untilAt <= heldSince + mostWaitedMs) {
    const isNews = brakesOf(found.holds) !== brakesOf(holds);
    const remediation: Remediation = { ...found, holds, heldSince, reason };
    return {
      draft: { remediation, entries: isNews ? [entry('held', found, now, reason)] : [] },
      answer: answer('wait', reason, {
        waitSeconds: Math.max(leastWaitSeconds, Math.ceil((untilAt - now) / 1000)),
      }),
    };
  }
  const isFailed = hasChanged(found);
  const text = isFailed ? `What was done did not help, and the next attempt is held back. ${reason}` : reason;
  const remediation: Remediation = {
    ...found,
    status: isFailed ? 'failed' : 'held',
    reason: text,
    holds,
    endedAt: now,
  };
  return {
    draft: { remediation, entries: [entry('held', found, now, reason)] },
    answer: answer('close', text),
  };
};

const brakesOf = (holds: readonly Hold[]): string => holds.map(({ brake }) => brake).join();

/** The attempt begins: what an earlier one did is tried anew. */
export const goesOn = (found: Remediation, attempt: number): Passed => {
  const reason = attempt === 1 ? 'nothing holds it' : `nothing holds attempt ${attempt}`;
  const anew = (one: ActionProgress): ActionProgress =>
    one.attempt < attempt ? { state: 'pending', attempt, appliedAt: one.appliedAt } : one;
  const remediation: Remediation = {
    ...found,
    status: 'running',
    reason,
    attempt,
    actions: found.attempt < attempt ? found.actions.map(anew) : found.actions,
    holds: [],
    heldSince: undefined,
  };
  return { draft: { remediation, entries: [] }, answer: answer('apply', reason) };
};

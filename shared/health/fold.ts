import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { CheckState, Head, StatusChanged } from './head.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { cutEvidence, type Results, responseTimeOf, type Seen } from './slot-results.ts';

/**
 * Beyond this nothing is folded until some changes were told: the results wait in the log, and the head cannot
 * outgrow its item. A plan has at most 200 KB of JSON, so one more slot adds less than 300 KB even uncompressed.
 */
const fullOutbox = { events: 200, bytes: 96_000 };

export type Folded = {
  readonly head: Head;
  /** Whether anything differs from the head that came in. */
  readonly isChanged: boolean;
  /** False when the outbox is full and results still wait. */
  readonly isComplete: boolean;
};

/**
 * Folds results into the head, in the order given: the log is the truth, the head what follows from it. Folding
 * anything twice, or late, changes nothing. `plan` must be at least as new as the head's and every result's.
 */
export const fold = (head: Head, plan: Plan, log: readonly Results[], place: Place): Folded => {
  const entries = new Map(plan.entries.map((entry) => [entry.no, entry]));
  let next = head;
  let isComplete = true;
  for (const results of log) {
    if (isFull(next.outbox)) {
      isComplete = false;
      break;
    }
    next = foldOne(next, entries, results, place);
  }
  if (next === head) return { head, isChanged: false, isComplete };
  const checks = new Map([...next.checks].filter(([no]) => entries.has(no)));
  return { head: { ...next, checks, planVersion: plan.planVersion }, isChanged: true, isComplete };
};

const isFull = (outbox: readonly StatusChanged[]): boolean =>
  outbox.length > fullOutbox.events ||
  (outbox.length > 0 && Buffer.byteLength(JSON.stringify(outbox)) > fullOutbox.bytes);

const foldOne = (
  head: Head,
  entries: ReadonlyMap<number, PlanEntry>,
  results: Results,
  place: Place,
): Head => {
  const checks = new Map(head.checks);
  const outbox = [...head.outbox];
  let counted = 0;
  for (const seen of results.seen) {
    const entry = entries.get(seen.no);
    if (!entry || entry.leaving || entry.paused) continue;
    const before = checks.get(seen.no) ?? entry.seed ?? neverSeen;
    if (results.at <= before.at || seen.rev < before.rev) continue;
    const after = judge(entry, before, seen, results.at);
    checks.set(seen.no, after);
    counted++;
    if (after.status !== before.status) outbox.push(changed(entry, before, after, place));
  }
  // A run-now looks at some checks only, so the slots before it still count.
  const slotAt = results.runId === undefined ? Math.max(head.slotAt, results.at) : head.slotAt;
  return counted === 0 && slotAt === head.slotAt ? head : { ...head, slotAt, checks, outbox };
};

const neverSeen: CheckState = {
  at: 0,
  rev: 0,
  status: 'unknown',
  known: null,
  failures: 0,
  successes: 0,
  since: null,
  responseTimeMs: null,
  reason: null,
};

/**
 * The state after one more result. A changed definition starts counting anew but keeps the status; an unknown
 * result counts neither way, as a gap does.
 */
export const judge = (
  entry: Pick<PlanEntry, 'failureThreshold' | 'successThreshold'>,
  before: CheckState,
  seen: Seen,
  at: number,
): CheckState => {
  const counters = seen.rev > before.rev ? { failures: 0, successes: 0 } : before;
  const looked = { at, rev: seen.rev, responseTimeMs: responseTimeOf(seen) };
  const reason = seen.reason === null ? null : cutEvidence(seen.reason);
  const turn = (status: CheckState['status']) => ({
    status,
    since: status === before.status ? before.since : at,
  });
  if (seen.status === 'unknown') {
    const { failures, successes } = counters;
    return { ...before, ...looked, ...turn('unknown'), failures, successes, reason };
  }
  if (seen.status === 'unhealthy') {
    const failures = counters.failures + 1;
    // What was last known unhealthy is so again at once: it never recovered.
    const isDown = before.known === 'unhealthy' || failures >= entry.failureThreshold;
    const known = isDown ? 'unhealthy' : before.known;
    return {
      ...looked,
      ...turn(isDown ? 'unhealthy' : before.status),
      known,
      failures,
      successes: 0,
      reason,
    };
  }
  const successes = Math.min(counters.successes + 1, entry.successThreshold);
  const isUp = before.known !== 'unhealthy' || successes >= entry.successThreshold;
  return isUp
    ? { ...looked, ...turn(seen.status), known: seen.status, failures: 0, successes, reason }
    : { ...before, ...looked, failures: 0, successes };
};

const changed = (entry: PlanEntry, before: CheckState, after: CheckState, place: Place): StatusChanged => ({
  type: 'check.status_changed',
  detail: {
    id: `${entry.id}@${after.at}`,
    at: toIso(after.at),
    accountId: place.accountId,
    region: place.region,
    checkId: entry.id,
    deploymentId: entry.deploymentId,
    name: entry.name,
    type: entry.type,
    target: entry.target,
    from: before.status,
    to: after.status,
    reason: after.reason ?? recovery(entry, before),
    responseTimeMs: after.responseTimeMs,
    tags: entry.tags,
  },
});

const recovery = (entry: PlanEntry, before: CheckState): string =>
  before.known === 'unhealthy' ? `${entry.successThreshold} successes in a row` : 'it answers';

import type { Place } from '../platform/environment.ts';
import { flaps, nextOutcomes } from './flapping.ts';
import { type CheckState, freshCounters, type Head, type HealthEvent, neverSeen } from './head.ts';
import { tellOrHold } from './held.ts';
import { judge } from './judge.ts';
import { paced } from './pace.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { parseShardId, type ShardClass } from './shard.ts';
import { cutEvidence, type Results, responseTimeOf, type Seen } from './slot-results.ts';
import { blindChanged, flappingChanged, paceChanged, statusChanged } from './told.ts';

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

export const isFull = (outbox: readonly HealthEvent[]): boolean =>
  outbox.length > fullOutbox.events ||
  (outbox.length > 0 && Buffer.byteLength(JSON.stringify(outbox)) > fullOutbox.bytes);

/** What is folded and told of; what is paused, or on its way to another shard, stays as it is. */
export const isLive = (entry: PlanEntry | undefined): entry is PlanEntry =>
  entry !== undefined && !entry.leaving && !entry.paused;

const foldOne = (
  head: Head,
  entries: ReadonlyMap<number, PlanEntry>,
  results: Results,
  place: Place,
): Head => {
  const checks = new Map(head.checks);
  const sight = foldSight(head, results, place);
  const outbox = [...head.outbox, ...sight.events];
  const { class: className } = parseShardId(head.shard);
  let counted = 0;
  for (const seen of results.seen) {
    const entry = entries.get(seen.no);
    if (!isLive(entry)) continue;
    const before = checks.get(seen.no) ?? entry.seed ?? neverSeen;
    if (results.at <= before.at || seen.rev < before.rev) continue;
    const { state, events } = step(entry, before, seen, { at: results.at, className, place });
    checks.set(seen.no, state);
    outbox.push(...events);
    counted++;
  }
  // A run-now looks at some checks only, so the slots before it still count.
  const slotAt = results.runId === undefined ? Math.max(head.slotAt, results.at) : head.slotAt;
  if (counted === 0 && slotAt === head.slotAt) return head;
  const { blindSince: _before, ...rest } = head;
  return {
    ...rest,
    slotAt,
    checks,
    outbox,
    ...(sight.blindSince !== undefined && { blindSince: sight.blindSince }),
  };
};

/** What a new slot tells of the monitor's own way out. Sight is back when something answered, or a canary did. */
const foldSight = (
  head: Head,
  results: Results,
  place: Place,
): { readonly blindSince: number | undefined; readonly events: readonly HealthEvent[] } => {
  const before = head.blindSince;
  const isNewSlot = results.runId === undefined && results.at > head.slotAt;
  const sees = results.seen.some((seen) => seen.status !== 'unknown');
  const after = results.blindSince ?? (sees ? undefined : before);
  if (!isNewSlot || after === before) return { blindSince: before, events: [] };
  const told = (state: 'started' | 'ended', since: number) =>
    blindChanged(head.shard, state, since, results.at, place);
  return {
    blindSince: after,
    events: [
      ...(before === undefined ? [] : [told('ended', before)]),
      ...(after === undefined ? [] : [told('started', after)]),
    ],
  };
};

type Step = { readonly at: number; readonly className: ShardClass; readonly place: Place };

/** The state of a check after one more result, and what is to be told of it. */
const step = (
  entry: PlanEntry,
  given: CheckState,
  seen: Seen,
  { at, className, place }: Step,
): { readonly state: CheckState; readonly events: readonly HealthEvent[] } => {
  const before = seen.rev > given.rev ? { ...given, ...freshCounters } : given;
  const looked = { at, rev: seen.rev, looks: before.looks + 1 };
  if (seen.isBlind) return { state: { ...before, ...looked, isBlind: true }, events: [] };
  const inMaintenance = seen.inMaintenance === true;
  const judged = judge(entry, before, seen);
  // Silence may have been told of an instant after this slot, whose run was late: what follows it is told after it.
  const turnedAt = Math.max(at, (before.since ?? 0) + 1);
  const { held, tell } = tellOrHold(entry, before, { ...judged, at: turnedAt }, inMaintenance);
  const { turn, paceSteps } = paced(className, before.paceSteps, seen);
  // Back and forth is expected in maintenance; unknown is neither a success nor a failure.
  const isOutcome = seen.status !== 'unknown' && !inMaintenance;
  const outcomes = isOutcome ? nextOutcomes(before.outcomes, seen.status === 'unhealthy') : before.outcomes;
  const state: CheckState = {
    ...before,
    ...judged,
    ...looked,
    reason: judged.reason === null ? null : cutEvidence(judged.reason),
    failedLooks: before.failedLooks + Number(seen.status === 'unhealthy'),
    outcomes,
    isFlapping: flaps(before.isFlapping, outcomes),
    paceSteps,
    isBlind: false,
    held,
    since: judged.status === before.status ? before.since : turnedAt,
    responseTimeMs: responseTimeOf(seen),
  };
  return {
    state,
    events: [
      ...(tell ? [statusEvent(entry, before, state, tell, place)] : []),
      ...(state.isFlapping === before.isFlapping ? [] : [flappingChanged(entry, state, place)]),
      ...(turn === undefined ? [] : [paceChanged(entry, turn, at, place)]),
    ],
  };
};

const statusEvent = (
  entry: PlanEntry,
  before: CheckState,
  { status, reason, responseTimeMs }: CheckState,
  { from, at }: { readonly from: CheckState['status']; readonly at: number },
  place: Place,
): HealthEvent =>
  statusChanged(
    entry,
    { from, to: status, at, reason: reason ?? recovery(entry, before), responseTimeMs },
    place,
  );

const recovery = ({ successThreshold }: PlanEntry, { known }: CheckState): string => {
  if (known === 'unhealthy') return `${successThreshold} successes in a row`;
  return known === 'degraded' ? `${successThreshold} quick successes in a row` : 'it answers';
};

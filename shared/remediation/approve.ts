import { recorded } from '../audit/index.ts';
import { type Reach, reaches } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import { type ApprovalDecision, type Decider, decideApproval, decideRejection } from './decide-approval.ts';
import type { LogEntry, Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { changeRemediation, type Draft, noRemediation } from './store.ts';

/** A person's word about one plan. `reach`: what they may decide about at all; everything when left out. */
export type Decision = Decider & { readonly reach?: Reach | undefined };

/**
 * Approves the plan of this hash. The same person again changes nothing and gets the same answer. Throws NOT_FOUND,
 * FORBIDDEN where this person does not count, and CONFLICT when it is decided, under way or expired.
 */
export const approve = (world: RemedyWorld, planHash: string, given: Decision): Promise<Remediation> =>
  decide(world, planHash, given, decideApproval);

/** Rejects it, with the same promises. */
export const reject = (world: RemedyWorld, planHash: string, given: Decision): Promise<Remediation> =>
  decide(world, planHash, given, decideRejection);

const decide = async (
  world: RemedyWorld,
  planHash: string,
  given: Decision,
  decideIt: (remediation: Remediation, given: Decider, now: number) => ApprovalDecision,
): Promise<Remediation> => {
  const { remediation, answer } = await changeRemediation(world, planHash, (found, now) => {
    if (given.reach !== undefined && !reaches(given.reach, found.plan.deploymentId)) throw noRemediation();
    const decision = decideIt(found, given, now);
    return decision.kind === 'same'
      ? { answer: decision.kind }
      : { draft: draftOf(world, found, decision, given, now), answer: decision.kind };
  });
  if (answer === 'expired') {
    throw new DomainError(
      'CONFLICT',
      `The plan expired: ${remediation.reason}. Ask for a new one if it is still needed.`,
    );
  }
  return remediation;
};

const draftOf = (
  world: RemedyWorld,
  before: Remediation,
  decision: Exclude<ApprovalDecision, { kind: 'same' }>,
  given: Decider,
  now: number,
): Draft => {
  const { kind, remediation } = decision;
  const by = kind === 'expired' ? 'homeostat' : given.by;
  const entry: LogEntry = {
    at: now,
    kind: kind === 'rejected' || kind === 'expired' ? 'rejected' : 'approved',
    by,
    attempt: remediation.attempt,
    text: given.comment !== undefined && kind !== 'expired' ? given.comment : remediation.reason,
  };
  return {
    remediation,
    entries: [entry],
    events: [
      ...(kind === 'recorded' ? [] : [decidedEvent(world, remediation, by, now)]),
      decisionAudit(world, before, remediation, { by, action: kind }, now),
    ],
  };
};

/** Has the step that waits for people go on: for it, what is over counts as rejected. */
export const decidedEvent = (
  { place }: Pick<RemedyWorld, 'place'>,
  { plan, status, reason }: Remediation,
  by: string,
  now: number,
): HomeostatEvent => ({
  type: 'plan.decided',
  detail: {
    id: `plan:${plan.hash}:${status}`,
    at: toIso(now),
    accountId: place.accountId,
    region: place.region,
    planHash: plan.hash,
    deploymentId: plan.deploymentId,
    decision: status === 'approved' ? 'approved' : 'rejected',
    by,
    reason,
  },
});

export const decisionAudit = (
  { place }: Pick<RemedyWorld, 'place'>,
  before: Remediation,
  after: Remediation,
  { by, action }: { readonly by: string; readonly action: string },
  now: number,
): HomeostatEvent =>
  recorded(
    {
      by,
      action,
      kind: 'plan',
      subjectId: after.plan.hash,
      name: after.plan.occasion.title,
      deploymentId: after.plan.deploymentId,
      before: { status: before.status, approvals: before.approvals },
      after: { status: after.status, approvals: after.approvals, reason: after.reason },
    },
    { id: `audit:plan:${after.plan.hash}@${before.revision + 1}`, at: now, place },
  );

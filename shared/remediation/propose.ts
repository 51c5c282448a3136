import { DomainError } from '../platform/errors.ts';
import { approve } from './approve.ts';
import { type Decider, decideApproval, whyNotCounted } from './decide-approval.ts';
import type { Plan } from './plan.ts';
import { isSound } from './plan-hash.ts';
import type { LogEntry, Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { readRemediation, writeRemediation } from './store.ts';

/**
 * Keeps a plan as a remediation, once: the same plan again gives what became of it. `approvedBy` approves this very hash
 * in the same write. Throws FORBIDDEN, before anything is kept, where the policy wants another person.
 */
export const propose = async (world: RemedyWorld, plan: Plan, approvedBy?: Decider): Promise<Remediation> => {
  if (!isSound(plan)) throw new DomainError('VALIDATION_ERROR', 'The plan does not have the hash it names.');
  const mustApprove = plan.approval.mode === 'manual' && !plan.watch;
  if (approvedBy && mustApprove) {
    const objection = whyNotCounted(plan, approvedBy);
    if (objection !== undefined) throw new DomainError('FORBIDDEN', objection);
  }
  const found = await readRemediation(world.state, plan.hash);
  if (!found) {
    const now = world.clock();
    const draft = { remediation: proposed(plan, now), entries: [plannedEntry(plan, now)] };
    const approved = approvedBy && mustApprove ? approvedAtOnce(draft, approvedBy, now) : draft;
    const written = await writeRemediation(world, undefined, approved, now);
    if (written) return written;
  }
  const existing = found ?? (await readRemediation(world.state, plan.hash));
  if (!existing) throw new Error('the plan was neither written nor found');
  return approvedBy && mustApprove && existing.status === 'waiting'
    ? approve(world, plan.hash, approvedBy)
    : existing;
};

const proposed = (plan: Plan, now: number): Remediation => {
  const isManual = plan.approval.mode === 'manual';
  const waits = isManual && !plan.watch;
  return {
    plan,
    status: waits ? 'waiting' : 'running',
    reason: reasonOf(plan, waits),
    approvals: [],
    // While a release is watched, nobody is asked yet: the time to approve begins with the question.
    ...(waits && { approveBy: now + plan.approval.expiresSeconds * 1000 }),
    attempt: 1,
    actions: plan.actions.map(() => ({ state: 'pending', attempt: 1 })),
    holds: [],
    startedAt: now,
    updatedAt: now,
    revision: 0,
    outbox: [],
  };
};

const reasonOf = ({ approval, policy, watch }: Plan, waits: boolean): string => {
  if (watch) return `the release ${watch.releaseId} is watched for ${watch.windowSeconds} s`;
  if (!waits) return `the policy ${policy?.name ?? ''} lets it run by itself`;
  const people = approval.people === 1 ? 'somebody' : `${approval.people} people`;
  return `it waits for ${people} to approve it`;
};

const plannedEntry = (plan: Plan, now: number): LogEntry => ({
  at: now,
  kind: 'planned',
  by: plan.madeBy,
  attempt: 1,
  text: `${plan.occasion.title}: ${plan.actions.map(({ summary }) => summary).join('; ')}`.slice(0, 4000),
});

const approvedAtOnce = (
  draft: { readonly remediation: Remediation; readonly entries: readonly LogEntry[] },
  given: Decider,
  now: number,
) => {
  const decision = decideApproval(draft.remediation, given, now);
  if (decision.kind === 'same') return draft;
  return {
    remediation: decision.remediation,
    entries: [...draft.entries, approvedEntry(decision.remediation, given, now)],
  };
};

export const approvedEntry = (remediation: Remediation, given: Decider, now: number): LogEntry => ({
  at: now,
  kind: 'approved',
  by: given.by,
  attempt: remediation.attempt,
  text: given.comment ?? remediation.reason,
});

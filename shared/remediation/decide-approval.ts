import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import type { Plan } from './plan.ts';
import { isOver, type Remediation } from './remediation.ts';

/** Who decides about a plan. */
export type Decider = {
  /** `token:<id>`, `admin` or `link:<channel>`: the same is the same person. */
  readonly by: string;
  /** What policies may call them: the token's name, the name in a link. */
  readonly names?: readonly string[] | undefined;
  readonly comment?: string | undefined;
};

export const approvalsMissing = ({ plan, approvals }: Pick<Remediation, 'plan' | 'approvals'>): number =>
  plan.approval.mode === 'auto' ? 0 : Math.max(0, plan.approval.people - approvals.length);

/** Why this person's word does not count for this plan; undefined when it does. */
export const whyNotCounted = (plan: Plan, { by, names = [] }: Decider): string | undefined => {
  const { approval } = plan;
  if (approval.anotherPerson && by === plan.madeBy)
    return 'The policy wants another person to approve than the one who asked for it.';
  const counts = approval.by.length === 0 || [by, ...names].some((name) => approval.by.includes(name));
  return counts ? undefined : `The policy lets only these approve it: ${approval.by.join(', ')}.`;
};

export type ApprovalDecision =
  /** It was said before by the same person, or says what is already so. */
  | { readonly kind: 'same' }
  | { readonly kind: 'expired'; readonly remediation: Remediation }
  | { readonly kind: 'recorded' | 'approved' | 'rejected'; readonly remediation: Remediation };

export const isExpired = ({ status, approveBy }: Remediation, now: number): boolean =>
  status === 'waiting' && approveBy !== undefined && now > approveBy;

/** What became of a plan that nobody approved in time: the same as a rejection, by nobody. */
export const expired = (remediation: Remediation, now: number): Remediation => ({
  ...remediation,
  status: 'expired',
  reason: `nobody approved it until ${toIso(remediation.approveBy ?? now)}`,
  endedAt: now,
});

/** Approving a plan, as one person does it. Throws CONFLICT, with a sentence, when it is decided already. */
export const decideApproval = (remediation: Remediation, given: Decider, now: number): ApprovalDecision => {
  const { plan, approvals } = remediation;
  if (approvals.some(({ by }) => by === given.by)) return { kind: 'same' };
  requireOpen(remediation);
  if (isExpired(remediation, now)) return { kind: 'expired', remediation: expired(remediation, now) };
  const objection = whyNotCounted(plan, given);
  if (objection !== undefined) throw new DomainError('FORBIDDEN', objection);
  const added = {
    ...remediation,
    approvals: [
      ...approvals,
      { by: given.by, at: now, ...(given.comment !== undefined && { comment: given.comment }) },
    ],
  };
  const missing = approvalsMissing(added);
  if (missing > 0) {
    const reason = `approved by ${given.by}; ${missing} more of ${plan.approval.people} people must approve it`;
    return { kind: 'recorded', remediation: { ...added, reason } };
  }
  const reason = `approved by ${added.approvals.map(({ by }) => by).join(' and ')}`;
  return { kind: 'approved', remediation: { ...added, status: 'approved', reason } };
};

/** Rejecting it: anybody who may decide at all can say no. */
export const decideRejection = (remediation: Remediation, given: Decider, now: number): ApprovalDecision => {
  if (remediation.status === 'rejected' && remediation.rejectedBy === given.by) return { kind: 'same' };
  requireOpen(remediation);
  if (isExpired(remediation, now)) return { kind: 'expired', remediation: expired(remediation, now) };
  const said = given.comment === undefined ? '' : `: ${given.comment}`;
  return {
    kind: 'rejected',
    remediation: {
      ...remediation,
      status: 'rejected',
      rejectedBy: given.by,
      reason: `rejected by ${given.by}${said}`,
      endedAt: now,
    },
  };
};

const requireOpen = (remediation: Remediation): void => {
  const { status, reason, plan } = remediation;
  if (status === 'waiting') return;
  if (isOver(status)) {
    const ended = status === 'expired' ? 'The plan expired' : `The plan is decided: it is ${status}`;
    throw new DomainError('CONFLICT', `${ended} (${reason}). Ask for a new one if it is still needed.`);
  }
  if (plan.approval.mode === 'auto')
    throw new DomainError(
      'CONFLICT',
      'The plan needs nobody to approve it: its policy lets it run by itself.',
    );
  if (plan.watch && remediation.watchedAt === undefined)
    throw new DomainError('CONFLICT', 'The release is still being watched: nothing is to be approved yet.');
  throw new DomainError('CONFLICT', `The plan is approved already and goes on (${reason}).`);
};

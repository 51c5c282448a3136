import type { Schemas } from '../../client/operations.ts';

export type Remediation = Schemas['Remediation'];
export type Plan = Schemas['Plan'];
export type RemediationStatus = Remediation['status'];

type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'plain';

/** What a status means to whoever reads it, and how urgent it is. */
export const statusWords: Readonly<
  Record<RemediationStatus, { readonly word: string; readonly tone: Tone }>
> = {
  waiting: { word: 'waits for approval', tone: 'warn' },
  approved: { word: 'approved', tone: 'calm' },
  running: { word: 'running', tone: 'calm' },
  succeeded: { word: 'succeeded', tone: 'good' },
  confirmed: { word: 'confirmed good', tone: 'good' },
  not_needed: { word: 'not needed', tone: 'plain' },
  superseded: { word: 'superseded', tone: 'plain' },
  rejected: { word: 'rejected', tone: 'plain' },
  expired: { word: 'expired', tone: 'plain' },
  cancelled: { word: 'cancelled', tone: 'plain' },
  held: { word: 'held', tone: 'warn' },
  failed: { word: 'failed', tone: 'bad' },
  unknown: { word: 'outcome unknown', tone: 'bad' },
};

export const workflowWords: Readonly<Record<Plan['workflow'], string>> = {
  heal: 'Heal a service',
  drift: 'Put drift right',
  cost: 'Save cost',
  rollback: 'Roll back',
  scale: 'Scale',
};

export const isUnderWay = (status: RemediationStatus): boolean =>
  status === 'waiting' || status === 'approved' || status === 'running';

/** What needs a person first, then what runs, then the newest. */
const urgency: readonly RemediationStatus[] = ['waiting', 'unknown', 'failed', 'held', 'running', 'approved'];
export const bySituation = (
  left: { readonly status: RemediationStatus; readonly startedAt: string },
  right: { readonly status: RemediationStatus; readonly startedAt: string },
): number => {
  const rank = ({ status }: { readonly status: RemediationStatus }): number =>
    isUnderWay(status) ? urgency.indexOf(status) : urgency.length;
  return rank(left) - rank(right) || right.startedAt.localeCompare(left.startedAt);
};

/** How far one action is, in words. */
export const progressWords: Readonly<
  Record<Remediation['progress'][number]['state'], { readonly word: string; readonly tone: Tone }>
> = {
  pending: { word: 'to do', tone: 'plain' },
  applying: { word: 'under way', tone: 'calm' },
  applied: { word: 'done', tone: 'good' },
  failed: { word: 'failed', tone: 'bad' },
  unknown: { word: 'nobody knows how it ended', tone: 'bad' },
};

export type Stage = {
  readonly name: string;
  readonly state: 'done' | 'now' | 'next' | 'never' | 'ended';
  readonly note: string;
};

const isGood = (status: RemediationStatus): boolean =>
  status === 'succeeded' || status === 'confirmed' || status === 'not_needed';

/** The workflow as the steps a person thinks in, from what the record says. */
export const stagesOf = (remediation: Remediation): readonly Stage[] => {
  const { status, plan, approvals, progress, holds, after, endedAt, reason, approveBy } = remediation;
  const asks = plan.approval.mode === 'manual';
  const isApproved =
    approvals.length >= plan.approval.people || !asks || status === 'approved' || status === 'running';
  const isBegun = progress.some(({ state }) => state !== 'pending');
  const isApplied = progress.length > 0 && progress.every(({ state }) => state === 'applied');
  const isOver = endedAt !== null;
  const stage = (name: string, isDone: boolean, isNow: boolean, note: string): Stage => ({
    name,
    state: isDone ? 'done' : isOver ? 'never' : isNow ? 'now' : 'next',
    note,
  });
  const approval = asks
    ? `${approvals.length} of ${plan.approval.people}${approveBy && status === 'waiting' ? ', waiting' : ''}`
    : 'by the policy';
  return [
    stage('Planned', true, false, plan.occasion.title),
    stage(
      'Approved',
      isApproved && status !== 'rejected' && status !== 'expired',
      status === 'waiting',
      approval,
    ),
    stage(
      'Gate',
      isBegun,
      status === 'approved' || (status === 'running' && !isBegun),
      holds.length > 0
        ? `held: ${holds.map(({ brake }) => brake.replaceAll('_', ' ')).join(', ')}`
        : 'world and brakes asked again',
    ),
    stage(
      'Applied',
      isApplied,
      status === 'running' && isBegun && !isApplied,
      `${progress.filter(({ state }) => state === 'applied').length} of ${plan.actions.length} actions, attempt ${remediation.attempt} of ${plan.attempts.max}`,
    ),
    stage(
      'Verified',
      status === 'succeeded' || status === 'confirmed',
      status === 'running' && isApplied,
      after.length > 0
        ? 'looked at'
        : `by ${plan.verification.checkIds.length || 'the resource itself and no'} check${plan.verification.checkIds.length === 1 ? '' : 's'}`,
    ),
    {
      name: isOver ? statusWords[status].word : 'Over',
      state: !isOver ? 'next' : isGood(status) ? 'done' : 'ended',
      // What held it is told a line each, beside the stages.
      note: isOver && status !== 'held' ? reason : '',
    },
  ];
};

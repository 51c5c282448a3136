import { type ActionProgress, isOver, type Remediation, type RemediationStatus } from './remediation.ts';
import type { CloseInput } from './steps.ts';

/** Names by which Step Functions tells that people stopped an execution. */
const stopped = ['ABORTED', 'States.Aborted'];

/** Something was, or may have been, changed by it. */
export const hasChanged = ({ actions }: Pick<Remediation, 'actions'>): boolean =>
  actions.some(({ state, appliedAt }) => appliedAt !== undefined || isOpenEnded(state));

const isOpenEnded = (state: ActionProgress['state']): boolean => state === 'applying' || state === 'unknown';

/**
 * How a remediation ends that no step ended yet. Pure. An action that was begun and of which nobody said how it ended is
 * unknown, whatever else is known.
 */
export const decideClose = (
  remediation: Remediation,
  failure: CloseInput['failure'],
  now: number,
): Remediation => {
  if (isOver(remediation.status)) return remediation;
  const { status, reason } = verdictOf(remediation, failure);
  const actions = remediation.actions.map(
    (one): ActionProgress =>
      one.state === 'applying'
        ? { ...one, state: 'unknown', endedAt: now, reason: 'nobody told how it ended' }
        : one,
  );
  return { ...remediation, status, reason, actions, endedAt: now };
};

const verdictOf = (
  { actions, plan, holds }: Remediation,
  failure: CloseInput['failure'],
): { readonly status: RemediationStatus; readonly reason: string } => {
  const begun = actions.findIndex(({ state }) => isOpenEnded(state));
  if (begun >= 0) {
    const said = actions[begun]?.reason;
    const why = said === undefined ? '' : ` (${said})`;
    const what = plan.actions[begun]?.summary ?? 'an action';
    return {
      status: 'unknown',
      reason: `whether this was done is not known, a person has to look: ${what}${why}`,
    };
  }
  const isChanged = hasChanged({ actions });
  if (failure) {
    const said = [failure.Error, failure.Cause].filter(Boolean).join(': ').slice(0, 500);
    if (!isChanged && stopped.includes(failure.Error ?? ''))
      return { status: 'cancelled', reason: `its workflow was stopped (${said})` };
    const rest = isChanged ? ', after a change that nobody verified' : '';
    return { status: 'failed', reason: `its workflow failed${rest}: ${said}` };
  }
  const refused = actions.find(({ state }) => state === 'failed');
  if (refused) return { status: 'failed', reason: refused.reason ?? 'an action was refused' };
  if (isChanged) return { status: 'failed', reason: 'the change was made, and nobody verified it' };
  const [hold] = holds;
  return hold
    ? { status: 'held', reason: hold.reason }
    : { status: 'failed', reason: 'its workflow ended before anything was done' };
};

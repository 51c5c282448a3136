import { approvalsMissing } from './decide-approval.ts';
import { type ActionProgress, isOver, type Remediation } from './remediation.ts';

/** What an invocation of the step may do, by the item alone. */
export type ApplyDecision =
  | { readonly kind: 'close'; readonly reason: string }
  | { readonly kind: 'verify'; readonly reason: string }
  /** Index of the next action of the plan to be applied. */
  | { readonly kind: 'apply'; readonly no: number };

/**
 * Whether attempt `attempt` may apply anything, and what. Pure. An action that was begun is never begun again: by whom it
 * was begun may have been killed anywhere.
 */
export const decideApply = (remediation: Remediation, attempt: number): ApplyDecision => {
  const { status, reason, actions, plan } = remediation;
  if (isOver(status)) return { kind: 'close', reason: `it is over: ${status} (${reason})` };
  if (status !== 'running') return { kind: 'close', reason: `the gate did not let it go: it is ${status}` };
  if (approvalsMissing(remediation) > 0) return { kind: 'close', reason: 'it is not approved' };
  if (attempt !== remediation.attempt) {
    return {
      kind: 'close',
      reason: `attempt ${attempt} is not the one under way, ${remediation.attempt} is`,
    };
  }
  const begun = actions.findIndex(({ state }) => state === 'applying' || state === 'unknown');
  if (begun >= 0) {
    const what = plan.actions[begun]?.summary ?? 'an action';
    return { kind: 'close', reason: `whether this was done is not known: ${what}` };
  }
  const failed = actions.find((one) => one.state === 'failed' && one.attempt === attempt);
  if (failed) return { kind: 'verify', reason: failed.reason ?? 'an action was refused' };
  const no = actions.findIndex(({ state }) => state !== 'applied');
  return no >= 0 ? { kind: 'apply', no } : { kind: 'verify', reason: 'all of it was applied' };
};

/** The remediation with one action as it stands now. */
export const withProgress = (
  remediation: Remediation,
  no: number,
  progress: ActionProgress,
): Remediation => ({
  ...remediation,
  actions: remediation.actions.map((one, at) => (at === no ? progress : one)),
});

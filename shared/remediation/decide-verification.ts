import type { CheckStanding } from '../health/index.ts';
import type { ActionVerdict } from './actions/action.ts';
import { isForChecks } from './nature.ts';
import type { ActionProgress, Remediation } from './remediation.ts';

/** How one check stands that shall tell whether it helped. */
export type CheckSeen = Pick<CheckStanding, 'status' | 'lastCheckedAt' | 'reason'> & {
  readonly name: string;
  /** Paused or gone: it tells nothing, and is not waited for. */
  readonly isSilent: boolean;
};

export type Seen = {
  /** One an action, in the order of the plan. */
  readonly verdicts: readonly ActionVerdict[];
  readonly checks: readonly CheckSeen[];
};

export type Verification =
  | { readonly kind: 'verified'; readonly reason: string }
  | { readonly kind: 'again'; readonly reason: string; readonly waitSeconds: number }
  /** `isRetried`: another attempt is left. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isRetried: boolean };

/** Between two looks: a sixth of what was waited already, so that quick remedies are seen quickly and slow ones cheaply. */
const shortestSeconds = 5;
const longestSeconds = 60;

/**
 * Whether the attempt helped: each action shows what it should, and each check is healthy by a result that is newer than
 * the action. Pure. An unknown check is not healthy; nothing counts that was seen before.
 */
export const decideVerification = (
  remediation: Remediation,
  seen: Seen | undefined,
  now: number,
): Verification => {
  const { plan, actions, attempt, appliedAt } = remediation;
  const isRetried = attempt < plan.attempts.max;
  const failed = (reason: string): Verification => ({ kind: 'failed', reason, isRetried });
  const left = actions.find(({ state }) => state !== 'applied');
  if (left || !seen || appliedAt === undefined)
    return failed(left?.reason ?? 'not all of it was applied in time');
  const wrong = seen.verdicts.find(({ state }) => state === 'failed');
  if (wrong) return failed(wrong.reason);
  // What is not seen is not well; trying it again would not make it seen.
  if (isForChecks(plan) && seen.checks.length > 0 && seen.checks.every(({ isSilent }) => isSilent))
    return {
      kind: 'failed',
      reason: 'its checks are paused or gone: nobody saw whether it helped',
      isRetried: false,
    };
  const pending = [
    ...seen.verdicts.filter(({ state }) => state === 'pending').map(({ reason }) => reason),
    ...seen.checks.flatMap((check) => whyNotWell(check, appliedAt) ?? []),
  ];
  if (pending.length === 0) return { kind: 'verified', reason: verifiedReason(seen) };
  const reason = pending.slice(0, 5).join('; ');
  const endsAt = appliedAt + plan.verification.deadlineSeconds * 1000;
  if (now >= endsAt) return failed(`not well within ${plan.verification.deadlineSeconds} s: ${reason}`);
  const sixth = Math.round((now - appliedAt) / 6000);
  const untilEnd = Math.ceil((endsAt - now) / 1000);
  const waitSeconds = Math.min(untilEnd, Math.max(shortestSeconds, Math.min(longestSeconds, sixth)));
  return { kind: 'again', reason, waitSeconds };
};

/** Why this check does not show yet that all is well; undefined when it does, or cannot tell. */
export const whyNotWell = (
  { name, status, lastCheckedAt, reason, isSilent }: CheckSeen,
  appliedAt: number,
): string | undefined => {
  if (isSilent) return undefined;
  if (lastCheckedAt === null || lastCheckedAt <= appliedAt) return `${name} was not looked at since`;
  return status === 'healthy' ? undefined : `${name} is ${status}${reason === null ? '' : ` (${reason})`}`;
};

const verifiedReason = ({ verdicts, checks }: Seen): string => {
  const telling = checks.filter(({ isSilent }) => !isSilent).map(({ name }) => name);
  const silent = checks.length - telling.length;
  const said = [
    ...verdicts.map(({ reason }) => reason),
    ...(telling.length > 0 ? [`healthy since: ${telling.join(', ')}`] : []),
    ...(silent > 0 ? [`${silent} checks could not tell: they are paused or gone`] : []),
  ];
  return said.join('; ').slice(0, 1000);
};

/**
 * What the next attempt does again: what was not applied, or does not show. When all of it shows and the checks are not
 * well, everything, for a check does not say which action it waits for.
 */
export const nextActions = (
  { actions, attempt }: Remediation,
  seen: Seen | undefined,
): readonly ActionProgress[] => {
  const shows = actions.map(
    ({ state }, at) => state === 'applied' && (!seen || seen.verdicts[at]?.state === 'verified'),
  );
  const isOfChecks = shows.every(Boolean);
  return actions.map((one, at): ActionProgress => {
    if (shows[at] && !isOfChecks) return one;
    const { appliedAt } = one;
    return { state: 'pending', attempt: attempt + 1, ...(appliedAt !== undefined && { appliedAt }) };
  });
};

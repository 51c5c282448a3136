import type { Facts } from '../conditions/condition.ts';
import type { ReportOptions } from '../conditions/evaluate.ts';
import type { Verdict } from '../kinds/kind.ts';
import type { PlanEntry } from '../plan.ts';
import type { Phases } from '../slot-results.ts';
import type { Noticed } from './attempt.ts';

/** A verdict without its facts: what is kept of a look. */
export type Judged = Omit<Verdict, 'facts'>;

const dayMs = 86_400_000;

/** What a look comes to: its conditions judged if it was a success, and degraded if it was a slow one. */
export const judgeLook = async (
  entry: Pick<PlanEntry, 'conditions' | 'degradedAboveMs'>,
  { facts, ...verdict }: Verdict,
  phases: Phases,
  noticed: Noticed,
  now: number,
  shown: ReportOptions = {},
): Promise<Judged> => {
  const { hide = (text: string) => text } = shown;
  const told = verdict.reason && readable(hide(verdict.reason));
  const isSuccess = verdict.status === 'healthy' || verdict.status === 'degraded';
  if (!isSuccess) return { ...verdict, reason: told };
  if (entry.conditions?.length) {
    const { firstFailed } = await import('../conditions/evaluate.ts');
    const known = { ...facts, ...commonFacts(phases, noticed, now) };
    const reason = await firstFailed(entry.conditions, known, shown);
    if (reason !== undefined) return { ...verdict, status: 'unhealthy', reason: readable(hide(reason)) };
  }
  const { degradedAboveMs } = entry;
  if (
    verdict.status === 'healthy' &&
    degradedAboveMs !== undefined &&
    (phases.total ?? 0) > degradedAboveMs
  ) {
    const reason = `answered in ${phases.total} ms, degraded above ${degradedAboveMs} ms`;
    return { ...verdict, status: 'degraded', reason };
  }
  return { ...verdict, reason: told };
};

/** What every probe knows of itself. */
const commonFacts = (phases: Phases, { ip, certificateExpiresAt }: Noticed, now: number): Facts => ({
  ...(phases.total !== undefined && { RESPONSE_TIME: phases.total }),
  ...(ip !== undefined && { IP: ip }),
  CONNECTED: ip !== undefined,
  ...(certificateExpiresAt !== undefined && {
    CERTIFICATE_DAYS: Math.floor((certificateExpiresAt - now) / dayMs),
  }),
});

/**
 * A certificate or a header may carry anything: control characters stay out of logs and notifications. Secrets are taken
 * out before, for they may hold such characters.
 */
export const readable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

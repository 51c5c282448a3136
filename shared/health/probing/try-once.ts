import type { CheckStatus } from '../../platform/events.ts';
import type { PlanEntry } from '../plan.ts';
import type { Phases } from '../slot-results.ts';
import { lookOnce, type ProbeOptions } from './probe-all.ts';

/** What one attempt at a check that is not saved told. Never what the target's answer held. */
export type Tried = {
  readonly status: CheckStatus;
  readonly reason: string | null;
  readonly phases: Phases;
  readonly statusCode?: number;
};

/** One attempt, without retries, by the same code that probes what is saved. */
export const tryOnce = async (
  entry: PlanEntry,
  options: Omit<ProbeOptions, 'concurrency' | 'budgetMs' | 'showBodies'>,
): Promise<Tried> => {
  const { judged, phases } = await lookOnce(entry, { ...options, showBodies: false });
  const { status, reason, statusCode } = judged;
  return { status, reason, phases, ...(statusCode !== undefined && { statusCode }) };
};

import type { Alert } from './alert.ts';
import type { Advanced } from './lifecycle.ts';
import { stateOf } from './timing.ts';

/**
 * An alert whose end is not read but said: by a person (then it fires again only after its condition was clear once), or
 * because its rule or its subject is there no more.
 */
export const closeAlert = (alert: Alert, now: number, reason: string, isByHand: boolean): Advanced => {
  const from = stateOf(alert);
  const unchanged = { alert, changed: false, from, to: from, reason };
  if (from === 'pending' && !isByHand) return { ...unchanged, alert: undefined, to: 'inactive' };
  const { clearSince, held, isResolvedByHand, ...current } = alert;
  // Nothing will ever find its condition clear: what waited for that need not be kept.
  if (from === 'resolved' && (held || isResolvedByHand) && !isByHand) return { ...unchanged, alert: current };
  if (from !== 'firing') return unchanged;
  const closed: Alert = {
    ...current,
    state: 'resolved',
    seq: alert.seq + 1,
    reason,
    resolvedAt: now,
    ...(isByHand && { isResolvedByHand: true }),
  };
  return { alert: closed, changed: true, from, to: 'resolved', reason };
};

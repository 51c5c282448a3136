import type { Alert, AlertState } from './alert.ts';
import { needsTicks } from './needs-ticks.ts';
import type { RuleDefinition } from './rule.ts';
import { feedOf, holdSecondsOf } from './types/registry.ts';

/** What of a rule decides when an alert changes; seconds. */
export type Timing = {
  readonly holdSeconds: number;
  readonly keepFiringSeconds: number;
  readonly cooldownSeconds: number;
  /** Judged every 30 s: what time brings the next reading brings. */
  readonly isTicked: boolean;
  /** Judged by events that may come twice, late and in any order. */
  readonly isOfEvents: boolean;
};

export const timingOf = (rule: RuleDefinition): Timing => ({
  holdSeconds: holdSecondsOf(rule),
  keepFiringSeconds: rule.keepFiringSeconds,
  cooldownSeconds: rule.cooldownSeconds,
  isTicked: needsTicks(rule),
  isOfEvents: ['statuses', 'findings', 'external'].includes(feedOf(rule)),
});

/** Kept only to tell that something older comes late: it was never true, or is so no more and was not told. */
export const isInactive = ({ state, firedAt }: Alert): boolean =>
  state === 'resolved' && firedAt === undefined;

export type AlertStanding = AlertState | 'inactive';
export const stateOf = (alert: Alert | undefined): AlertStanding =>
  !alert || isInactive(alert) ? 'inactive' : alert.state;

export const cooldownEndOf = ({ cooldownSeconds }: Timing, { resolvedAt = 0 }: Alert): number =>
  resolvedAt + cooldownSeconds * 1000;

/** Epoch ms: when time alone changes it. */
export const wakeAtOf = (timing: Timing, alert: Alert): number | undefined => {
  if (timing.isTicked) return undefined;
  if (alert.state === 'pending') return alert.since + timing.holdSeconds * 1000;
  if (alert.state === 'firing')
    return alert.clearSince === undefined ? undefined : alert.clearSince + timing.keepFiringSeconds * 1000;
  return alert.held ? cooldownEndOf(timing, alert) : undefined;
};

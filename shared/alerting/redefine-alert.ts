import type { Severity } from '../platform/events.ts';
import type { Alert } from './alert.ts';
import type { Advanced } from './lifecycle.ts';
import type { RuleRecord } from './rule.ts';
import { stateOf, timingOf, wakeAtOf } from './timing.ts';

/** The rule's channels and those of what is crossed, each once. */
export const channelsFor = ({ definition }: RuleRecord, more: readonly string[] = []): readonly string[] => [
  ...new Set([...definition.channels, ...more]),
];

export const areSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((channel) => right.includes(channel));

/**
 * An alert under its rule as it was written anew, where no reading may tell of it for long: whom it is told to and, where
 * the rule says it, how severe it is. What holds, and since when, stays. Gives the same object when nothing is to be written.
 */
export const redefine = (rule: RuleRecord, alert: Alert, severity?: Severity): Advanced => {
  const next = redefined(rule, alert, severity);
  const [from, to] = [stateOf(alert), stateOf(next)];
  const reason = `the rule was changed: ${alert.reason}`;
  const wakeAt = wakeAtOf(timingOf(rule.definition), next);
  const changed = next.seq !== alert.seq;
  return { alert: next, changed, from, to, reason, ...(wakeAt !== undefined && { wakeAt }) };
};

const redefined = (rule: RuleRecord, alert: Alert, given: Severity | undefined): Alert => {
  const channels = channelsFor(rule);
  const isAsItIs = (one: Pick<Alert, 'severity' | 'channels'>): boolean =>
    (given ?? one.severity) === one.severity && areSame(channels, one.channels);
  const { held } = alert;
  if (alert.state === 'resolved') {
    if (!held || isAsItIs(held)) return alert;
    return { ...alert, held: { ...held, severity: given ?? held.severity, channels } };
  }
  if (isAsItIs(alert)) return alert;
  const severity = given ?? alert.severity;
  // Nobody was told of what only waits: it has to know whom it will be told to, and that is no change of its own.
  const isTold = alert.state === 'firing' || severity !== alert.severity;
  return { ...alert, severity, channels, seq: alert.seq + (isTold ? 1 : 0) };
};

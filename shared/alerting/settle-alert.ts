import type { Alert } from './alert.ts';
import { loadAlert, type StoredAlert, writeAlert } from './alerts-store.ts';
import type { Advanced } from './lifecycle.ts';
import { type RaiseTools, stateChanged, tellAlerts } from './raise.ts';
import type { RuleRecord } from './rule.ts';
import { feedOf } from './types/registry.ts';

export type Settling = {
  /** Where it lies, and how it stood when it was read; it is read anew when somebody else writes meanwhile. */
  readonly found: StoredAlert;
  /** The rule it is judged by; undefined when there is none any more. */
  readonly rule: RuleRecord | undefined;
  /** Pure: what becomes of the alert. May be asked more than once, each time with how it stands then. */
  readonly decide: (alert: Alert | undefined) => Advanced | undefined;
  /** Asked once, before the first write: whether the rule is still as it was judged by. */
  readonly isStillSo?: (() => Promise<boolean>) | undefined;
};

/** Each conflict follows from a write of another evaluator, and few look at one alert at once. */
const maximumRounds = 8;
/** While the bus is away for long the oldest events are given up: consumers see `from` of the newer ones. */
const mostUnsent = 20;

/**
 * Brings one alert to what its rule makes of it, in one write, and returns how it stands then. What is to be told of it is
 * in the item; `tellAlerts` does it. A firing is joined to its incident before it is written, so that a firing alert always knows where its
 * resolution must go.
 */
export const settleAlert = async (
  { found: first, rule, decide, isStillSo }: Settling,
  tools: RaiseTools,
): Promise<StoredAlert> => {
  let found = first;
  let isAsked = false;
  for (let round = 0; round < maximumRounds; round++) {
    const advanced = decide(found.alert);
    if (advanced === undefined || advanced.alert === found.alert) return found;
    if (!isAsked && isStillSo && !(await isStillSo())) return found;
    isAsked = true;
    // What came before reaches the incident before what comes now: no firing is skipped by a crash.
    if (found.isUntold) {
      const [told = found] = await tellAlerts([{ stored: found, rule }], tools);
      found = told;
    }
    const written = await write(found, advanced, rule, tools);
    if (written) return written;
    found = await loadAlert(tools.state, found.key);
  }
  throw new Error(`the alert ${first.key.sk} changed under ${maximumRounds} tries to write it`);
};

const write = async (
  found: StoredAlert,
  advanced: Advanced,
  rule: RuleRecord | undefined,
  tools: RaiseTools,
): Promise<StoredAlert | undefined> => {
  const { changed, from, wakeAt } = advanced;
  const now = tools.clock();
  const alert = advanced.alert && (await joined(rebased(advanced.alert, found), advanced, rule, tools));
  const isToldNow = changed && alert !== undefined;
  const events = isToldNow ? [stateChanged(alert, { from, reason: advanced.reason }, now, tools.place)] : [];
  const next = {
    alert,
    unsent: [...found.unsent, ...events].slice(-mostUnsent),
    isUntold: isToldNow && alert.state !== 'pending',
    wakeAt,
    keptUntil: keptUntil(alert, rule, now),
  };
  return writeAlert(tools.state, found, next, { attempt: tools.newId(), now });
};

const dayMs = 86_400_000;
/** Longer than a message may still be under way, after which nothing late can come. */
const usualKeptMs = 15 * dayMs;
/** Longer than GuardDuty and Security Hub keep a finding of which nothing new is seen (90 days). */
const longestUntoldMs = 120 * dayMs;

/**
 * What does not fire stays a while for late repeats and for its cooldown. One that a person resolved, or that its
 * cooldown holds back, stays until its condition was clear: without it the rule would fire at once. Of findings and
 * signals of AWS nobody may ever tell that: such a one stays for as long after the last event as it may come again.
 */
const keptUntil = (
  alert: Alert | undefined,
  rule: RuleRecord | undefined,
  now: number,
): number | undefined => {
  if (alert === undefined || !rule)
    return alert && alert.state !== 'resolved' ? undefined : now + usualKeptMs;
  if (alert.state !== 'resolved' || alert.held) return undefined;
  if (alert.isResolvedByHand)
    return ['findings', 'external'].includes(feedOf(rule.definition)) ? now + longestUntoldMs : undefined;
  return now + Math.max(usualKeptMs, rule.definition.cooldownSeconds * 1000);
};

/** A new alert counts on from what its subject had before: who drops older numbers must not drop its own. */
const rebased = (alert: Alert, found: StoredAlert): Alert =>
  found.alert === undefined && alert.seq <= found.lastSeq ? { ...alert, seq: found.lastSeq + 1 } : alert;

const joined = async (
  alert: Alert,
  { changed, from }: Advanced,
  rule: RuleRecord | undefined,
  { incidents }: RaiseTools,
): Promise<Alert> => {
  const isNewFiring = changed && alert.state === 'firing' && from !== 'firing';
  if (!isNewFiring || !rule) return alert;
  const groupKey = await incidents.groupOf(rule, alert);
  const incidentId = await incidents.join({
    groupKey,
    deploymentId: alert.subject.deploymentId,
    title: `${alert.ruleName}: ${alert.subject.name}`,
    severity: alert.severity,
    firedAt: alert.firedAt ?? alert.since,
  });
  return { ...alert, groupKey, incidentId };
};

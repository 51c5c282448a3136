import type { EventDetails } from '../platform/events.ts';
import { alertsOfDeployment, keyOfAlert, loadAlerts, type StoredAlert } from './alerts-store.ts';
import { applyReadings, closing, isActive, type Judged, settleAll } from './evaluate.ts';
import { type RuleRecord, rulePrefixOf } from './rule.ts';
import { type JudgeTools, type RulesOf, rulesOver, seenNothing } from './rules-of.ts';
import type { Subject } from './subject.ts';
import { feedOf, typeOf } from './types/registry.ts';
import type { Reading, StatusSeen } from './types/type.ts';

/** What happened to checks of one deployment. */
export type StatusSignals = {
  readonly deploymentId: string;
  readonly transitions: readonly EventDetails['check.status_changed'][];
  /** Checks that were written, paused or removed. */
  readonly changedCheckIds: readonly string[];
};

/**
 * Judges the transitions of a deployment's checks by the rules that look at statuses, each check's in the order in which
 * they happened. What was written about a check counts, too: an alert of one that is paused or removed ends with that
 * reason, and one that is defined anew is judged as it stands, for no transition may ever tell of it again.
 */
export const judgeStatuses = async (
  { deploymentId, transitions, changedCheckIds }: StatusSignals,
  rulesOf: RulesOf,
  tools: JudgeTools,
): Promise<void> => {
  const now = tools.clock();
  const ids = [...new Set([...changedCheckIds, ...transitions.map(({ checkId }) => checkId)])];
  const checks = await tools.sight.checks(ids);
  const rules = await rulesOver(rulesOf, deploymentId);
  const unwatched = ids.filter((id) => typeof checks.get(id) !== 'object');
  await closeAlertsOf(unwatched, checks, rules, tools);
  const watching = rules.filter(({ definition }) => feedOf(definition) === 'statuses');
  if (watching.length === 0) return;
  const seen = transitions.flatMap((transition) => {
    const subject = checks.get(transition.checkId);
    return typeof subject === 'object' ? [{ ...statusSeen(transition), subject }] : [];
  });
  seen.sort((left, right) => left.since - right.since);
  const changed = new Set(changedCheckIds.filter((id) => typeof checks.get(id) === 'object'));
  const present = changed.size === 0 ? [] : await presentOf(deploymentId, changed, tools);
  await applyReadings(await judged(watching, [...seen, ...present], now, tools), now, tools);
  await closeUnselected(watching, present, now, tools);
};

const statusSeen = ({ to, at, reason }: EventDetails['check.status_changed']) => ({
  status: to,
  since: Date.parse(at),
  reason,
});

const presentOf = async (
  deploymentId: string,
  checkIds: ReadonlySet<string>,
  { sight }: JudgeTools,
): Promise<readonly StatusSeen[]> =>
  (await sight.statuses({ deploymentId }, { fresh: true })).filter(({ subject }) =>
    checkIds.has(subject.checkId ?? ''),
  );

/** What each rule finds of these statuses; a rule that fails does not keep the others from being judged. */
export const judged = async (
  rules: readonly RuleRecord[],
  statuses: readonly StatusSeen[],
  now: number,
  tools: JudgeTools,
): Promise<readonly Judged[]> => {
  const all: Judged[] = [];
  for (const rule of rules) {
    const readings: Reading[] = [];
    // One at a time: several of one check are several readings, in order.
    for (const seen of statuses) readings.push(...(await readingsOf(rule, [seen], now, tools)));
    if (readings.length > 0) all.push({ rule, readings });
  }
  return all;
};

const readingsOf = async (
  rule: RuleRecord,
  statuses: readonly StatusSeen[],
  now: number,
  { onFault }: JudgeTools,
): Promise<readonly Reading[]> => {
  const { definition } = rule;
  try {
    return await typeOf(definition.type).judge({ rule: definition, now }, { ...seenNothing, statuses });
  } catch (error) {
    onFault(rule, error as Error);
    return [];
  }
};

/** Ends what any rule still says of checks that nobody looks at any more. */
const closeAlertsOf = async (
  checkIds: readonly string[],
  checks: ReadonlyMap<string, Subject | 'paused'>,
  rules: readonly RuleRecord[],
  tools: JudgeTools,
): Promise<void> => {
  if (checkIds.length === 0) return;
  const judging = rules.filter(({ definition }) => !['findings', 'external'].includes(feedOf(definition)));
  const reasonOf = (id: string): string =>
    checks.get(id) === 'paused' ? 'the check is paused' : 'the check was removed';
  await close(
    checkIds.flatMap((id) =>
      judging.map((rule) => ({ rule, subjectKey: `check:${id}`, reason: reasonOf(id) })),
    ),
    tools,
  );
};

/** A check that was defined anew may have left the rules that spoke of it. */
const closeUnselected = async (
  rules: readonly RuleRecord[],
  present: readonly StatusSeen[],
  now: number,
  tools: JudgeTools,
): Promise<void> => {
  const left = [];
  for (const rule of rules) {
    for (const seen of present) {
      const { key: subjectKey } = seen.subject;
      const readings = await readingsOf(rule, [seen], now, tools);
      if (readings.length === 0) left.push({ rule, subjectKey, reason: unselectedReason });
    }
  }
  await close(left, tools);
};
export const unselectedReason = 'the rule does not apply to it any more';

type Close = { readonly rule: RuleRecord; readonly subjectKey: string; readonly reason: string };

/** Beyond it the alerts of a deployment's own rules are read whole: they are far fewer than its rules times its checks. */
const mostAsked = 1000;

const close = async (all: readonly Close[], tools: JudgeTools): Promise<void> => {
  const found = await alertsAt(all, tools);
  const now = tools.clock();
  const settlings = all.flatMap((one) => {
    const stored = found.get(keyOf(one).sk);
    return stored && (isActive(stored) || stored.isUntold)
      ? [[closing(stored, one.rule, one.reason, now)]]
      : [];
  });
  await settleAll(settlings, tools);
};

const keyOf = ({ rule, subjectKey }: Close) => keyOfAlert(rule.id, subjectKey);

const alertsAt = async (
  all: readonly Close[],
  { state }: JudgeTools,
): Promise<ReadonlyMap<string, StoredAlert>> => {
  const ofAll = rulePrefixOf(null);
  const own = all.filter(({ rule }) => !rule.id.startsWith(ofAll));
  if (own.length <= mostAsked) return loadAlerts(state, all.map(keyOf));
  const others = all.filter(({ rule }) => rule.id.startsWith(ofAll));
  const prefixes = [...new Set(own.map(({ rule }) => rule.id.slice(0, ofAll.length)))];
  const [found, ...read] = await Promise.all([
    loadAlerts(state, others.map(keyOf)),
    ...prefixes.map((prefix) => alertsOfDeployment(state, prefix)),
  ]);
  return new Map([...found, ...read.flat().map((stored) => [stored.key.sk, stored] as const)]);
};

import type { Severity } from '../platform/events.ts';
import type { Alert } from './alert.ts';
import { alertsOfRule, type StoredAlert } from './alerts-store.ts';
import { applyReadings, closing, isActive, settleAll } from './evaluate.ts';
import { judgeComposite } from './judge-composite.ts';
import { judged, unselectedReason } from './judge-statuses.ts';
import { needsTicks } from './needs-ticks.ts';
import { projectRule } from './project-rules.ts';
import { redefine } from './redefine-alert.ts';
import type { RuleRecord } from './rule.ts';
import type { JudgeTools } from './rules-of.ts';
import { feedOf } from './types/registry.ts';

/**
 * Brings what hangs on a rule to its present definition, whatever the event said: the shard that judges it, and its
 * alerts. A rule that is gone or switched off ends what it said; one that looks at statuses is judged by how the checks
 * stand, for they may stay so for long. One that is judged every 30 s is so soon; findings and signals of AWS are judged
 * when they next come, and what fires by them is told to whom the rule names now.
 */
export const ruleChanged = async (ruleId: string, tools: JudgeTools): Promise<void> => {
  const rule = await projectRule(ruleId, tools);
  const reason = endOf(rule);
  if (!rule || reason !== undefined) return closeAll(ruleId, rule, () => reason, tools);
  // Under the same name it may be of another type now: what the old one said is not what the new one says.
  await closeAll(
    ruleId,
    rule,
    ({ alert }) =>
      alert?.ruleType === rule.definition.type ? undefined : 'the rule looks at something else now',
    tools,
  );
  const feed = feedOf(rule.definition);
  if (feed === 'rules') await judgeComposite(rule, tools);
  if (feed === 'statuses') await judgePresent(rule, tools);
  if (!needsTicks(rule.definition)) await redefineAll(rule, tools);
};

/**
 * What fires or waits takes whom it is told to from the rule as it is now, for no event may come for long. Thresholds,
 * which have channels of their own, are of rules that are judged every 30 s.
 */
const redefineAll = async (rule: RuleRecord, tools: JudgeTools): Promise<void> => {
  const severity = ownSeverity(rule);
  const settlings = (await alertsOfRule(tools.state, rule.id)).filter(isActive).map((found) => [
    {
      found,
      rule,
      decide: (alert: Alert | undefined) =>
        alert?.ruleType === rule.definition.type ? redefine(rule, alert, severity) : undefined,
    },
  ]);
  await settleAll(settlings, tools);
};

/** The severity of all alerts of a rule; undefined where what it looks at says it. */
const ownSeverity = ({ definition: { severity, condition } }: RuleRecord): Severity | undefined =>
  (condition.severityFrom ?? 'rule') === 'rule' ? severity : undefined;

const endOf = (rule: RuleRecord | undefined): string | undefined => {
  if (!rule) return 'the rule was removed';
  return rule.definition.isActive ? undefined : 'the rule was switched off';
};

const closeAll = async (
  ruleId: string,
  rule: RuleRecord | undefined,
  reasonFor: (stored: StoredAlert) => string | undefined,
  tools: JudgeTools,
): Promise<void> => {
  const now = tools.clock();
  const settlings = (await alertsOfRule(tools.state, ruleId)).flatMap((stored) => {
    const reason = reasonFor(stored);
    const isOpen = isActive(stored) || stored.isUntold;
    return isOpen && reason !== undefined ? [[closing(stored, rule, reason, now)]] : [];
  });
  await settleAll(settlings, tools);
};

const judgePresent = async (rule: RuleRecord, tools: JudgeTools): Promise<void> => {
  const now = tools.clock();
  const { deploymentId } = rule.definition;
  const statuses = await tools.sight.statuses({ deploymentId }, { fresh: true });
  const all = await judged([rule], statuses, now, tools);
  await applyReadings(all, now, tools);
  const meant = new Set(all.flatMap(({ readings }) => readings.map(({ subject }) => subject.key)));
  await closeAll(
    rule.id,
    rule,
    ({ alert }) => (alert && !meant.has(alert.subject.key) ? unselectedReason : undefined),
    tools,
  );
};

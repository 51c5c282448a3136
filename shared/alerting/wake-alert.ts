import type { Key } from '../storage/table.ts';
import { loadAlert, settleLeft } from './alerts-store.ts';
import { closing, settleAll } from './evaluate.ts';
import { advance } from './lifecycle.ts';
import { tellAlerts } from './raise.ts';
import { loadRule } from './registry.ts';
import type { RuleRecord } from './rule.ts';
import type { JudgeTools } from './rules-of.ts';

/**
 * The time of an alert has come: what a crash or an absent bus left of it is done, time alone may change it, and its next
 * instant is noted. Early, late and repeated wakes change nothing more. Of a rule that is gone the alert ends.
 */
export const wakeAlert = async (key: Key, tools: JudgeTools): Promise<void> => {
  const left = await loadAlert(tools.state, key);
  if (left.version === undefined) return;
  const ruleId = key.sk.slice(0, key.sk.indexOf('#'));
  const rule = await loadRule(tools.state, ruleId);
  await tellAlerts([{ stored: left, rule }], tools);
  const found = await loadAlert(tools.state, key);
  const now = tools.clock();
  const reason = rule ? 'the rule was switched off' : 'the rule was removed';
  const settling = rule?.definition.isActive
    ? { found, rule, decide: byTime(rule, now) }
    : closing(found, rule, reason, now);
  await settleAll([[settling]], tools);
  await noteNext(key, rule, tools);
};

const byTime = (rule: RuleRecord, now: number) => (alert: Parameters<typeof advance>[1]) =>
  alert ? advance(rule, alert, undefined, now) : undefined;

/** An instant that has passed without a change would wake it each minute. */
const noteNext = async (key: Key, rule: RuleRecord | undefined, tools: JudgeTools): Promise<void> => {
  const stored = await loadAlert(tools.state, key);
  if (stored.isUntold || stored.unsent.length > 0) return;
  const now = tools.clock();
  const wakeAt = rule && stored.alert ? byTime(rule, now)(stored.alert)?.wakeAt : undefined;
  await settleLeft(tools.state, stored, { unsent: [], isUntold: false, wakeAt }, now);
};

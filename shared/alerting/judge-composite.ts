import { alertsOfRule } from './alerts-store.ts';
import { applyReadings } from './evaluate.ts';
import { type RuleRecord, rulePrefixOf } from './rule.ts';
import { type JudgeTools, type RulesOf, seenNothing } from './rules-of.ts';
import { memberRuleIds } from './types/composite.ts';
import { feedOf, typeOf } from './types/registry.ts';
import type { RuleState } from './types/type.ts';

export const isOfAll = (ruleId: string): boolean => ruleId.startsWith(rulePrefixOf(null));

/** The composites that hang on a rule; they are of the same deployment, or of all as it is. */
export const compositesOf = async (
  ruleId: string,
  deploymentId: string | null,
  rulesOf: RulesOf,
): Promise<readonly RuleRecord[]> => {
  return (await rulesOf(isOfAll(ruleId) ? null : deploymentId)).filter(
    ({ definition }) => feedOf(definition) === 'rules' && memberRuleIds(definition).includes(ruleId),
  );
};

/**
 * Judges a composite by how its members' alerts stand now. The instant is taken before they are read: whoever was made to
 * look by a later change has a later instant, and what it found wins.
 */
export const judgeComposite = async (rule: RuleRecord, tools: JudgeTools): Promise<void> => {
  const now = tools.clock();
  const { definition } = rule;
  const states = await Promise.all(memberRuleIds(definition).map((id) => statesOf(id, tools)));
  const seen = { ...seenNothing, rules: states.flat() };
  const readings = await typeOf(definition.type).judge({ rule: definition, now }, seen);
  await applyReadings([{ rule, readings }], now, tools);
};

const statesOf = async (ruleId: string, { state }: JudgeTools): Promise<readonly RuleState[]> =>
  (await alertsOfRule(state, ruleId)).flatMap(({ alert }) =>
    alert === undefined
      ? []
      : [{ ruleId, subject: alert.subject, isFiring: alert.state === 'firing', severity: alert.severity }],
  );

import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import { tombstoneSeconds } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { needsTicks } from './needs-ticks.ts';
import { loadRule } from './registry.ts';
import type { RuleRecord } from './rule.ts';
import {
  bytesOf,
  hasRoomFor,
  mostRules,
  noteRulePlace,
  type RulePlace,
  type RulePlan,
  readRulePlace,
  readRulePlan,
  writeRulePlan,
} from './rule-plan.ts';
import { familyOf, listRuleShard, ruleShardOf, ruleShardsIn } from './shard-list.ts';

export type ProjectTools = {
  readonly state: Pick<Table, 'get'>;
  readonly telemetry: Pick<Table, 'get' | 'query' | 'put'>;
  readonly clock: Clock;
  readonly newId: NewId;
};

/** Each conflict follows from a write of another evaluator. */
const maximumRounds = 12;

/**
 * Brings the present definition of a rule into the shard that judges it, or out of it, whatever the events said, and
 * returns that definition. Where it goes is noted first, so that whoever goes on after a crash puts it into the same
 * shard. A rule that is in two after all is only judged twice for the same instants: ticks ask the registry before they
 * write, and a shard whose rule is not its own is put right then.
 */
export const projectRule = async (ruleId: string, tools: ProjectTools): Promise<RuleRecord | undefined> => {
  for (let round = 0; round < maximumRounds; round++) {
    const rule = await loadRule(tools.state, ruleId);
    const isTicking = rule?.definition.isActive === true && needsTicks(rule.definition);
    const place = await readRulePlace(tools.telemetry, ruleId);
    if (!isTicking) {
      if (place && !place.isLeft) await takeOut(ruleId, place.shard, tools);
      return rule;
    }
    if (await placed(rule, place, tools)) return rule;
  }
  throw new Error(`the rule ${ruleId} was placed by others under ${maximumRounds} tries`);
};

const takeOut = async (ruleId: string, shard: string, tools: ProjectTools): Promise<void> => {
  await changePlan(shard, tools, (plan) => without(plan, ruleId));
  const now = tools.clock();
  const leftUntil = Math.floor(now / 1000) + tombstoneSeconds;
  await noteRulePlace(tools.telemetry, ruleId, { shard, before: shard, leftUntil, now });
};

/** Takes a rule out of a shard where it has no place any more; the registry says where it belongs now. */
export const withdrawFrom = async (shard: string, ruleId: string, tools: ProjectTools): Promise<void> => {
  await projectRule(ruleId, tools);
  const place = await readRulePlace(tools.telemetry, ruleId);
  if (place?.shard === shard && !place.isLeft) return;
  await changePlan(shard, tools, (plan) => without(plan, ruleId));
};

const placed = async (
  rule: RuleRecord,
  place: RulePlace | undefined,
  tools: ProjectTools,
): Promise<boolean> => {
  const { telemetry, clock } = tools;
  const shard = place?.shard ?? (await shardFor(rule, tools));
  const noting = { shard, before: place?.shard, now: clock() };
  if ((!place || place.isLeft) && !(await noteRulePlace(telemetry, rule.id, noting))) return false;
  const plan = await changePlan(shard, tools, (before) => withRule(before, rule));
  const isIn = plan.rules.some(({ id, revision }) => id === rule.id && revision >= rule.revision);
  if (isIn) return isStillThere(rule.id, shard, tools);
  // There is no room for it, or none for it as it is now: the next round puts it where there is.
  const other = await shardFor(rule, tools, shard);
  await noteRulePlace(telemetry, rule.id, { shard: other, before: shard, now: clock() });
  await changePlan(shard, tools, (before) => without(before, rule.id));
  return false;
};

/** Whoever moved it elsewhere while we put it here does not know of this entry: out with it. */
const isStillThere = async (ruleId: string, shard: string, tools: ProjectTools): Promise<boolean> => {
  if ((await readRulePlace(tools.telemetry, ruleId))?.shard === shard) return true;
  await changePlan(shard, tools, (plan) => without(plan, ruleId));
  return false;
};

/** Of full-looking shards so many are read to find one with rules of the same deployment. */
const mostLookedAt = 4;

/** A shard with room, best one that has rules of the same deployment: they read the same series. */
const shardFor = async (rule: RuleRecord, tools: ProjectTools, full?: string): Promise<string> => {
  const family = familyOf(rule.id);
  const listed = await ruleShardsIn(tools.telemetry, family, true);
  const roomy = listed.filter(({ shard, active }) => shard !== full && active < mostRules);
  const plans = await Promise.all(
    roomy
      .slice(0, mostLookedAt)
      .map(({ shard }) => readRulePlan(tools.telemetry, shard, { consistent: true })),
  );
  const fitting = plans.filter((plan) => hasRoomFor(plan, rule));
  const prefix = rule.id.slice(0, 8);
  const best = fitting.find((plan) => plan.rules.some(({ id }) => id.startsWith(prefix))) ?? fitting[0];
  if (best) return best.shard;
  const numbers = listed.map(({ shard }) => Number(shard.split('.')[1]));
  const next = Math.max(-1, ...numbers) + 1;
  const fresh = ruleShardOf(family, next);
  // A shard whose first rule is being placed is not listed yet; one that it could not take is passed over.
  return fresh === full ? ruleShardOf(family, next + 1) : fresh;
};

const withRule = (plan: RulePlan, rule: RuleRecord): RulePlan => {
  const before = plan.rules.find(({ id }) => id === rule.id);
  if (before && before.revision > rule.revision) return plan;
  if (JSON.stringify(before) === JSON.stringify(kept(rule))) return plan;
  if (!hasRoomFor(plan, rule)) return plan;
  const others = plan.rules.filter(({ id }) => id !== rule.id);
  return { ...plan, rules: [...others, kept(rule)].sort((left, right) => (left.id < right.id ? -1 : 1)) };
};

/** When it last fired is no part of how it is judged. */
const kept = ({ lastTriggeredAt: _unused, ...rule }: RuleRecord): RuleRecord => rule;

const without = (plan: RulePlan, ruleId: string): RulePlan =>
  plan.rules.some(({ id }) => id === ruleId)
    ? { ...plan, rules: plan.rules.filter(({ id }) => id !== ruleId) }
    : plan;

/** Changes a plan by compare and set, and lists it. `decide` gives the plan itself when nothing is to change. */
const changePlan = async (
  shard: string,
  { telemetry, newId }: ProjectTools,
  decide: (plan: RulePlan) => RulePlan,
): Promise<RulePlan> => {
  for (let round = 0; round < maximumRounds; round++) {
    const before = await readRulePlan(telemetry, shard, { consistent: true });
    const decided = decide(before);
    const plan = decided === before ? before : { ...decided, version: before.version + 1 };
    if (plan !== before && !(await writeRulePlan(telemetry, plan, newId()))) continue;
    // Also when nothing changed: whoever wrote it may have been killed before it was listed.
    if (plan.version > 0) {
      await listRuleShard(telemetry, {
        shard,
        version: plan.version,
        active: plan.rules.length,
        bytes: bytesOf(plan.rules),
      });
    }
    return plan;
  }
  throw new Error(`the rules of the shard ${shard} changed under ${maximumRounds} tries`);
};

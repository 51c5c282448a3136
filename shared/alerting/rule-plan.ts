import { pack, unpack } from '../health/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import type { RuleRecord } from './rule.ts';
import { rulePlaceKey, rulePlanKey } from './shard-list.ts';

/** The rules of a shard, as the projection of the registry that ticks are judged by. */
export type RulePlan = {
  readonly shard: string;
  /** Grows with each write; 0 means not written yet. */
  readonly version: number;
  /** By id. */
  readonly rules: readonly RuleRecord[];
};

/** A run of a shard ends well within its half minute, and its plan stays far from DynamoDB's 400 KB. */
export const mostRules = 100;
export const mostBytes = 200_000;

export const bytesOf = (rules: readonly RuleRecord[]): number =>
  rules.reduce((sum, rule) => sum + Buffer.byteLength(JSON.stringify(rule)), 0);

export const hasRoomFor = (plan: RulePlan, rule: RuleRecord): boolean => {
  const others = plan.rules.filter(({ id }) => id !== rule.id);
  return others.length < mostRules && bytesOf(others) + bytesOf([rule]) <= mostBytes;
};

export const readRulePlan = async (
  telemetry: Pick<Table, 'get'>,
  shard: string,
  options: { readonly consistent: boolean },
): Promise<RulePlan> => {
  const item = await telemetry.get(rulePlanKey(shard), options);
  return item
    ? { shard, version: Number(item.version), rules: unpack(item.packed) as RuleRecord[] }
    : { shard, version: 0, rules: [] };
};

/** False when somebody else wrote meanwhile. */
export const writeRulePlan = async (
  telemetry: Pick<Table, 'get' | 'put'>,
  plan: RulePlan,
  attempt: string,
): Promise<boolean> => {
  const key = rulePlanKey(plan.shard);
  const item: Item = { ...key, v: 1, version: plan.version, attempt, packed: pack(plan.rules) };
  try {
    await telemetry.put(
      item,
      plan.version === 1 ? { absent: true } : { equals: { version: plan.version - 1 } },
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return (await telemetry.get(key, { consistent: true }))?.attempt === attempt;
  }
};

/** In which shard a rule is, or is being placed. */
export type RulePlace = {
  readonly shard: string;
  /** It was taken out there; the place is remembered for a while, should the rule come back. */
  readonly isLeft: boolean;
};

/** Undefined for a rule that was never placed. */
export const readRulePlace = async (
  telemetry: Pick<Table, 'get'>,
  ruleId: string,
): Promise<RulePlace | undefined> => {
  const item = await telemetry.get(rulePlaceKey(ruleId), { consistent: true });
  return item && { shard: String(item.shard), isLeft: item.left === true };
};

type Noting = {
  readonly shard: string;
  /** The shard that was read before. */
  readonly before: string | undefined;
  /** Epoch seconds: it is taken out, and the note may go then. */
  readonly leftUntil?: number;
  readonly now: number;
};

/** Notes the shard, if the place is still as it was read. False when somebody else placed it meanwhile. */
export const noteRulePlace = async (
  telemetry: Pick<Table, 'get' | 'put'>,
  ruleId: string,
  { shard, before, leftUntil, now }: Noting,
): Promise<boolean> => {
  const leaving = leftUntil === undefined ? {} : { left: true, expiresAt: leftUntil };
  try {
    await telemetry.put(
      { ...rulePlaceKey(ruleId), v: 1, shard, ...leaving },
      before === undefined ? { vacantAt: Math.floor(now / 1000) } : { equals: { shard: before } },
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Also when the acknowledgement of our own was lost: it is the same shard then.
    return (await readRulePlace(telemetry, ruleId))?.shard === shard;
  }
};

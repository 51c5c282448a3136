import { bucketOf } from '../platform/ids.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';

/**
 * Rules that are judged every 30 s, in the table `telemetry`. A shard is `<family>.<number>`; all rules of a deployment
 * are of one family, so that they share shards, and with them the series that a run reads.
 *
 * | who asks   | question                            | access                                                       |
 * |------------|-------------------------------------|--------------------------------------------------------------|
 * | dispatcher | shards to judge                     | query `RULESHARDS#<0–7>`                                     |
 * | evaluator  | shards of a family that have room   | query `RULESHARDS#<family>`, consistent                      |
 * | evaluator  | list a shard                        | put `RULESHARDS#<family>` / `<shard>` if its version is newer |
 * | evaluator  | in which shard a rule is            | get `RULE#<ruleId>` / `PLACE`; put it if it is as read       |
 * | evaluator  | the rules of a shard                | get `RULES#<shard>` / `PLAN`                                 |
 * | evaluator  | take a rule in, out                 | put `PLAN` if its version is still the one read              |
 */
export const ruleFamilies = 8;
export const familyOf = (ruleId: string): number => bucketOf(ruleId.slice(0, 8), ruleFamilies);
export const ruleShardOf = (family: number, number: number): string => `${family}.${number}`;
export const rulePlanKey = (shard: string) => ({ pk: `RULES#${shard}`, sk: 'PLAN' });
export const rulePlaceKey = (ruleId: string) => ({ pk: `RULE#${ruleId}`, sk: 'PLACE' });
const listPartition = (family: number): string => `RULESHARDS#${family}`;

/** A shard as the list shows it, without its rules. */
export type ListedRuleShard = {
  readonly shard: string;
  readonly version: number;
  /** Rules in it; one without any has no ticks. */
  readonly active: number;
  /** Of its plan as JSON. */
  readonly bytes: number;
};

const shardsPerPage = 250;

export const ruleShardsIn = async (
  telemetry: Pick<Table, 'query'>,
  family: number,
  consistent = false,
): Promise<ListedRuleShard[]> => {
  const shards: ListedRuleShard[] = [];
  let after: string | undefined;
  do {
    const page = await telemetry.query({
      pk: listPartition(family),
      limit: shardsPerPage,
      consistent,
      ...(after !== undefined && { after }),
    });
    shards.push(...page.items.map(toListed));
    after = page.next;
  } while (after !== undefined);
  return shards;
};

const toListed = (item: Item): ListedRuleShard => ({
  shard: item.sk,
  version: Number(item.version),
  active: Number(item.active),
  bytes: Number(item.bytes),
});

/** Lists the shard as this version of its plan has it, unless a newer one was listed already. */
export const listRuleShard = async (
  telemetry: Pick<Table, 'put'>,
  { shard, ...listed }: ListedRuleShard,
): Promise<void> => {
  const family = Number(shard.split('.')[0]);
  try {
    await telemetry.put(
      { pk: listPartition(family), sk: shard, v: 1, ...listed },
      { below: { version: listed.version } },
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import { shardListKey, shardListPartition } from './keys.ts';
import { planBytes } from './place.ts';
import { activeCount, type Plan } from './plan.ts';
import { groupPrefixOf, type ShardGroup, shardBuckets } from './shard.ts';

/** A shard as the list shows it: what is needed to run it or to find room in it, without its plan. */
export type ListedShard = {
  readonly shard: string;
  readonly planVersion: number;
  /** Checks that run; a shard without any has no slots. */
  readonly active: number;
  readonly entries: number;
  /** Of its plan as JSON. */
  readonly bytes: number;
};

const shardsPerPage = 250;

/** The shards of one of the eight partitions, a page at a time, so that any number of them needs the same memory. */
export async function* shardsIn(
  telemetry: Pick<Table, 'query'>,
  bucket: number,
  options: { readonly group?: ShardGroup; readonly consistent?: boolean } = {},
): AsyncGenerator<readonly ListedShard[]> {
  const { group, consistent = false } = options;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await telemetry.query({
      pk: shardListPartition(bucket),
      ...(group && { beginsWith: groupPrefixOf(group) }),
      ...(after !== undefined && { after }),
      limit: shardsPerPage,
      consistent,
    });
    if (page.items.length > 0) yield page.items.map(toListedShard);
    after = page.next;
  }
}

export const allBuckets = Array.from({ length: shardBuckets }, (_, bucket) => bucket);

/** All shards of a group. */
export const shardsOf = async (
  telemetry: Pick<Table, 'query'>,
  group: ShardGroup,
): Promise<ListedShard[]> => {
  const found = await Promise.all(
    allBuckets.map(async (bucket) => {
      const shards: ListedShard[] = [];
      for await (const page of shardsIn(telemetry, bucket, { group, consistent: true })) shards.push(...page);
      return shards;
    }),
  );
  return found.flat();
};

export const readListed = async (
  telemetry: Pick<Table, 'get'>,
  shard: string,
): Promise<ListedShard | undefined> => {
  const item = await telemetry.get(shardListKey(shard), { consistent: true });
  return item && toListedShard(item);
};

/** Lists the shard as this plan has it, unless a newer plan was listed already. */
export const listShard = async (telemetry: Pick<Table, 'put'>, plan: Plan): Promise<void> => {
  const { planVersion } = plan;
  const item: Item = {
    ...shardListKey(plan.shard),
    v: 1,
    planVersion,
    active: activeCount(plan),
    entries: plan.entries.length,
    bytes: planBytes(plan.entries),
  };
  try {
    await telemetry.put(item, { below: { planVersion } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const toListedShard = (item: Item): ListedShard => ({
  shard: item.sk,
  planVersion: Number(item.planVersion),
  active: Number(item.active),
  entries: Number(item.entries),
  bytes: Number(item.bytes),
});

import type { Table } from '../storage/table.ts';
import type { Head } from './head.ts';
import { emptyHead, fromHeadItem } from './head.ts';
import { headKey, planKey } from './keys.ts';
import { fromPlanItem, type Plan, type PlanEntry } from './plan.ts';
import { allBuckets, type ListedShard, shardsIn } from './shard-list.ts';

type Telemetry = Pick<Table, 'query' | 'batchGet'>;

/** Of an entry what telling its standing takes: a whole plan of each shard would not fit into memory for long. */
export type SeenEntry = Pick<PlanEntry, 'no' | 'id' | 'deploymentId' | 'placedAt' | 'paused' | 'seed'>;

/** A shard as it is now: its checks, without those on their way to another shard, and how they stand. */
export type ShardSight = {
  readonly shard: string;
  readonly planVersion: number;
  readonly entries: readonly SeenEntry[];
  readonly head: Head;
};

type Remembered = {
  readonly plans: Map<string, Pick<ShardSight, 'planVersion' | 'entries'>>;
  readonly heads: Map<string, Head>;
};

/** Some 50,000 checks at about a kilobyte each; what is over is read anew each time. */
const mostRemembered = 500;
/** What a process read last, for the table it read from. Both kinds of item never change under the same version. */
const memories = new WeakMap<Telemetry, Remembered>();

const memoryOf = (telemetry: Telemetry): Remembered => {
  const memory = memories.get(telemetry) ?? { plans: new Map(), heads: new Map() };
  memories.set(telemetry, memory);
  return memory;
};

/**
 * All shards with checks. Once a process knows the plans, this reads the list of shards (eight queries) and one head
 * a shard, and unpacks only what changed.
 */
export const readShardSights = async (telemetry: Telemetry): Promise<readonly ShardSight[]> => {
  const memory = memoryOf(telemetry);
  const listed = (await Promise.all(allBuckets.map((bucket) => shardsOfBucket(telemetry, bucket)))).flat();
  forgetOthers(memory, new Set(listed.map(({ shard }) => shard)));
  await Promise.all([readNewPlans(telemetry, memory, listed), readNewHeads(telemetry, memory, listed)]);
  const sights = listed.flatMap(({ shard }) => {
    const plan = memory.plans.get(shard);
    return plan ? [{ shard, ...plan, head: memory.heads.get(shard) ?? emptyHead(shard) }] : [];
  });
  if (listed.length > mostRemembered) memories.delete(telemetry);
  return sights;
};

const shardsOfBucket = async (telemetry: Telemetry, bucket: number): Promise<ListedShard[]> => {
  const shards: ListedShard[] = [];
  for await (const page of shardsIn(telemetry, bucket)) shards.push(...page);
  return shards.filter(({ entries }) => entries > 0);
};

const forgetOthers = ({ plans, heads }: Remembered, there: ReadonlySet<string>): void => {
  for (const known of [plans, heads]) {
    for (const shard of known.keys()) if (!there.has(shard)) known.delete(shard);
  }
};

/** The list may lag behind a plan, so what is remembered may be newer than it says. */
const readNewPlans = async (
  telemetry: Telemetry,
  { plans }: Remembered,
  listed: readonly ListedShard[],
): Promise<void> => {
  const outdated = listed.filter(
    ({ shard, planVersion }) => (plans.get(shard)?.planVersion ?? 0) < planVersion,
  );
  const shardOf = new Map(outdated.map(({ shard }) => [planKey(shard).pk, shard]));
  for (const item of await telemetry.batchGet(outdated.map(({ shard }) => planKey(shard)))) {
    const shard = shardOf.get(item.pk);
    if (shard !== undefined) plans.set(shard, seenOf(fromPlanItem(shard, item)));
  }
};

const seenOf = ({ planVersion, entries }: Plan): Pick<ShardSight, 'planVersion' | 'entries'> => ({
  planVersion,
  entries: entries
    .filter((entry) => !entry.leaving)
    .map(({ no, id, deploymentId, placedAt, paused, seed }) => ({
      no,
      id,
      deploymentId,
      placedAt,
      ...(paused && { paused }),
      ...(seed && { seed }),
    })),
});

const readNewHeads = async (
  telemetry: Telemetry,
  { heads }: Remembered,
  listed: readonly ListedShard[],
): Promise<void> => {
  const shardOf = new Map(listed.map(({ shard }) => [headKey(shard).pk, shard]));
  for (const item of await telemetry.batchGet(listed.map(({ shard }) => headKey(shard)))) {
    const shard = shardOf.get(item.pk);
    // A copy that lags behind must not take back what was told.
    if (shard === undefined || (heads.get(shard)?.version ?? 0) >= Number(item.version)) continue;
    heads.set(shard, fromHeadItem(shard, item));
  }
};

import type { Table } from '../storage/table.ts';
import { isLive } from './fold.ts';
import { type CheckState, emptyHead } from './head.ts';
import { emptyPlan, type PlanEntry } from './plan.ts';
import { parseShardId, shardBuckets } from './shard.ts';
import { shardsIn } from './shard-list.ts';
import { staleSince } from './standing.ts';
import { readHeads, readPlans } from './standings.ts';

/** Enough to see that the runners stand still, and few enough to read each minute: 16 items of some kilobytes. */
const shardsAsked = 8;

/**
 * Whether checks are looked at as they should be, by a few shards of another partition each minute: undefined when they
 * are, else what is wrong. Where there is nothing to look at, nothing is wrong. A shard counts as silent when none of
 * the checks that run in it has a result that is fresh enough to speak for the present.
 */
export const isLookedAt = async (
  telemetry: Pick<Table, 'query' | 'batchGet'>,
  now: number,
): Promise<string | undefined> => {
  const shards = await someShards(telemetry, Math.floor(now / 60_000));
  const [plans, heads] = await Promise.all([readPlans(telemetry, shards), readHeads(telemetry, shards)]);
  const silent = shards.filter((shard) => {
    const { entries } = plans.get(shard) ?? emptyPlan(shard);
    const { checks } = heads.get(shard) ?? emptyHead(shard);
    const live = entries.filter(isLive);
    return live.length > 0 && live.every((entry) => isStale(shard, entry, checks.get(entry.no), now));
  });
  if (silent.length === 0) return undefined;
  return `${silent.length} of ${shards.length} shards have no fresh results: ${silent.slice(0, 3).join(', ')}`;
};

const isStale = (shard: string, entry: PlanEntry, state: CheckState | undefined, now: number): boolean => {
  const { intervalSeconds } = parseShardId(shard);
  const { placedAt, resumedAt = placedAt, seed } = entry;
  const since = Math.max(placedAt, resumedAt);
  return staleSince({ intervalSeconds, placedAt: since }, state ?? seed, now) !== undefined;
};

/** The first shards that run, from another partition of the list on each minute. */
const someShards = async (telemetry: Pick<Table, 'query'>, turn: number): Promise<readonly string[]> => {
  const found: string[] = [];
  for (let step = 0; step < shardBuckets; step++) {
    for await (const page of shardsIn(telemetry, (turn + step) % shardBuckets)) {
      found.push(...page.filter(({ active }) => active > 0).map(({ shard }) => shard));
      if (found.length >= shardsAsked) return found.slice(0, shardsAsked);
    }
  }
  return found;
};

import type { Clock } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import { emptyHead, type Head } from './head.ts';
import { emptyPlan, type Plan } from './plan.ts';
import { shardBuckets } from './shard.ts';
import { shardsIn } from './shard-list.ts';
import { readHeads, readPlans } from './standings.ts';

/** Two items a shard, of at most 400 KB each: so many shards at once need 10 MB of memory at worst. */
const shardsPerRound = 12;
const tendedAtOnce = 4;
/** A round of its own begins with another bucket, so that what one round has no time for is not left out by all. */
const roundMs = 5 * 60_000;

export type WatchTools = {
  readonly telemetry: Pick<Table, 'query' | 'batchGet'>;
  readonly clock: Clock;
  readonly needsTending: (plan: Plan, head: Head, now: number) => boolean;
  /** Repairs one shard; throws when it could not. */
  readonly tend: (shard: string) => Promise<void>;
  readonly onFault: (shard: string, error: Error) => void;
};

export type Watched = {
  readonly shards: number;
  readonly tended: number;
  readonly failed: number;
  /** False when `untilAt` came first: the next round begins elsewhere. */
  readonly isComplete: boolean;
};

/**
 * Looks at every shard and has those tended that need it, until all had their turn or `untilAt` (epoch ms) has come.
 * Reads two items a shard, a few shards at a time. A shard that fails does not keep the others waiting.
 */
export const watch = async (startedAt: number, untilAt: number, tools: WatchTools): Promise<Watched> => {
  const counts = { shards: 0, tended: 0, failed: 0 };
  for await (const shards of rounds(tools.telemetry, startedAt)) {
    if (tools.clock() >= untilAt) return { ...counts, isComplete: false };
    const [plans, heads] = await Promise.all([
      readPlans(tools.telemetry, shards),
      readHeads(tools.telemetry, shards),
    ]);
    const now = tools.clock();
    const needy = shards.filter((shard) =>
      tools.needsTending(plans.get(shard) ?? emptyPlan(shard), heads.get(shard) ?? emptyHead(shard), now),
    );
    const failed = await tendAll(needy, tools);
    counts.shards += shards.length;
    counts.tended += needy.length - failed;
    counts.failed += failed;
  }
  return { ...counts, isComplete: true };
};

async function* rounds(
  telemetry: Pick<Table, 'query'>,
  startedAt: number,
): AsyncGenerator<readonly string[]> {
  const first = Math.floor(startedAt / roundMs) % shardBuckets;
  for (let turn = 0; turn < shardBuckets; turn++) {
    for await (const page of shardsIn(telemetry, (first + turn) % shardBuckets)) {
      for (let from = 0; from < page.length; from += shardsPerRound) {
        yield page.slice(from, from + shardsPerRound).map(({ shard }) => shard);
      }
    }
  }
}

/** How many could not be tended. */
const tendAll = async (
  shards: readonly string[],
  { tend, onFault }: Pick<WatchTools, 'tend' | 'onFault'>,
): Promise<number> => {
  let failed = 0;
  for (let from = 0; from < shards.length; from += tendedAtOnce) {
    await Promise.all(
      shards.slice(from, from + tendedAtOnce).map(async (shard) => {
        try {
          await tend(shard);
        } catch (error) {
          failed++;
          onFault(shard, error as Error);
        }
      }),
    );
  }
  return failed;
};

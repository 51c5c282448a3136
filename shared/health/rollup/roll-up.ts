import { inParallel } from '../../platform/in-parallel.ts';
import { allBuckets, shardsIn } from '../shard-list.ts';
import { hourMs } from './periods.ts';
import { type RollupTools, rollUpShard } from './roll-up-shard.ts';

export type RolledUp = {
  readonly shards: number;
  readonly hours: number;
  /** Checks' days written. */
  readonly days: number;
  /** Items of results that could not be read: a gap each. */
  readonly unreadable: number;
  readonly failed: readonly { readonly shard: string; readonly error: Error }[];
  /** False when time ran out: the next run goes on. */
  readonly isComplete: boolean;
};

/** An hour of 10-second slots is 36,000 looks, some 10 MB while it is summed. */
const shardsAtOnce = 6;

/** Makes every shard's hours and days that are over and not made yet. One shard that fails does not stop the others. */
export const rollUp = async (tools: RollupTools): Promise<RolledUp> => {
  const sum = { shards: 0, hours: 0, days: 0, unreadable: 0 };
  const failed: { shard: string; error: Error }[] = [];
  await inParallel(shardsFrom(tools), shardsAtOnce, async (shard) => {
    if (isOver(tools)) return;
    try {
      const done = await rollUpShard(tools, shard);
      sum.shards++;
      sum.hours += done.hours;
      sum.days += done.days;
      sum.unreadable += done.unreadable;
    } catch (error) {
      failed.push({ shard, error: error as Error });
    }
  });
  return { ...sum, failed, isComplete: !isOver(tools) };
};

const isOver = ({ clock, until }: RollupTools): boolean => clock() >= until;

/** Starts with another bucket each hour, so that what does not fit into one run is not always the same. */
async function* shardsFrom(tools: RollupTools): AsyncGenerator<string> {
  const first = Math.floor(tools.clock() / hourMs);
  for (const at of allBuckets) {
    for await (const page of shardsIn(tools.telemetry, (first + at) % allBuckets.length)) {
      for (const { shard } of page) yield shard;
      if (isOver(tools)) return;
    }
  }
}

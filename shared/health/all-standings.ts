import type { Table } from '../storage/table.ts';
import type { CheckStanding } from './check.ts';
import type { CheckState, Head } from './head.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { parseShardId } from './shard.ts';
import { allBuckets, shardsIn } from './shard-list.ts';
import { standingOf } from './standing.ts';
import { readHeads, readPlans, stateOf } from './standings.ts';

export type EntryWithStanding = {
  readonly entry: PlanEntry;
  /** Undefined while nothing was folded. */
  readonly state: CheckState | undefined;
  readonly standing: CheckStanding;
};

const shardsPerRound = 50;

/** All scheduled checks as they stand at `now`, some shards at a time. Reads two items a shard, not one a check. */
export async function* allStandings(
  telemetry: Pick<Table, 'query' | 'batchGet'>,
  now: number,
): AsyncGenerator<readonly EntryWithStanding[]> {
  for await (const shards of rounds(telemetry)) {
    const [plans, heads] = await Promise.all([readPlans(telemetry, shards), readHeads(telemetry, shards)]);
    for (const [shard, plan] of plans) yield standingsIn(plan, heads.get(shard), now);
  }
}

async function* rounds(telemetry: Pick<Table, 'query'>): AsyncGenerator<readonly string[]> {
  for (const bucket of allBuckets) {
    for await (const page of shardsIn(telemetry, bucket)) {
      const shards = page.filter((listed) => listed.entries > 0).map((listed) => listed.shard);
      for (let from = 0; from < shards.length; from += shardsPerRound) {
        yield shards.slice(from, from + shardsPerRound);
      }
    }
  }
}

const standingsIn = (plan: Plan, head: Head | undefined, now: number): EntryWithStanding[] => {
  const { intervalSeconds } = parseShardId(plan.shard);
  return plan.entries
    .filter((entry) => !entry.leaving)
    .map((entry) => {
      const check = { isPaused: entry.paused === true, intervalSeconds, placedAt: entry.placedAt };
      const state = stateOf(entry.no, head, plan);
      return { entry, state, standing: standingOf(check, state, now) };
    });
};

import type { CheckStatus } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import type { CheckStanding } from './check.ts';
import type { Head } from './head.ts';
import type { Plan } from './plan.ts';
import { parseShardId } from './shard.ts';
import { allBuckets, shardsIn } from './shard-list.ts';
import { standingOf } from './standing.ts';
import { readHeads, readPlans, stateOf } from './standings.ts';

export type UnhealthyCheck = {
  readonly checkId: string;
  readonly deploymentId: string;
  readonly name: string;
  readonly reason: string | null;
  /** Epoch ms. */
  readonly since: number | null;
};

export type Overview = {
  readonly checks: Readonly<Record<CheckStatus | 'total', number>>;
  /** The newest first, at most 100. */
  readonly unhealthy: readonly UnhealthyCheck[];
};

const shardsPerRound = 50;
const mostUnhealthy = 100;

/** All scheduled checks of the deployments by status at `now`. Reads two items a shard, not one a check. */
export const readOverview = async (
  telemetry: Pick<Table, 'query' | 'batchGet'>,
  now: number,
  deployments: readonly string[] | 'all',
): Promise<Overview> => {
  const wanted = deployments === 'all' ? undefined : new Set(deployments);
  const checks = { total: 0, healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 };
  let unhealthy: UnhealthyCheck[] = [];
  const count = (plan: Plan, head: Head | undefined) => {
    for (const { entry, standing } of standingsIn(plan, head, now)) {
      const { id: checkId, deploymentId, name } = entry;
      if (wanted && !wanted.has(deploymentId)) continue;
      checks.total++;
      checks[standing.status]++;
      const { reason, since } = standing;
      if (standing.status === 'unhealthy') unhealthy.push({ checkId, deploymentId, name, reason, since });
    }
    unhealthy = unhealthy
      .sort((left, right) => (right.since ?? 0) - (left.since ?? 0))
      .slice(0, mostUnhealthy);
  };
  for await (const shards of rounds(telemetry)) {
    const [plans, heads] = await Promise.all([readPlans(telemetry, shards), readHeads(telemetry, shards)]);
    for (const [shard, plan] of plans) count(plan, heads.get(shard));
  }
  return { checks, unhealthy };
};

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

const standingsIn = (plan: Plan, head: Head | undefined, now: number) => {
  const { intervalSeconds } = parseShardId(plan.shard);
  return plan.entries
    .filter((entry) => !entry.leaving)
    .map((entry) => {
      const check = { isPaused: entry.paused === true, intervalSeconds, placedAt: entry.placedAt };
      const standing: CheckStanding = standingOf(check, stateOf(entry.no, head, plan), now);
      return { entry, standing };
    });
};

import type { CheckStatus } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import { allStandings, type EntryWithStanding } from './all-standings.ts';

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
  const count = (found: readonly EntryWithStanding[]) => {
    for (const { entry, standing } of found) {
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
  for await (const found of allStandings(telemetry, now)) count(found);
  return { checks, unhealthy };
};

import { defaultDeploymentId, readDeployment } from '../catalog/index.ts';
import { type CheckWithStanding, listChecks } from '../health/api.ts';
import { noDeployment, type Reach, requireReach } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import type { CheckStatus } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import type { DeploymentStatus } from './model.ts';

/** More checks than this are not listed in one answer; all of them make the status. */
const mostChecks = 1000;

/** Worst first. Unknown comes before healthy: what was not seen is not said to be well. */
const worstFirst: readonly CheckStatus[] = ['unhealthy', 'degraded', 'unknown', 'healthy'];

/** The status of a whole: the worst of its parts; paused checks do not count, and nothing counted is unknown. */
export const overallStatus = (
  checks: readonly { readonly status: CheckStatus; readonly isActive: boolean }[],
): CheckStatus =>
  worstFirst.find((status) => checks.some((check) => check.isActive && check.status === status)) ?? 'unknown';

/** Reads a deployment and everything known of it. Throws NOT_FOUND when it is not registered or out of reach. */
export const readDeploymentStatus = async (
  ports: { readonly state: Pick<Table, 'get' | 'query'>; readonly telemetry: Pick<Table, 'batchGet'> },
  deploymentId: string,
  reach: Reach,
  now: number,
): Promise<DeploymentStatus> => {
  requireReach(reach, deploymentId);
  if (deploymentId !== defaultDeploymentId && !(await readDeployment(ports.state, deploymentId)))
    throw noDeployment();
  const checks: CheckWithStanding[] = [];
  let after: string | undefined;
  do {
    const wanted = { reach: [deploymentId], filter: {}, limit: mostChecks, after };
    const page = await listChecks(ports, now, wanted);
    checks.push(...page.checks);
    after = page.next;
  } while (after !== undefined);
  return statusFrom(deploymentId, checks);
};

const statusFrom = (deploymentId: string, checks: readonly CheckWithStanding[]): DeploymentStatus => {
  const status = overallStatus(
    checks.map(({ record, standing }) => ({ status: standing.status, isActive: record.definition.isActive })),
  );
  const lastCheckedAt = checks.reduce((last, { standing }) => Math.max(last, standing.lastCheckedAt ?? 0), 0);
  return {
    deploymentId,
    status,
    lastChecked: lastCheckedAt === 0 ? null : toIso(lastCheckedAt),
    drift: { detected: null, lastCheck: null },
    health: {
      status,
      checks: checks.slice(0, mostChecks).map(({ record, standing }) => ({
        name: record.definition.name,
        status: standing.status,
        responseTime: standing.responseTimeMs,
      })),
    },
    cost: { current: null, budget: null, trend: 'unknown' },
    compliance: { score: null, violations: null },
  };
};

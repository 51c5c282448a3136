import { defaultDeploymentId, readDeployment } from '../catalog/index.ts';
import { type CheckWithStanding, listChecks } from '../health/api.ts';
import { isPaused } from '../health/index.ts';
import { noDeployment, type Reach, requireReach } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import type { DeploymentStatus } from './model.ts';
import { wholeOf } from './status-decide.ts';

/** More checks than this are not listed in one answer; all of them make the status. */
const mostChecks = 1000;

/**
 * Reads a deployment and everything known of it; its status is made from how the checks stand at `now`, not from what
 * was last told. Throws NOT_FOUND when it is not registered or out of reach.
 */
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
  const { status, reason, counts } = wholeOf(
    checks.map(({ record, standing }) => ({
      name: record.definition.name,
      status: standing.status,
      isPaused: isPaused(record),
    })),
  );
  const lastCheckedAt = checks.reduce((last, { standing }) => Math.max(last, standing.lastCheckedAt ?? 0), 0);
  return {
    deploymentId,
    status,
    lastChecked: lastCheckedAt === 0 ? null : toIso(lastCheckedAt),
    drift: { detected: null, lastCheck: null },
    health: {
      status,
      reason,
      counts: { ...counts },
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

import { type Reach, reaches } from '../platform/api/caller.ts';
import type { CheckStatus } from '../platform/events.ts';
import { checkStatuses } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import { allStandings } from './all-standings.ts';

/** What Prometheus scrapes: text format 0.0.4. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * With more checks than this within reach, checks are told by deployment and type only. Four series of each stay
 * below the 6 MB that a function may answer, with the longest names: 5,000 × 4 × 250 B.
 */
export const mostChecksOneByOne = 5000;

type CheckFacts = {
  readonly deployment: string;
  readonly check: string;
  readonly type: string;
  readonly status: CheckStatus;
  readonly responseTimeMs: number | null;
  readonly looks: number;
  readonly failedLooks: number;
};

type GroupFacts = {
  readonly deployment: string;
  readonly type: string;
  looks: number;
  failedLooks: number;
  readonly statuses: Record<CheckStatus, number>;
};

/** All checks within reach: by deployment and type, and one by one unless they are too many. */
export type MetricFacts = {
  readonly groups: readonly GroupFacts[];
  readonly checks: readonly CheckFacts[] | undefined;
};

/** Reads two items a shard. */
export const readMetricFacts = async (
  telemetry: Pick<Table, 'query' | 'batchGet'>,
  now: number,
  reach: Reach,
  most = mostChecksOneByOne,
): Promise<MetricFacts> => {
  const groups = new Map<string, GroupFacts>();
  let checks: CheckFacts[] | undefined = [];
  for await (const found of allStandings(telemetry, now)) {
    for (const { entry, state, standing } of found) {
      if (!reaches(reach, entry.deploymentId)) continue;
      const { deploymentId: deployment, name: check, type } = entry;
      const { status, responseTimeMs } = standing;
      const { looks = 0, failedLooks = 0 } = state ?? {};
      const group = groups.get(`${deployment}\n${type}`) ?? emptyGroup(deployment, type);
      groups.set(`${deployment}\n${type}`, group);
      group.looks += looks;
      group.failedLooks += failedLooks;
      group.statuses[status]++;
      checks?.push({ deployment, check, type, status, responseTimeMs, looks, failedLooks });
    }
    if (checks && checks.length > most) checks = undefined;
  }
  return { groups: [...groups.values()], checks };
};

const emptyGroup = (deployment: string, type: string): GroupFacts => ({
  deployment,
  type,
  looks: 0,
  failedLooks: 0,
  statuses: { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 },
});

/** As numbers, so that `health_check_status == 0` is what is down. */
const statusValues: Readonly<Record<CheckStatus, number>> = {
  healthy: 1,
  degraded: 0.5,
  unhealthy: 0,
  unknown: -1,
};

/** The exposition. Loads what writes it when first used. */
export const toMetricsText = async ({ groups, checks }: MetricFacts): Promise<string> => {
  const { Counter, Gauge, Registry } = (await import('prom-client')).default;
  const registry = new Registry();
  const of = <L extends string>(name: string, help: string, labelNames: readonly L[]) => ({
    name,
    help,
    labelNames,
    registers: [registry],
  });
  const by = ['deployment', 'type'] as const;
  const oneByOne = ['deployment', 'check', 'type'] as const;
  const labels: readonly ('deployment' | 'check' | 'type')[] = checks ? oneByOne : by;
  const looks = new Counter(of('health_checks_total', 'Results that were folded into statuses.', labels));
  const failures = new Counter(
    of('health_check_failures_total', 'Those of them that were failures.', labels),
  );
  for (const one of checks ?? groups) {
    const { deployment, type } = one;
    const named = 'check' in one ? { deployment, check: one.check, type } : { deployment, type };
    looks.inc(named, one.looks);
    failures.inc(named, one.failedLooks);
  }
  const statuses = new Gauge(of('health_checks_by_status', 'Number of checks by status.', [...by, 'status']));
  for (const { deployment, type, statuses: counted } of groups) {
    for (const status of checkStatuses) statuses.set({ deployment, type, status }, counted[status]);
  }
  if (checks) {
    const status = new Gauge(
      of('health_check_status', '1 healthy, 0.5 degraded, 0 unhealthy, -1 unknown.', oneByOne),
    );
    const latency = new Gauge(
      of('health_check_response_time_seconds', 'Of the last look, when it was answered.', oneByOne),
    );
    for (const { deployment, check, type, ...facts } of checks) {
      status.set({ deployment, check, type }, statusValues[facts.status]);
      if (facts.responseTimeMs !== null)
        latency.set({ deployment, check, type }, facts.responseTimeMs / 1000);
    }
  }
  return registry.metrics();
};

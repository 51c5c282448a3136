import { toIso } from '../platform/clock.ts';
import type { CheckRecord, CheckResult, CheckStanding } from './check.ts';
import type { CheckView } from './model.ts';
import { hideSecrets } from './secrets.ts';
import { notScheduled } from './standing.ts';

const isoOrNull = (instant: number | null): string | null => (instant === null ? null : toIso(instant));

/** A check as answers show it. */
export const viewOfCheck = (record: CheckRecord, standing: CheckStanding = notScheduled): CheckView => {
  const { definition } = record;
  return {
    id: record.id,
    deploymentId: definition.deploymentId,
    name: definition.name,
    type: definition.type,
    target: definition.target,
    interval: definition.intervalSeconds,
    timeout: definition.timeoutSeconds,
    retries: definition.retries,
    failureThreshold: definition.failureThreshold,
    successThreshold: definition.successThreshold,
    network: definition.network,
    tags: definition.tags,
    config: hideSecrets(definition.config),
    isActive: definition.isActive,
    managedBy: record.managedBy,
    revision: record.revision,
    createdAt: toIso(record.createdAt),
    updatedAt: toIso(record.updatedAt),
    status: standing.status,
    lastChecked: isoOrNull(standing.lastCheckedAt),
    responseTime: standing.responseTimeMs,
    reason: standing.reason,
    statusSince: isoOrNull(standing.since),
  };
};

export const viewOfResult = (result: CheckResult) => ({
  at: toIso(result.at),
  status: result.status,
  responseTime: result.responseTimeMs,
  reason: result.reason,
  phases: result.phases,
  attempts: result.attempts,
  ...(result.statusCode !== undefined && { statusCode: result.statusCode }),
});

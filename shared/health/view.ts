import { toIso } from '../platform/clock.ts';
import type { CheckView } from './answers.ts';
import type { CheckRecord, CheckResult, CheckStanding } from './check.ts';
import { notScheduled } from './standing.ts';
import { shownOf } from './written.ts';

const isoOrNull = (instant: number | null): string | null => (instant === null ? null : toIso(instant));

/** A check as answers show it. */
export const viewOfCheck = (record: CheckRecord, standing: CheckStanding = notScheduled): CheckView => ({
  id: record.id,
  ...shownOf(record.definition),
  isPaused: record.pausedAt !== undefined,
  managedBy: record.managedBy,
  revision: record.revision,
  createdAt: toIso(record.createdAt),
  updatedAt: toIso(record.updatedAt),
  status: standing.status,
  lastChecked: isoOrNull(standing.lastCheckedAt),
  responseTime: standing.responseTimeMs,
  reason: standing.reason,
  statusSince: isoOrNull(standing.since),
});

export const viewOfResult = (result: CheckResult) => ({
  at: toIso(result.at),
  status: result.status,
  responseTime: result.responseTimeMs,
  reason: result.reason,
  phases: result.phases,
  attempts: result.attempts,
  ...(result.statusCode !== undefined && { statusCode: result.statusCode }),
  ...(result.runId !== undefined && { runId: result.runId }),
});

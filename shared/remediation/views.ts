import type * as z from 'zod';
import { toIso } from '../platform/clock.ts';
import type { StopSwitch } from './brake-facts.ts';
import { type RemediationSummary, summaryOf } from './list.ts';
import type {
  logEntrySchema,
  planViewSchema,
  remediationSummarySchema,
  remediationViewSchema,
  stopViewSchema,
} from './model.ts';
import type { Plan, PlannedAction } from './plan.ts';
import type { ActionProgress, LogEntry, Remediation } from './remediation.ts';

/** What the routes of remediation answer with. The token of a step that waits is in none of it. */

const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : toIso(at));

export const viewOfPlan = (plan: Plan): z.output<typeof planViewSchema> => ({
  hash: plan.hash,
  workflow: plan.workflow,
  deploymentId: plan.deploymentId,
  environment: plan.environment,
  occasion: { ...plan.occasion, checkIds: [...plan.occasion.checkIds] },
  policy: plan.policy && { ...plan.policy },
  actions: plan.actions.map(viewOfAction),
  approval: { ...plan.approval, by: [...plan.approval.by] },
  limits: { maxCount: plan.limits.maxCount ?? null, maxPercent: plan.limits.maxPercent ?? null },
  attempts: { ...plan.attempts },
  verification: { ...plan.verification, checkIds: [...plan.verification.checkIds] },
  savingsUsdPerMonth: plan.savingsUsdPerMonth ?? null,
  undoOf: plan.undoOf ?? null,
  madeAt: toIso(plan.madeAt),
  madeBy: plan.madeBy,
});

const viewOfAction = ({
  kind,
  resource,
  params,
  summary,
  before,
  expected,
  undo,
  risk,
  permissions,
}: PlannedAction) => ({
  kind,
  resource: { name: resource.name, type: resource.type, id: resource.id },
  params: { ...params },
  summary,
  before,
  expected,
  undo: undo === undefined ? null : { kind: undo.kind, params: { ...undo.params } },
  risk,
  permissions: permissions.map(({ actions, resources }) => ({
    actions: [...actions],
    resources: [...resources],
  })),
});

export const viewOfSummary = (summary: RemediationSummary): z.output<typeof remediationSummarySchema> => ({
  id: summary.planHash,
  deploymentId: summary.deploymentId,
  environment: summary.environment,
  workflow: summary.workflow,
  title: summary.occasion.title,
  severity: summary.occasion.severity,
  policy: summary.policy,
  status: summary.status,
  reason: summary.reason,
  attempt: summary.attempt,
  actions: [...summary.actions],
  resources: [...summary.resources],
  madeBy: summary.madeBy,
  undoOf: summary.undoOf ?? null,
  undoneBy: summary.undoneBy ?? null,
  startedAt: toIso(summary.startedAt),
  updatedAt: toIso(summary.updatedAt),
  endedAt: isoOrNull(summary.endedAt),
});

export const viewOfRemediation = (remediation: Remediation): z.output<typeof remediationViewSchema> => ({
  ...viewOfSummary(summaryOf(remediation)),
  approvals: remediation.approvals.map(({ by, at, comment }) => ({
    by,
    at: toIso(at),
    comment: comment ?? null,
  })),
  rejectedBy: remediation.rejectedBy ?? null,
  approveBy: isoOrNull(remediation.approveBy),
  progress: remediation.actions.map(viewOfProgress),
  holds: remediation.holds.map(({ brake, reason, untilAt }) => ({
    brake,
    reason,
    untilAt: isoOrNull(untilAt),
  })),
  after: [...(remediation.after ?? [])],
  plan: viewOfPlan(remediation.plan),
});

const viewOfProgress = ({ state, attempt, startedAt, endedAt, reason }: ActionProgress) => ({
  state,
  attempt,
  startedAt: isoOrNull(startedAt),
  endedAt: isoOrNull(endedAt),
  reason: reason ?? null,
});

export const viewOfEntry = (entry: LogEntry): z.output<typeof logEntrySchema> => {
  const { at, kind, by, attempt, text, call, before = null, after = null, durationMs } = entry;
  return {
    at: toIso(at),
    kind,
    by,
    attempt,
    text,
    call: call === undefined ? null : { ...call, at: toIso(call.at) },
    before,
    after,
    durationMs: durationMs ?? null,
  };
};

export const viewOfStop = ({ isOn, by, reason, at }: StopSwitch): z.output<typeof stopViewSchema> => ({
  isOn,
  by: by ?? null,
  reason: reason ?? null,
  at: isoOrNull(at),
});

import type { ActionKind } from '../platform/action-kinds.ts';
import { type Reach, reaches } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import { ConditionFailed, type Item, type Table, type Value } from '../storage/index.ts';
import type { Occasion, Workflow } from './plan.ts';
import { expiresAtOf, listKey, listPartitionOf } from './record.ts';
import type { Remediation, RemediationStatus } from './remediation.ts';

/** A remediation as lists show it. */
export type RemediationSummary = {
  readonly planHash: string;
  readonly deploymentId: string;
  readonly environment: string;
  readonly workflow: Workflow;
  readonly occasion: Pick<Occasion, 'kind' | 'id' | 'title' | 'severity'>;
  readonly policy: string | null;
  readonly status: RemediationStatus;
  readonly reason: string;
  readonly attempt: number;
  readonly actions: readonly ActionKind[];
  readonly resources: readonly string[];
  readonly madeBy: string;
  readonly undoOf?: string | undefined;
  readonly undoneBy?: string | undefined;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number | undefined;
};

export const summaryOf = (remediation: Remediation): RemediationSummary => {
  const { plan, status, reason, attempt, undoneBy, startedAt, updatedAt, endedAt } = remediation;
  const { kind, id, title, severity } = plan.occasion;
  return {
    planHash: plan.hash,
    deploymentId: plan.deploymentId,
    environment: plan.environment,
    workflow: plan.workflow,
    occasion: { kind, id, title, severity },
    policy: plan.policy?.name ?? null,
    status,
    reason,
    attempt,
    actions: [...new Set(plan.actions.map((action) => action.kind))],
    resources: plan.actions.map(({ resource }) => resource.name),
    madeBy: plan.madeBy,
    ...(plan.undoOf !== undefined && { undoOf: plan.undoOf }),
    ...(undoneBy !== undefined && { undoneBy }),
    startedAt,
    updatedAt,
    ...(endedAt !== undefined && { endedAt }),
  };
};

/** Brings the list to what the item says; an older version never goes over a newer one. */
export const listRemediation = async (state: Pick<Table, 'put'>, remediation: Remediation): Promise<void> => {
  const item: Item = {
    ...listKey(remediation),
    v: 1,
    summary: summaryOf(remediation) as unknown as Value,
    revision: remediation.revision,
    expiresAt: expiresAtOf(remediation.endedAt ?? remediation.startedAt),
  };
  try {
    await state.put(item, { below: { revision: remediation.revision } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

export type RemediationFilter = {
  readonly reach: Reach;
  readonly status?: RemediationStatus | 'active' | undefined;
  readonly deploymentId?: string | undefined;
  /** Epoch ms, of the start; the last 90 days when left out. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
};

export type RemediationList = {
  readonly remediations: readonly RemediationSummary[];
  readonly next: string | undefined;
};

const usualMs = 90 * 86_400_000;
/** One answer looks at no more than this, however few of them pass the filter. */
const mostLookedAt = 1000;
const cursorPattern = /^\d{4}-\d\d-\d\dT[\d:.]{12}Z#[0-9a-f]{64}$/;
export const isListCursor = (text: string): boolean => cursorPattern.test(text);

/** Remediations within reach that pass the filter, newest first. */
export const listRemediations = async (
  state: Pick<Table, 'query'>,
  wanted: RemediationFilter,
  now: number,
): Promise<RemediationList> => {
  const to = Math.min(wanted.to ?? now + 60_000, now + 60_000);
  const from = wanted.from ?? to - usualMs;
  const { cursor } = wanted;
  if (cursor !== undefined && !isListCursor(cursor)) return { remediations: [], next: undefined };
  const found: RemediationSummary[] = [];
  let lookedAt = 0;
  for await (const page of pagesBetween(state, from, to, cursor)) {
    for (const { sk, summary } of page) {
      lookedAt++;
      if (passes(summary, wanted)) {
        // Only one more match proves that there is a next page.
        if (found.length === wanted.limit) return { remediations: found, next: positionOf(found.at(-1)) };
        found.push(summary);
      }
      if (lookedAt >= mostLookedAt) return { remediations: found, next: sk };
    }
  }
  return { remediations: found, next: undefined };
};

const positionOf = (summary: RemediationSummary | undefined): string | undefined =>
  summary && `${toIso(summary.startedAt)}#${summary.planHash}`;

type Listed = { readonly sk: string; readonly summary: RemediationSummary };

async function* pagesBetween(
  state: Pick<Table, 'query'>,
  from: number,
  to: number,
  cursor: string | undefined,
): AsyncGenerator<readonly Listed[]> {
  const first = `${toIso(Math.max(0, from))}`;
  // `~` sorts behind `#` and every hash: the bound includes what started in this very millisecond.
  const last = `${toIso(to)}~`;
  for (const partition of monthsBetween(from, to)) {
    if (cursor !== undefined && partition > `REMEDIATIONS#${cursor.slice(0, 7)}`) continue;
    const isMonthOfCursor = cursor !== undefined && partition === `REMEDIATIONS#${cursor.slice(0, 7)}`;
    let after: string | undefined = isMonthOfCursor ? cursor : undefined;
    do {
      const page = await state.query({
        pk: partition,
        from: first,
        to: last,
        descending: true,
        limit: 100,
        ...(after !== undefined && { after }),
      });
      yield page.items.map(({ sk, summary }) => ({ sk, summary: summary as unknown as RemediationSummary }));
      after = page.next;
    } while (after !== undefined);
  }
}

/** Partitions of the months, newest first. */
const monthsBetween = (from: number, to: number): readonly string[] => {
  const months: string[] = [];
  const month = new Date(to);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  const oldest = listPartitionOf(Math.max(0, from));
  for (
    let partition = listPartitionOf(to);
    partition >= oldest;
    partition = listPartitionOf(month.getTime())
  ) {
    months.push(partition);
    month.setUTCMonth(month.getUTCMonth() - 1);
  }
  return months;
};

const isActive = (status: RemediationStatus): boolean =>
  status === 'waiting' || status === 'approved' || status === 'running';

const passes = (summary: RemediationSummary, { reach, status, deploymentId }: RemediationFilter): boolean =>
  reaches(reach, summary.deploymentId) &&
  (deploymentId === undefined || summary.deploymentId === deploymentId) &&
  (status === undefined || (status === 'active' ? isActive(summary.status) : summary.status === status));

import type { Reach } from '../platform/api/caller.ts';
import type { Severity } from '../platform/events.ts';
import type { Table } from '../storage/index.ts';
import type { Incident, IncidentStatus } from './incident.ts';
import { incidentsBetween, isIncidentId } from './store.ts';

export type IncidentFilter = {
  readonly reach: Reach;
  /** `active`: open or acknowledged. */
  readonly status?: IncidentStatus | 'active' | undefined;
  readonly severity?: Severity | undefined;
  readonly deploymentId?: string | undefined;
  /** Epoch ms: opened at `from <= openedAt < to`; everything that is kept when left out. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  /** Id of the last incident of the page before. */
  readonly cursor?: string | undefined;
};

export type IncidentList = { readonly incidents: readonly Incident[]; readonly next: string | undefined };

/** One answer looks at no more incidents than this, however few of them pass the filter. */
const mostLookedAt = 2000;
/** Nothing older is kept. */
const keptMs = 400 * 86_400_000;

/** Whether somebody with this reach may see it: what belongs to no deployment only who reaches all. */
export const isWithinReach = (reach: Reach, { deploymentId }: Pick<Incident, 'deploymentId'>): boolean =>
  reach === '*' || (deploymentId !== null && reach.includes(deploymentId));

/** Incidents within reach that pass the filter, newest first. */
export const listIncidents = async (
  state: Pick<Table, 'query'>,
  wanted: IncidentFilter,
  now: number,
): Promise<IncidentList> => {
  const to = wanted.to ?? now + 60_000;
  const from = Math.max(wanted.from ?? 0, now - keptMs);
  const found: Incident[] = [];
  let lookedAt = 0;
  const after = wanted.cursor !== undefined && isIncidentId(wanted.cursor) ? wanted.cursor : undefined;
  if (wanted.cursor !== undefined && after === undefined) return { incidents: [], next: undefined };
  for await (const page of incidentsBetween(state, { from, to, after })) {
    for (const incident of page) {
      if (!isWithinReach(wanted.reach, incident) || !passes(incident, wanted)) continue;
      // Only one more match proves that there is a next page.
      if (found.length === wanted.limit) return { incidents: found, next: found.at(-1)?.id };
      found.push(incident);
    }
    lookedAt += page.length;
    if (lookedAt >= mostLookedAt) return { incidents: found, next: page.at(-1)?.id };
  }
  return { incidents: found, next: undefined };
};

const passes = (
  { status, severity, deploymentId }: Incident,
  wanted: Pick<IncidentFilter, 'status' | 'severity' | 'deploymentId'>,
): boolean =>
  (wanted.status === undefined ||
    (wanted.status === 'active' ? status !== 'resolved' : status === wanted.status)) &&
  (wanted.severity === undefined || severity === wanted.severity) &&
  (wanted.deploymentId === undefined || deploymentId === wanted.deploymentId);

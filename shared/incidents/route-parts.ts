import * as z from 'zod';
import { type Reach, reachesHome } from '../platform/api/caller.ts';
import { instant } from '../platform/api/fields.ts';
import { dayMs, periodFrom } from '../platform/api/period.ts';
import { DomainError } from '../platform/errors.ts';
import type { Table } from '../storage/index.ts';
import type { Incident } from './incident.ts';
import { isIncidentId, readIncident } from './store.ts';

/** What the routes of incidents share. */

export const incidentsPath = '/api/v1/monitoring/incidents';

export const withIncidentId = z.strictObject({
  id: z.string().max(60).refine(isIncidentId, 'Give the id of an incident.'),
});

/** The incident within reach. Throws NOT_FOUND alike for what is not there and what is out of reach. */
export const requireIncident = async (
  state: Pick<Table, 'get'>,
  incidentId: string,
  reach: Reach,
): Promise<Incident> => {
  const incident = await readIncident(state, incidentId);
  if (!incident || !reachesHome(reach, incident.deploymentId)) {
    throw new DomainError(
      'NOT_FOUND',
      'There is no such incident, or the token does not reach it. List what it reaches at GET /api/v1/monitoring/incidents.',
    );
  }
  return incident;
};

/** The period of a report, 30 days back unless told otherwise; epoch ms, at most 400 days. */
export const reportPeriod = {
  from: instant
    .optional()
    .meta({ description: 'Incidents opened then or later; 30 days ago when left out.' }),
  to: instant.optional().meta({ description: 'Incidents opened before; now when left out.' }),
};

export const periodOf = (
  query: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
): { readonly from: number; readonly to: number } => {
  const to = Math.min(query.to ?? now, now) + 1;
  const { from } = periodFrom({ from: query.from, to }, now, 30 * dayMs);
  return { from: Math.max(from, now - mostDays * dayMs), to };
};

/** Nothing older is kept. */
const mostDays = 400;

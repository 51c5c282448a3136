import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { IncidentChange } from './draft.ts';
import type { Incident } from './incident.ts';

/** What the bus is told of a version of an incident. */
export const changedEvent = (
  incident: Incident,
  { change, by, at, place }: { change: IncidentChange; by: string | null; at: number; place: Place },
): HomeostatEvent => ({
  type: 'incident.changed',
  detail: {
    id: `incident:${incident.id}@${incident.version}`,
    at: toIso(at),
    accountId: place.accountId,
    region: place.region,
    incidentId: incident.id,
    deploymentId: incident.deploymentId,
    title: incident.title,
    severity: incident.severity,
    status: incident.status,
    change,
    by,
    firing: incident.firing,
    resolved: incident.resolved,
  },
});

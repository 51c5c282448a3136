import * as z from 'zod';
import { loadChannels, type Notification, readNotifications } from '../notifications/index.ts';
import { reachesHome, reachWithin } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, instant, paging, positionFrom } from '../platform/api/fields.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { severities } from '../platform/events.ts';
import type { Incident } from './incident.ts';
import { listIncidents } from './list.ts';
import { incidentsPath, requireIncident, withIncidentId } from './route-parts.ts';
import { isIncidentId, readMembersOf } from './store.ts';
import { readTimeline } from './timeline.ts';
import { viewOfTold } from './told-view.ts';
import {
  incidentDetailSchema,
  incidentPageSchema,
  incidentStatuses,
  timelinePageSchema,
  viewOfEntry,
  viewOfIncident,
  viewOfMember,
} from './views.ts';

export const listIncidentsRoute = defineRoute({
  id: 'listIncidents',
  function: 'api',
  method: 'GET',
  path: incidentsPath,
  scope: 'read',
  summary: 'List incidents',
  description: 'Newest first. Kept for 400 days from their resolution on.',
  query: z.strictObject({
    deploymentId: deploymentIdField.optional(),
    status: z
      .enum([...incidentStatuses, 'active'])
      .optional()
      .meta({ description: '`active`: open or acknowledged.' }),
    severity: z.enum(severities).optional(),
    from: instant.optional().meta({ description: 'Those that were opened then or later.' }),
    to: instant.optional().meta({ description: 'Those that were opened before.' }),
    ...paging(200, 50),
  }),
  success: { status: 200, schema: incidentPageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { cursor, deploymentId, ...filter } = query;
    const reach = reachWithin(caller.deployments, deploymentId);
    const now = world.clock();
    const { incidents, next } = await listIncidents(
      world.state,
      { ...filter, ...notLaterThan(filter.to, now), reach, cursor: positionFrom(cursor, isIncidentId) },
      now,
    );
    return {
      body: {
        items: incidents.map(viewOfIncident),
        next: next === undefined ? null : encodeCursor(next),
      },
    };
  },
});

/** Months that have not come yet hold no incidents, and need not be asked. */
const notLaterThan = (to: number | undefined, now: number) =>
  to === undefined ? {} : { to: Math.min(to, now + 60_000) };

/** Those that fire first, then the newest. */
const mostAlerts = 1000;

const detailOf = async (world: ApiWorld, incident: Incident, reach: readonly string[] | '*') => {
  const [members, told, channels] = await Promise.all([
    readMembersOf(world.state, incident.id),
    readNotifications(world.state, incident.id),
    loadChannels(world.state),
  ]);
  const names = new Map(channels.map(({ id, definition }) => [id, definition.name]));
  return {
    ...viewOfIncident(incident),
    alerts: members
      .filter(({ subject }) => reachesHome(reach, subject.deploymentId))
      .sort((left, right) => left.state.localeCompare(right.state) || right.firedAt - left.firedAt)
      .slice(0, mostAlerts)
      .map((member) => viewOfMember(member, incident)),
    notifications: told.map((one: Notification) => viewOfTold(one, names.get(one.channelId))),
  };
};

export const readIncidentRoute = defineRoute({
  id: 'readIncident',
  function: 'api',
  method: 'GET',
  path: `${incidentsPath}/{id}`,
  scope: 'read',
  summary: 'Read an incident',
  description: 'With its alerts, and what each channel was told of it and what not yet.',
  params: withIncidentId,
  success: { status: 200, schema: incidentDetailSchema },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    const incident = await requireIncident(world.state, params.id, caller.deployments);
    return { body: await detailOf(world, incident, caller.deployments) };
  },
});

/** `<nine characters of the instant>#<entry>`, as `readTimeline` gives it. */
const isTimelinePosition = (position: string): boolean => /^[0-9a-z]{9}#[\x21-\x7e]{1,300}$/.test(position);

export const readTimelineRoute = defineRoute({
  id: 'readIncidentTimeline',
  function: 'api',
  method: 'GET',
  path: `${incidentsPath}/{id}/timeline`,
  scope: 'read',
  summary: 'Read what happened in an incident',
  description: 'Every change, notification and person, oldest first.',
  params: withIncidentId,
  query: z.strictObject(paging(200, 100)),
  success: { status: 200, schema: timelinePageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ params, query, caller }, world) {
    await requireIncident(world.state, params.id, caller.deployments);
    const after = positionFrom(query.cursor, isTimelinePosition);
    const { entries, next } = await readTimeline(world.state, params.id, { limit: query.limit, after });
    return {
      body: { items: entries.map(viewOfEntry), next: next === undefined ? null : encodeCursor(next) },
    };
  },
});

export const readingRoutes = [listIncidentsRoute, readIncidentRoute, readTimelineRoute];

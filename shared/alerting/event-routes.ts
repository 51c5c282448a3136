import * as z from 'zod';
import { reachWithin } from '../platform/api/caller.ts';
import { deploymentIdField, instant, paging } from '../platform/api/fields.ts';
import { cursorAfter, dayMs, periodFrom } from '../platform/api/period.ts';
import { defineRoute } from '../platform/api/route.ts';
import { severities } from '../platform/events.ts';
import { eventPageSchema, eventViewSchema, viewOfEvent } from './answers.ts';
import { listEvents, requireEvent } from './list-events.ts';
import { ruleIdSchema } from './model.ts';
import { eventsPath, withEventId } from './route-parts.ts';

export const listEventsRoute = defineRoute({
  id: 'listAlertEvents',
  function: 'api',
  method: 'GET',
  path: eventsPath,
  scope: 'read',
  summary: 'List what fired',
  description:
    'Each firing of a rule for one subject, newest first; of the last seven days unless `from` and `to` say otherwise. Kept for 90 days.',
  query: z.strictObject({
    deploymentId: deploymentIdField.optional(),
    ruleId: ruleIdSchema.optional(),
    severity: z.enum(severities).optional(),
    state: z.enum(['firing', 'resolved']).optional(),
    from: instant.optional().meta({ description: 'Those that began then or later.' }),
    to: instant.optional(),
    ...paging(200, 50),
  }),
  success: { status: 200, schema: eventPageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { deploymentId, limit, from, to, cursor, ...filter } = query;
    const now = world.clock();
    const reach = reachWithin(caller.deployments, deploymentId);
    const period = periodFrom({ from, to, cursor }, now, 7 * dayMs);
    const { events, next } = await listEvents(world.state, { reach, filter, period, limit, now });
    return {
      body: {
        items: events.map(viewOfEvent),
        next: next === undefined ? null : cursorAfter(period, next),
      },
    };
  },
});

export const readEventRoute = defineRoute({
  id: 'readAlertEvent',
  function: 'api',
  method: 'GET',
  path: `${eventsPath}/{id}`,
  scope: 'read',
  summary: 'Read one firing',
  description: 'One firing of a rule for one subject, from its beginning to its resolution.',
  params: withEventId,
  success: { status: 200, schema: eventViewSchema },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    return { body: viewOfEvent(await requireEvent(world.state, params.id, caller.deployments)) };
  },
});

export const eventRoutes = [listEventsRoute, readEventRoute];

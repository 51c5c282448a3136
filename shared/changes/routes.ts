import * as z from 'zod';
import { isoInstant } from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { checkStatuses } from '../platform/events.ts';
import { readChanges } from './read.ts';
import { topics } from './topics.ts';

const isoOrNull = (at: number | null): string | null => (at === null ? null : toIso(at));

const changesSchema = z.strictObject({
  cursor: z.string().meta({ description: 'What to ask with next time; opaque.' }),
  topics: z.array(z.enum(topics)).meta({
    description:
      'What may have changed and is to be read again: `checks` are definitions, `remediations` also plans and approvals, `mutes` silences and maintenance, `settings` also tokens. They name no thing, so that they are the same for every token.',
  }),
  statuses: z
    .array(
      z.strictObject({
        id: z.string(),
        status: z.enum(checkStatuses),
        lastChecked: isoInstant.nullable(),
        responseTime: z.number().nullable().meta({ description: 'Milliseconds.' }),
        reason: z.string().nullable(),
        statusSince: isoInstant.nullable(),
      }),
    )
    .meta({
      description:
        'How the checks within reach stand that were looked at since, or fell silent. At most 5,000: when there are more, there is none, and `checks` is among the topics.',
    }),
  pollAfterSeconds: z.number().meta({ description: 'Ask again after so long; later while nobody looks.' }),
});

export const readChangesRoute = defineRoute({
  id: 'readChanges',
  function: 'api',
  method: 'GET',
  path: '/api/v1/monitoring/changes',
  scope: 'read',
  summary: 'What changed since the last time',
  description:
    'For whoever keeps a view up to date: without a cursor it gives one, and no changes. With one that is older than ten minutes, or not known, everything counts as changed. What it tells is a hint: it may come a few seconds late, and what it loses is seen when all is read again, which should be each minute.',
  query: z.strictObject({
    cursor: z.string().max(4000).optional().meta({ description: '`cursor` of the time before.' }),
  }),
  success: { status: 200, schema: changesSchema },
  async run({ query, caller }, world) {
    const { statuses, ...changes } = await readChanges(world, world.clock(), {
      reach: caller.deployments,
      cursor: query.cursor,
    });
    return {
      body: {
        ...changes,
        statuses: statuses.map(({ id, standing }) => ({
          id,
          status: standing.status,
          lastChecked: isoOrNull(standing.lastCheckedAt),
          responseTime: standing.responseTimeMs,
          reason: standing.reason,
          statusSince: isoOrNull(standing.since),
        })),
      },
    };
  },
});

export const changeRoutes = [readChangesRoute];

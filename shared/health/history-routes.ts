import * as z from 'zod';
import { isoInstant } from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { checkStatuses } from '../platform/events.ts';
import { checkIdSchema } from './model.ts';
import { requireCheck } from './registry.ts';
import { checksPath, withId } from './route-parts.ts';
import { bucketSeconds, mostStrips, readCheckStrips, stripHours } from './strips.ts';
import { uptimePeriods } from './uptime-periods.ts';

const percent = z.number().min(0).max(100).nullable();
const milliseconds = z.number().nonnegative().nullable();
const seconds = z.number().nonnegative();

const ids = z
  .string()
  .transform((text) => [...new Set(text.split(','))])
  .pipe(
    z.array(checkIdSchema).min(1, 'Give at least one id.').max(mostStrips, `Give at most ${mostStrips} ids.`),
  )
  .meta({ description: `Ids of checks, separated by commas, at most ${mostStrips}.` });

const stripsSchema = z.strictObject({
  from: isoInstant,
  to: isoInstant,
  bucketSeconds: z.int(),
  items: z.array(
    z.strictObject({
      id: z.string(),
      statuses: z
        .array(z.enum([...checkStatuses, 'maintenance']).nullable())
        .length(stripHours)
        .meta({
          description:
            'The worst of each hour, oldest first, the running one last. Null: nothing was looked at.',
        }),
      uptimePercents: z.array(percent).length(stripHours),
    }),
  ),
});

export const readCheckStripsRoute = defineRoute({
  id: 'readCheckStrips',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/strips`,
  scope: 'read',
  summary: 'The last 24 hours of some checks',
  description:
    'Hour by hour. The running hour may be told up to a minute late. Checks that are not there, or out of reach, are left out.',
  query: z.strictObject({ ids }),
  success: { status: 200, schema: stripsSchema },
  async run({ query, caller }, world) {
    const { from, to, strips } = await readCheckStrips(world, world.clock(), {
      ids: query.ids,
      reach: caller.deployments,
    });
    return { body: { from: toIso(from), to: toIso(to), bucketSeconds, items: strips } };
  },
});

const historySchema = z.strictObject({
  period: z.enum(uptimePeriods),
  from: isoInstant.meta({ description: 'A full hour or a full day UTC.' }),
  to: isoInstant,
  bucketSeconds: z.int().meta({ description: 'Hours up to 7d, days (UTC) beyond.' }),
  points: z.array(
    z.strictObject({
      at: isoInstant.meta({ description: 'When the hour or day begins.' }),
      uptimePercent: percent.meta({
        description: 'Healthy and degraded of the time that is known, outside maintenance.',
      }),
      downtimeSeconds: seconds,
      maintenanceSeconds: seconds,
      knownSeconds: seconds.meta({
        description: 'Time of which a look told, maintenance left out; a gap and `unknown` are not known.',
      }),
      p50: milliseconds,
      p95: milliseconds,
      p99: milliseconds.meta({ description: 'Milliseconds of the looks that were answered, within 1 %.' }),
    }),
  ),
});

export const readHistoryRoute = defineRoute({
  id: 'readHistory',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/{id}/history`,
  scope: 'read',
  summary: 'How a check was, hour by hour or day by day',
  description:
    'Oldest first, the running hour or day included; none from before the check was made. What draws a chart.',
  params: withId,
  query: z.strictObject({ period: z.enum(uptimePeriods).default('24h') }),
  success: { status: 200, schema: historySchema },
  errors: ['NOT_FOUND'],
  async run({ params, query, caller }, world) {
    const { record } = await requireCheck(world.state, params.id, caller.deployments);
    // Sketches are loaded when a history is first asked for: no other route needs them.
    const { readPoints } = await import('./history.ts');
    const { period } = query;
    const { from, to, bucketMs, points } = await readPoints(world.telemetry, record, world.clock(), period);
    return {
      body: {
        period,
        from: toIso(from),
        to: toIso(to),
        bucketSeconds: bucketMs / 1000,
        points: points.map((point) => ({ ...point, at: toIso(point.at) })),
      },
    };
  },
});

export const historyRoutes = [readCheckStripsRoute, readHistoryRoute];

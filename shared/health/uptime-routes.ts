import * as z from 'zod';
import { isoInstant, line } from '../platform/api/fields.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { type Badge, badgeMetrics, drawBadge, latencyBadge, statusBadge, uptimeBadge } from './badge.ts';
import type { CheckRecord } from './check.ts';
import { checkIdSchema } from './model.ts';
import { noCheck, requireCheck } from './registry.ts';
import { readStandings } from './standings.ts';
import { type UptimePeriod, uptimePeriods } from './uptime-periods.ts';

const checksPath = '/api/v1/monitoring/health-checks';
const withId = z.strictObject({ id: checkIdSchema });

const percent = z.number().min(0).max(100);
const milliseconds = z.number().nonnegative();

const uptimeSchema = z.strictObject({
  period: z.enum(uptimePeriods),
  from: isoInstant.meta({
    description: 'A full hour (24h) or a full day UTC; never before the check was made.',
  }),
  to: isoInstant,
  uptimePercent: percent.nullable().meta({
    description:
      'Healthy and degraded of all time that is known, outside maintenance. Null: nothing is known.',
  }),
  coveragePercent: percent.nullable().meta({
    description:
      'How much of the time in which a look was due is known, maintenance left out. A gap, a pause and `unknown` are not known.',
  }),
  downtimeSeconds: z.number().nonnegative(),
  maintenanceSeconds: z.number().nonnegative(),
  responseTimeMs: z
    .strictObject({ average: milliseconds, p50: milliseconds, p95: milliseconds, p99: milliseconds })
    .nullable()
    .meta({ description: 'Of all looks that were answered; percentiles are within 1 %.' }),
});

/** Sketches are loaded when uptime is first asked for: no other route needs them. */
const uptimesOf = async (world: ApiWorld, check: CheckRecord, periods?: readonly UptimePeriod[]) =>
  (await import('./uptime-history.ts')).readUptime(world.telemetry, check, world.clock(), periods);

export const readUptimeRoute = defineRoute({
  id: 'readUptime',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/{id}/uptime`,
  scope: 'read',
  summary: 'Read the uptime of a check',
  description:
    'Over 24 hours, 7, 30, 90 and 365 days, the running hour included. A gap is not uptime: it shows as less coverage.',
  params: withId,
  success: {
    status: 200,
    schema: z.strictObject({ checkId: checkIdSchema, periods: z.array(uptimeSchema) }),
  },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    const { record } = await requireCheck(world.state, params.id, caller.deployments);
    const periods = (await uptimesOf(world, record)).map((one) => ({
      ...one,
      from: toIso(one.from),
      to: toIso(one.to),
    }));
    return { body: { checkId: record.id, periods } };
  },
});

const badgeQuery = z.strictObject({
  metric: z.enum(badgeMetrics).default('status'),
  period: z.enum(uptimePeriods).default('24h').meta({ description: 'Of `uptime` and `latency`.' }),
  label: line(60).optional().meta({ description: 'The left half, in place of the name of the check.' }),
});

const badgeOf = async (
  world: ApiWorld,
  record: CheckRecord,
  { metric, period, label }: z.output<typeof badgeQuery>,
): Promise<Badge> => {
  const { name } = record.definition;
  if (metric === 'status') {
    const standings = await readStandings(world.telemetry, [record], world.clock());
    return statusBadge(label ?? name, standings.get(record.id)?.status ?? 'unknown');
  }
  const [uptime] = await uptimesOf(world, record, [period]);
  const draw = metric === 'uptime' ? uptimeBadge : latencyBadge;
  const what = metric === 'uptime' ? 'uptime' : 'response time';
  return draw(label ?? `${name} ${what} ${period}`, uptime ?? { uptimePercent: null, responseTimeMs: null });
};

export const readBadgeRoute = defineRoute({
  id: 'readBadge',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/{id}/badge.svg`,
  scope: 'public',
  summary: 'A badge of a public check',
  description:
    'An SVG image, without a token, of a check that says `isPublic`. What is not public looks as if it were not there.',
  params: withId,
  query: badgeQuery,
  success: { status: 200, contentType: 'image/svg+xml' },
  errors: ['NOT_FOUND'],
  async run({ params, query }, world) {
    const { record } = await requireCheck(world.state, params.id, '*');
    if (!record.definition.isPublic) throw noCheck();
    return { body: await drawBadge(await badgeOf(world, record, query)), cacheControl: 'public, max-age=60' };
  },
});

export const uptimeRoutes = [readUptimeRoute, readBadgeRoute];

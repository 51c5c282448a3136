import * as z from 'zod';
import { reachWithin } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, instant, owners, paging, positionFrom } from '../platform/api/fields.ts';
import { cursorAfter, periodFrom } from '../platform/api/period.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { checkStatuses } from '../platform/events.ts';
import { checkPageSchema, checkViewSchema, overviewSchema, resultPageSchema } from './answers.ts';
import { listChecks } from './list.ts';
import { checkIdSchema, checkTypeSchema } from './model.ts';
import { readOverview } from './overview.ts';
import { requireCheck } from './registry.ts';
import { readResults } from './results.ts';
import { checksPath, oneCheck, withId } from './route-parts.ts';
import { viewOfCheck, viewOfResult } from './view.ts';

const filters = z.strictObject({
  deploymentId: deploymentIdField.optional(),
  type: checkTypeSchema.optional(),
  status: z.enum(checkStatuses).optional(),
  managedBy: owners.optional(),
  tag: z.string().max(300).optional().meta({ description: '`name:value`, or `name` for any value.' }),
  ...paging(200, 50),
});

export const listChecksRoute = defineRoute({
  id: 'listChecks',
  function: 'api',
  method: 'GET',
  path: checksPath,
  scope: 'read',
  summary: 'List checks with their status',
  description: 'The checks the token reaches, always in the same order.',
  query: filters,
  success: { status: 200, schema: checkPageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { deploymentId, limit, cursor, ...filter } = query;
    const after = positionFrom(cursor, (position) => checkIdSchema.safeParse(position).success);
    const reach = reachWithin(caller.deployments, deploymentId);
    const { checks, next } = await listChecks(world, world.clock(), { reach, filter, limit, after });
    return {
      body: {
        items: checks.map(({ record, standing }) => viewOfCheck(record, standing)),
        next: next === undefined ? null : encodeCursor(next),
      },
    };
  },
});

export const readCheckRoute = defineRoute({
  id: 'readCheck',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/{id}`,
  scope: 'read',
  summary: 'Read a check with its status',
  description: 'The ETag is the revision of the definition; the status changes without it.',
  params: withId,
  success: { status: 200, schema: checkViewSchema },
  etag: true,
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    return oneCheck(world, (await requireCheck(world.state, params.id, caller.deployments)).record);
  },
});

export const listResultsRoute = defineRoute({
  id: 'listResults',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/{id}/results`,
  scope: 'read',
  summary: 'Read what a check saw',
  description: 'Newest first. Single results are kept for three days.',
  params: withId,
  query: z.strictObject({ from: instant.optional(), to: instant.optional(), ...paging(500, 100) }),
  success: { status: 200, schema: resultPageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ params, query, caller }, world) {
    const { record } = await requireCheck(world.state, params.id, caller.deployments);
    const period = periodFrom(query, world.clock());
    const { results, next } = await readResults(world.telemetry, record, { ...period, limit: query.limit });
    return {
      body: {
        items: results.map(viewOfResult),
        next: next === undefined ? null : cursorAfter(period, next),
      },
    };
  },
});

export const overviewRoute = defineRoute({
  id: 'readOverview',
  function: 'api',
  method: 'GET',
  path: '/api/v1/monitoring/overview',
  scope: 'read',
  summary: 'How everything is',
  description: 'Numbers of checks by status, and up to a hundred that are unhealthy.',
  success: { status: 200, schema: overviewSchema },
  async run({ caller }, world) {
    const reach = caller.deployments === '*' ? 'all' : caller.deployments;
    const { checks, unhealthy } = await readOverview(world.telemetry, world.clock(), reach);
    return {
      body: {
        checks,
        unhealthy: unhealthy.map((check) => ({
          ...check,
          since: check.since === null ? null : toIso(check.since),
        })),
      },
    };
  },
});

export const readingRoutes = [listChecksRoute, readCheckRoute, listResultsRoute, overviewRoute];

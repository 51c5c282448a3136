import * as z from 'zod';
import { type Caller, requireReach } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, instant, owners, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import { checkStatuses } from '../platform/events.ts';
import type { CheckRecord } from './check.ts';
import { createCheck, removeCheck, replaceCheck } from './define.ts';
import { checkSettingsFrom, resolveDefinition } from './definition.ts';
import { listChecks } from './list.ts';
import {
  checkDefinitionSchema,
  checkIdSchema,
  checkPageSchema,
  checkReplacementSchema,
  checkTypeSchema,
  checkViewSchema,
  overviewSchema,
  resultPageSchema,
} from './model.ts';
import { readOverview } from './overview.ts';
import { cursorAfter, periodFrom } from './period.ts';
import { requireCheck } from './registry.ts';
import { readResults } from './results.ts';
import { keepSecrets } from './secrets.ts';
import { readStandings } from './standings.ts';
import { viewOfCheck, viewOfResult } from './view.ts';

const checksPath = '/api/v1/monitoring/health-checks';
const withId = z.strictObject({ id: checkIdSchema });

const view = async (world: ApiWorld, record: CheckRecord) =>
  viewOfCheck(record, (await readStandings(world.telemetry, [record], world.clock())).get(record.id));

const oneCheck = async (world: ApiWorld, record: CheckRecord) => ({
  body: await view(world, record),
  revision: record.revision,
});

export const createCheckRoute = defineRoute({
  id: 'createCheck',
  function: 'api',
  method: 'POST',
  path: checksPath,
  scope: 'write',
  summary: 'Make a check',
  description:
    'The check is looked at within seconds. Its name is unique in its deployment; with an Idempotency-Key a repeated request answers with the check that the first one made.',
  body: checkDefinitionSchema,
  success: { status: 201, schema: checkViewSchema },
  idempotent: true,
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT', 'HEALTH_CHECK_ERROR'],
  async run({ body, caller, idempotency }, world) {
    const definition = keepSecrets(
      resolveDefinition(body, checkSettingsFrom(world.setting, world.insideLambda)),
      undefined,
    );
    const made = await createCheck(world, definition, { reach: caller.deployments, request: idempotency });
    await publishAfterWrite(world, [made.pending]);
    return { ...(await oneCheck(world, made.record)), location: `${checksPath}/${made.record.id}` };
  },
});

const filters = z.strictObject({
  deploymentId: deploymentIdField.optional(),
  type: checkTypeSchema.optional(),
  status: z.enum(checkStatuses).optional(),
  managedBy: owners.optional(),
  tag: z.string().max(300).optional().meta({ description: '`name:value`, or `name` for any value.' }),
  ...paging(200, 50),
});

const reachOf = (caller: Caller, deploymentId: string | undefined) => {
  if (deploymentId === undefined) return caller.deployments;
  requireReach(caller.deployments, deploymentId);
  return [deploymentId];
};

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
    const reach = reachOf(caller, deploymentId);
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

export const replaceCheckRoute = defineRoute({
  id: 'replaceCheck',
  function: 'api',
  method: 'PUT',
  path: `${checksPath}/{id}`,
  scope: 'write',
  summary: 'Replace a check',
  description:
    'The whole definition anew: what is left out gets its default. Name and deployment stay; the status goes on, its counters start anew.',
  params: withId,
  body: checkReplacementSchema,
  success: { status: 200, schema: checkViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT', 'HEALTH_CHECK_ERROR'],
  async run({ params, body, caller, expects }, world) {
    const settings = checkSettingsFrom(world.setting, world.insideLambda);
    const define = ({ definition: current }: CheckRecord) => {
      const { name, deploymentId } = current;
      requireSame('name', body.name, name);
      requireSame('deploymentId', body.deploymentId, deploymentId);
      return keepSecrets(resolveDefinition({ ...body, name, deploymentId }, settings), current);
    };
    const replaced = await replaceCheck(world, params.id, define, { reach: caller.deployments, expects });
    await publishAfterWrite(world, [replaced.pending]);
    return oneCheck(world, replaced.record);
  },
});

const requireSame = (path: string, given: string | undefined, own: string): void => {
  if (given === undefined || given === own) return;
  throw new DomainError('VALIDATION_ERROR', 'Name and deployment identify a check and cannot be changed.', [
    { path, message: `Leave it out or say "${own}"; to rename a check, make a new one and remove this.` },
  ]);
};

export const removeCheckRoute = defineRoute({
  id: 'removeCheck',
  function: 'api',
  method: 'DELETE',
  path: `${checksPath}/{id}`,
  scope: 'write',
  summary: 'Remove a check',
  description:
    'It is not looked at any more. A new check of the same name goes on with its revision for 31 days.',
  params: withId,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, expects }, world) {
    const removed = await removeCheck(world, params.id, { reach: caller.deployments, expects });
    await publishAfterWrite(world, [removed.pending]);
    return {};
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

export const healthRoutes = [
  createCheckRoute,
  listChecksRoute,
  readCheckRoute,
  replaceCheckRoute,
  removeCheckRoute,
  listResultsRoute,
  overviewRoute,
];

import * as z from 'zod';
import { reachWithin } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, instant, paging, positionFrom } from '../platform/api/fields.ts';
import { type ApiRoute, defineRoute } from '../platform/api/route.ts';
import { approve, reject } from './approve.ts';
import { cancel } from './cancel.ts';
import { isListCursor, listRemediations } from './list.ts';
import { isLogCursor, readLog } from './log.ts';
import { decisionSchema, logPageSchema, remediationPageSchema, remediationViewSchema } from './model.ts';
import { remediationStatuses } from './remediation.ts';
import {
  plansPath,
  remediationsPath,
  remedyWorldOf,
  requireRemediation,
  withPlanHash,
  withRemediationId,
} from './route-parts.ts';
import { viewOfEntry, viewOfRemediation, viewOfSummary } from './views.ts';
import { deciderOf } from './wish.ts';

export const listRemediationsRoute = defineRoute({
  id: 'listRemediations',
  function: 'api',
  method: 'GET',
  path: remediationsPath,
  scope: 'read',
  summary: 'List remediations',
  description: 'Newest first, the last 90 days unless told otherwise. They are kept for 400 days.',
  query: z.strictObject({
    deploymentId: deploymentIdField.optional(),
    status: z
      .enum([...remediationStatuses, 'active'])
      .optional()
      .meta({ description: '`active`: waiting, approved or running.' }),
    from: instant.optional().meta({ description: 'Those that began then or later.' }),
    to: instant.optional().meta({ description: 'Those that began before.' }),
    ...paging(200, 50),
  }),
  success: { status: 200, schema: remediationPageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { cursor, deploymentId, ...filter } = query;
    const reach = reachWithin(caller.deployments, deploymentId);
    const wanted = { ...filter, deploymentId, reach, cursor: positionFrom(cursor, isListCursor) };
    const { remediations, next } = await listRemediations(world.state, wanted, world.clock());
    const items = remediations.map(viewOfSummary);
    return { body: { items, next: next === undefined ? null : encodeCursor(next) } };
  },
});

const one = {
  function: 'api',
  scope: 'read',
  method: 'GET',
  success: { status: 200, schema: remediationViewSchema },
  errors: ['NOT_FOUND'],
} as const;

export const readRemediationRoute = defineRoute({
  ...one,
  id: 'readRemediation',
  path: `${remediationsPath}/{id}`,
  summary: 'Read a remediation',
  description: 'How it stands and why, with its whole plan.',
  params: withRemediationId,
  async run({ params, caller }, world) {
    return {
      body: viewOfRemediation(await requireRemediation(world.state, params.id, caller.deployments)),
    };
  },
});

export const readPlanRoute = defineRoute({
  ...one,
  id: 'readPlan',
  path: `${plansPath}/{hash}`,
  summary: 'Read a plan',
  description: 'What would be changed, from what to what, how it is undone, and who approved it so far.',
  params: withPlanHash,
  async run({ params, caller }, world) {
    return {
      body: viewOfRemediation(await requireRemediation(world.state, params.hash, caller.deployments)),
    };
  },
});

export const readLogRoute = defineRoute({
  id: 'readRemediationLog',
  function: 'api',
  method: 'GET',
  path: `${remediationsPath}/{id}/log`,
  scope: 'read',
  summary: 'Read the record of a remediation',
  description:
    'Who, why, each call that was made, before, after, verdict; oldest first. Nothing in it is ever changed.',
  params: withRemediationId,
  query: z.strictObject(paging(200, 100)),
  success: { status: 200, schema: logPageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ params, query, caller }, world) {
    await requireRemediation(world.state, params.id, caller.deployments);
    const cursor = positionFrom(query.cursor, isLogCursor);
    const { entries, next } = await readLog(world.state, params.id, { limit: query.limit, cursor });
    return {
      body: { items: entries.map(viewOfEntry), next: next === undefined ? null : encodeCursor(next) },
    };
  },
});

const deciding = {
  function: 'api',
  method: 'POST',
  scope: 'operate',
  body: decisionSchema,
  optionalBody: true,
  success: { status: 200, schema: remediationViewSchema },
  errors: ['NOT_FOUND', 'CONFLICT'],
} as const;

const onPlan = (
  name: 'approve' | 'reject',
  said: Pick<ApiRoute, 'summary' | 'description'>,
  decide: typeof approve,
): ApiRoute =>
  defineRoute({
    ...deciding,
    ...said,
    id: `${name}Plan`,
    path: `${plansPath}/{hash}/${name}`,
    params: withPlanHash,
    async run({ params, body, caller }, world) {
      await requireRemediation(world.state, params.hash, caller.deployments);
      const decider = await deciderOf(world.state, caller);
      const given = { ...decider, ...body, reach: caller.deployments };
      return { body: viewOfRemediation(await decide(remedyWorldOf(world), params.hash, given)) };
    },
  });

export const approvePlanRoute = onPlan(
  'approve',
  {
    summary: 'Approve a plan',
    description:
      'The very plan of this hash and no other. A second approval of the same person changes nothing; where the policy wants several people, it goes on with the last of them. After its time it counts as rejected (409).',
  },
  approve,
);

export const rejectPlanRoute = onPlan(
  'reject',
  { summary: 'Reject a plan', description: 'It ends, whoever approved it before. Twice changes nothing.' },
  reject,
);

export const cancelRoute = defineRoute({
  ...deciding,
  id: 'cancelRemediation',
  path: `${remediationsPath}/{id}/cancel`,
  summary: 'Cancel a remediation',
  description:
    'Ends it before it changes anything. Once a change was begun it cannot be called back (409): undo it when it is over.',
  params: withRemediationId,
  async run({ params, body, caller }, world) {
    await requireRemediation(world.state, params.id, caller.deployments);
    const given = { by: caller.principal, reach: caller.deployments, ...body };
    return { body: viewOfRemediation(await cancel(remedyWorldOf(world), params.id, given)) };
  },
});

export const recordRoutes = [
  listRemediationsRoute,
  readRemediationRoute,
  readLogRoute,
  cancelRoute,
  readPlanRoute,
  approvePlanRoute,
  rejectPlanRoute,
];

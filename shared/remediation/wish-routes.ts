import * as z from 'zod';
import { deploymentIdField } from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { askedSchema, askSchema } from './model.ts';
import { propose } from './propose.ts';
import { remediationsPath, remedyWorldOf, requireRemediation, withRemediationId } from './route-parts.ts';
import { startWorkflow } from './start-workflow.ts';
import { planUndo } from './undo.ts';
import { viewOfPlan } from './views.ts';
import { carryOutWish, planIn, type WishAnswer } from './wish.ts';

/** What people ask to be done. */

const answerOf = ({ plan, remediation }: WishAnswer) => ({
  planHash: plan.hash,
  remediationId: remediation?.plan.hash ?? null,
  status: remediation?.status ?? null,
  reason: remediation?.reason ?? 'It is only shown: nothing was kept, and nothing starts.',
  plan: viewOfPlan(plan),
});

const replyOf = (answer: WishAnswer) => ({
  status: answer.remediation === undefined ? 200 : 202,
  body: answerOf(answer),
  ...(answer.remediation && { location: `${remediationsPath}/${answer.plan.hash}` }),
});

export const remediateRoute = defineRoute({
  id: 'remediate',
  function: 'api',
  method: 'POST',
  path: '/api/monitoring/remediate/{deploymentId}',
  scope: 'operate',
  summary: 'Have something done',
  description:
    'Plans it and keeps the plan, which then waits for people; with `approve: true` it is approved in the same request, where one person may decide that (403 or 409 where the policy wants others). The stop switch, limits, attempts and leases hold it all the same; windows, exceptions and cooldowns do not, for somebody looked. `dryRun: true` shows the plan (200) and keeps nothing. With an Idempotency-Key a repeated request gives the very same plan.',
  params: z.strictObject({ deploymentId: deploymentIdField }),
  body: askSchema,
  success: { status: 202, repeated: 200, schema: askedSchema },
  idempotent: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, body, caller, idempotency }, world) {
    const asked = { ...params, ...body } as Parameters<typeof carryOutWish>[1];
    return replyOf(await carryOutWish(remedyWorldOf(world), asked, { caller, request: idempotency }));
  },
});

const undoSchema = z.strictObject({
  dryRun: z.boolean().default(false).meta({ description: 'Show the plan; nothing is kept.' }),
});

export const undoRoute = defineRoute({
  id: 'undoRemediation',
  function: 'api',
  method: 'POST',
  path: `${remediationsPath}/{id}/undo`,
  scope: 'operate',
  summary: 'Plan the undo of a remediation',
  description:
    'Makes a plan of its undo actions, newest first, over what is there now. It is a plan like any other and waits for people: approve it at /api/v1/monitoring/plans/{hash}/approve. With an Idempotency-Key a repeated request gives the same plan while the world stays as it is.',
  params: withRemediationId,
  body: undoSchema,
  optionalBody: true,
  success: { status: 202, repeated: 200, schema: askedSchema },
  idempotent: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, body, caller, idempotency }, world) {
    await requireRemediation(world.state, params.id, caller.deployments);
    const given = remedyWorldOf(world);
    const occurrence = idempotency?.id ?? world.newId();
    const wish = { by: caller.principal, occurrence, reach: caller.deployments };
    const plan = planIn(await planUndo(given, params.id, wish));
    if (body.dryRun) return replyOf({ plan });
    return replyOf({ plan, remediation: await startWorkflow(given, await propose(given, plan)) });
  },
});

export const wishRoutes = [remediateRoute, undoRoute];

import * as z from 'zod';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiRequest, type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import { checkViewSchema, runSchema, runStateSchema } from './answers.ts';
import { pauseCheck } from './define.ts';
import { checkIdSchema } from './model.ts';
import { requireCheck } from './registry.ts';
import { checksPath, oneCheck, withId } from './route-parts.ts';
import { type AskedRun, askForRun, readRun, readRunState } from './run-now.ts';
import { viewOfResult } from './view.ts';

const pausing =
  (change: 'pause' | 'resume') =>
  async ({ params, caller }: ApiRequest<{ id: string }>, world: ApiWorld) => {
    const paused = await pauseCheck(world, params.id, change, {
      reach: caller.deployments,
      by: caller.principal,
    });
    await publishAfterWrite(world, [paused.pending]);
    return oneCheck(world, paused.record);
  };

const pausingFacts = {
  function: 'api',
  method: 'POST',
  scope: 'operate',
  params: withId,
  success: { status: 200, schema: checkViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
} as const;

export const pauseCheckRoute = defineRoute({
  ...pausingFacts,
  id: 'pauseCheck',
  path: `${checksPath}/{id}/pause`,
  summary: 'Pause a check',
  description:
    'It is not looked at, and unknown, until it is resumed. Also for checks that a file manages: applying the file does not resume it. Pausing twice changes nothing.',
  run: pausing('pause'),
});

export const resumeCheckRoute = defineRoute({
  ...pausingFacts,
  id: 'resumeCheck',
  path: `${checksPath}/{id}/resume`,
  summary: 'Resume a paused check',
  description:
    'It is looked at again within its interval; its counters begin anew. Resuming twice changes nothing.',
  run: pausing('resume'),
});

const runBody = ({ runId, checkId, at }: AskedRun) => ({ runId, checkId, at: toIso(at) });
const runPath = ({ runId, checkId }: AskedRun) => `${checksPath}/${checkId}/runs/${runId}`;

export const runCheckRoute = defineRoute({
  id: 'runCheck',
  function: 'api',
  method: 'POST',
  path: `${checksPath}/{id}/run`,
  scope: 'operate',
  summary: 'Run a check once, now',
  description:
    'Beside its schedule. The result counts like any other and is at `resultUrl` within seconds. With an Idempotency-Key a repeated request gives the same run.',
  params: withId,
  success: { status: 202, schema: runSchema },
  idempotent: true,
  errors: ['NOT_FOUND', 'CONFLICT', 'HEALTH_CHECK_ERROR'],
  async run({ params, caller, idempotency }, world) {
    const { record } = await requireCheck(world.state, params.id, caller.deployments);
    const run = await askForRun(world, record, idempotency?.id);
    return { body: { ...runBody(run), resultUrl: runPath(run) }, location: runPath(run) };
  },
});

export const readRunRoute = defineRoute({
  id: 'readRun',
  function: 'api',
  method: 'GET',
  path: `${checksPath}/{id}/runs/{runId}`,
  scope: 'read',
  summary: 'Read a run that was asked for',
  description: '`waiting` until its result is there; kept for three days.',
  params: z.strictObject({
    id: checkIdSchema,
    runId: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .meta({ description: 'The id of a run.' }),
  }),
  success: { status: 200, schema: runStateSchema },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    const { record } = await requireCheck(world.state, params.id, caller.deployments);
    const run = await readRun(world, record.id, params.runId);
    if (!run) {
      throw new DomainError(
        'NOT_FOUND',
        'There is no such run of this check, or it was more than three days ago. Ask for one with POST …/run.',
      );
    }
    const { state, result } = await readRunState(world, run, world.clock());
    return { body: { ...runBody(run), state, result: result && viewOfResult(result) } };
  },
});

export const operatingRoutes = [pauseCheckRoute, resumeCheckRoute, runCheckRoute, readRunRoute];

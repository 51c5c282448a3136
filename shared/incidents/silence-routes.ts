import { defineRoute } from '../platform/api/route.ts';
import { createSilence, expireSilence, replaceSilence, requireMute } from './define-silence.ts';
import { muteQuerySchema, silencePageSchema, silenceSchema, silenceViewSchema } from './mute-model.ts';
import { oneMute, pageOfMutes, settle, whoMay, withMuteId } from './mute-route-parts.ts';

const silencesPath = '/api/v1/monitoring/silences';

export const createSilenceRoute = defineRoute({
  id: 'createSilence',
  function: 'api',
  method: 'POST',
  path: silencesPath,
  scope: 'operate',
  summary: 'Silence alerts',
  description: `What matches is recorded and not told until the silence ends; what fires then is told at once. ${whoMay}`,
  body: silenceSchema,
  success: { status: 201, schema: silenceViewSchema },
  idempotent: true,
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ body, caller, idempotency }, world) {
    const { duration: durationSeconds, ...input } = body;
    const asked = { reach: caller.deployments, by: caller.principal, request: idempotency };
    const made = await createSilence(world, { ...input, durationSeconds }, asked);
    await settle(world, made);
    return { ...(await oneMute(world, made.mute)), location: `${silencesPath}/${made.mute.id}` };
  },
});

export const listSilencesRoute = defineRoute({
  id: 'listSilences',
  function: 'api',
  method: 'GET',
  path: silencesPath,
  scope: 'read',
  summary: 'List silences',
  description: 'Those that the token reaches, newest first. What has ended is kept for 30 days.',
  query: muteQuerySchema,
  success: { status: 200, schema: silencePageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  run: ({ query, caller }, world) => pageOfMutes(world, 'silence', { query, reach: caller.deployments }),
});

export const readSilenceRoute = defineRoute({
  id: 'readSilence',
  function: 'api',
  method: 'GET',
  path: `${silencesPath}/{id}`,
  scope: 'read',
  summary: 'Read a silence',
  description: 'Who silenced what, until when and why.',
  params: withMuteId,
  success: { status: 200, schema: silenceViewSchema },
  etag: true,
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    const wanted = { id: params.id, kind: 'silence', reach: caller.deployments } as const;
    return oneMute(world, (await requireMute(world.state, wanted)).mute);
  },
});

export const replaceSilenceRoute = defineRoute({
  id: 'replaceSilence',
  function: 'api',
  method: 'PUT',
  path: `${silencesPath}/{id}`,
  scope: 'operate',
  summary: 'Extend or shorten a silence',
  description: `The whole silence anew; its author stays, and its start where none is given. One that has ended stays so. ${whoMay}`,
  params: withMuteId,
  body: silenceSchema,
  success: { status: 200, schema: silenceViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, body, caller, expects }, world) {
    const { duration: durationSeconds, ...input } = body;
    const asked = { reach: caller.deployments, by: caller.principal, expects };
    const replaced = await replaceSilence(world, params.id, { ...input, durationSeconds }, asked);
    await settle(world, replaced);
    return oneMute(world, replaced.mute);
  },
});

export const expireSilenceRoute = defineRoute({
  id: 'expireSilence',
  function: 'api',
  method: 'DELETE',
  path: `${silencesPath}/{id}`,
  scope: 'operate',
  summary: 'End a silence now',
  description: 'What still fires is told at once. The silence stays to be seen for 30 days.',
  params: withMuteId,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, expects }, world) {
    const asked = { reach: caller.deployments, by: caller.principal, expects };
    await settle(world, await expireSilence(world, params.id, asked));
    return {};
  },
});

export const silenceRoutes = [
  createSilenceRoute,
  listSilencesRoute,
  readSilenceRoute,
  replaceSilenceRoute,
  expireSilenceRoute,
];

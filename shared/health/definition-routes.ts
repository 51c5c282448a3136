import { publishAfterWrite } from '../platform/api/publish.ts';
import { defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { checkViewSchema } from './answers.ts';
import type { CheckRecord } from './check.ts';
import { createCheck, removeCheck, replaceCheck } from './define.ts';
import { resolveDefinition } from './definition.ts';
import { checkDefinitionSchema, checkReplacementSchema } from './model.ts';
import { checksPath, oneCheck, settingsOf, withId } from './route-parts.ts';
import { keepSecrets } from './secrets.ts';

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
    const definition = keepSecrets(resolveDefinition(body, settingsOf(world)), undefined);
    const made = await createCheck(world, definition, {
      reach: caller.deployments,
      by: caller.principal,
      request: idempotency,
    });
    await publishAfterWrite(world, [made.pending]);
    return { ...(await oneCheck(world, made.record)), location: `${checksPath}/${made.record.id}` };
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
    const settings = settingsOf(world);
    const define = ({ definition: current }: CheckRecord) => {
      const { name, deploymentId } = current;
      requireSame('name', body.name, name);
      requireSame('deploymentId', body.deploymentId, deploymentId);
      return keepSecrets(resolveDefinition({ ...body, name, deploymentId }, settings), current);
    };
    const replaced = await replaceCheck(world, params.id, define, {
      reach: caller.deployments,
      by: caller.principal,
      expects,
    });
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
    const removed = await removeCheck(world, params.id, {
      reach: caller.deployments,
      by: caller.principal,
      expects,
    });
    await publishAfterWrite(world, [removed.pending]);
    return {};
  },
});

export const definitionRoutes = [createCheckRoute, replaceCheckRoute, removeCheckRoute];

import * as z from 'zod';
import { createNamed, loadAllNamed, removeNamed, replaceNamed, requireNamed } from '../catalog/index.ts';
import { reaches, requireReach } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { scalerKind, scalersPath } from './kind.ts';
import {
  resolveScaler,
  scalerDefinitionSchema,
  scalerIdSchema,
  scalerReplacementSchema,
  scalerViewSchema,
} from './model.ts';
import { permitFor } from './permit.ts';
import type { ScalerRecord } from './scaler.ts';
import { requireSoundScaler } from './sound-scaler.ts';
import { trialRoutes } from './trial-routes.ts';
import { viewScaler } from './written-scaler.ts';

const withId = z.strictObject({ id: scalerIdSchema });

const one = (record: ScalerRecord) => ({ body: viewScaler(record), revision: record.revision });

export const scalingRoutes = [
  defineRoute({
    id: 'createScalingRule',
    function: 'api',
    method: 'POST',
    path: scalersPath,
    scope: 'write',
    summary: 'Make a scaling rule',
    description:
      'Judged each minute: target tracking or steps over a series become a desired count. Its name is unique in the deployment.',
    body: scalerDefinitionSchema,
    success: { status: 201, schema: scalerViewSchema },
    idempotent: true,
    etag: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ body, caller, idempotency }, world) {
      requireReach(caller.deployments, body.deploymentId);
      const definition = resolveScaler(body);
      await requireSoundScaler(world, definition);
      const made = await createNamed(world, scalerKind, definition, {
        by: caller.principal,
        request: idempotency,
      });
      await publishAfterWrite(world, [made.pending]);
      return { ...one(made.record), location: `${scalersPath}/${made.record.id}` };
    },
  }),
  defineRoute({
    id: 'listScalingRules',
    function: 'api',
    method: 'GET',
    path: scalersPath,
    scope: 'read',
    summary: 'List scaling rules',
    description: 'By id; those of deployments within reach.',
    query: z.strictObject({ ...paging(200, 100), deploymentId: deploymentIdField.optional() }),
    success: { status: 200, schema: pageOf(scalerViewSchema) },
    paged: true,
    async run({ query, caller }, world) {
      if (query.deploymentId !== undefined) requireReach(caller.deployments, query.deploymentId);
      const after = positionFrom(query.cursor, (position) => /^[0-9a-f]{24}$/.test(position));
      const found = (await loadAllNamed(world.state, scalerKind)).filter(
        ({ id, definition: { deploymentId } }) =>
          reaches(caller.deployments, deploymentId) &&
          (query.deploymentId === undefined || deploymentId === query.deploymentId) &&
          (after === undefined || id > after),
      );
      const page = found.slice(0, query.limit);
      const last = found.length > page.length ? page.at(-1)?.id : undefined;
      return { body: { items: page.map(viewScaler), next: last === undefined ? null : encodeCursor(last) } };
    },
  }),
  defineRoute({
    id: 'readScalingRule',
    function: 'api',
    method: 'GET',
    path: `${scalersPath}/{id}`,
    scope: 'read',
    summary: 'Read a scaling rule',
    description: 'Its definition, defaults filled in.',
    params: withId,
    success: { status: 200, schema: scalerViewSchema },
    etag: true,
    errors: ['NOT_FOUND'],
    async run({ params, caller }, world) {
      return one((await requireNamed(world.state, scalerKind, params.id, permitFor(caller))).record);
    },
  }),
  defineRoute({
    id: 'replaceScalingRule',
    function: 'api',
    method: 'PUT',
    path: `${scalersPath}/{id}`,
    scope: 'write',
    summary: 'Replace a scaling rule',
    description: 'The whole definition anew: what is left out gets its default. Name and deployment stay.',
    params: withId,
    body: scalerReplacementSchema,
    success: { status: 200, schema: scalerViewSchema },
    etag: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ params, body, caller, expects }, world) {
      const { record } = await requireNamed(world.state, scalerKind, params.id, permitFor(caller));
      const { deploymentId, name } = record.definition;
      if ((body.name ?? name) !== name || (body.deploymentId ?? deploymentId) !== deploymentId) {
        throw new DomainError('VALIDATION_ERROR', 'Name and deployment identify a scaling rule.', [
          {
            path: 'name',
            message: 'Leave both out or repeat them; to rename a rule, make a new one and remove this.',
          },
        ]);
      }
      const definition = resolveScaler({ ...body, deploymentId, name });
      await requireSoundScaler(world, definition);
      const permit = permitFor(caller);
      const replaced = await replaceNamed(world, scalerKind, params.id, () => definition, {
        by: caller.principal,
        expects,
        permit,
      });
      await publishAfterWrite(world, [replaced.pending]);
      return one(replaced.record);
    },
  }),
  defineRoute({
    id: 'removeScalingRule',
    function: 'api',
    method: 'DELETE',
    path: `${scalersPath}/{id}`,
    scope: 'write',
    summary: 'Remove a scaling rule',
    description: 'What it scaled stays as it is.',
    params: withId,
    success: { status: 204 },
    etag: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ params, caller, expects }, world) {
      const removed = await removeNamed(world, scalerKind, params.id, {
        by: caller.principal,
        expects,
        permit: permitFor(caller),
      });
      await publishAfterWrite(world, [removed.pending]);
      return {};
    },
  }),
  ...trialRoutes,
];

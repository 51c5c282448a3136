import { defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { createMaintenance, removeMaintenance, replaceMaintenance } from './define-maintenance.ts';
import { requireMute } from './define-silence.ts';
import {
  maintenancePageSchema,
  maintenanceReplacementSchema,
  maintenanceSchema,
  maintenanceViewSchema,
  muteQuerySchema,
} from './mute-model.ts';
import { oneMute, pageOfMutes, settle, whoMay, withMuteId } from './mute-route-parts.ts';
import { resolveMaintenance } from './resolve-maintenance.ts';

const maintenancePath = '/api/v1/monitoring/maintenance';

export const createMaintenanceRoute = defineRoute({
  id: 'createMaintenance',
  function: 'api',
  method: 'POST',
  path: maintenancePath,
  scope: 'write',
  summary: 'Plan a maintenance',
  description: `While one of its windows is open, what matches is recorded and not told. Its name is unique in the stack. ${whoMay}`,
  body: maintenanceSchema,
  success: { status: 201, schema: maintenanceViewSchema },
  idempotent: true,
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ body, caller, idempotency }, world) {
    const definition = await resolveMaintenance(body);
    const asked = { reach: caller.deployments, by: caller.principal, request: idempotency };
    const made = await createMaintenance(world, definition, asked);
    await settle(world, made);
    return { ...(await oneMute(world, made.mute)), location: `${maintenancePath}/${made.mute.id}` };
  },
});

export const listMaintenanceRoute = defineRoute({
  id: 'listMaintenance',
  function: 'api',
  method: 'GET',
  path: maintenancePath,
  scope: 'read',
  summary: 'List planned maintenance',
  description: 'That which the token reaches, newest first.',
  query: muteQuerySchema,
  success: { status: 200, schema: maintenancePageSchema },
  paged: true,
  errors: ['NOT_FOUND'],
  run: ({ query, caller }, world) => pageOfMutes(world, 'maintenance', { query, reach: caller.deployments }),
});

export const readMaintenanceRoute = defineRoute({
  id: 'readMaintenance',
  function: 'api',
  method: 'GET',
  path: `${maintenancePath}/{id}`,
  scope: 'read',
  summary: 'Read a planned maintenance',
  description: 'What it mutes, when and why.',
  params: withMuteId,
  success: { status: 200, schema: maintenanceViewSchema },
  etag: true,
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    const wanted = { id: params.id, kind: 'maintenance', reach: caller.deployments } as const;
    return oneMute(world, (await requireMute(world.state, wanted)).mute);
  },
});

const requireSameName = (given: string | undefined, own: string): void => {
  if (given === undefined || given === own) return;
  throw new DomainError('VALIDATION_ERROR', 'The name identifies a maintenance and cannot be changed.', [
    { path: 'name', message: `Leave it out or say "${own}"; to rename it, make a new one and remove this.` },
  ]);
};

export const replaceMaintenanceRoute = defineRoute({
  id: 'replaceMaintenance',
  function: 'api',
  method: 'PUT',
  path: `${maintenancePath}/{id}`,
  scope: 'write',
  summary: 'Replace a planned maintenance',
  description: `The whole definition anew. The name stays. ${whoMay}`,
  params: withMuteId,
  body: maintenanceReplacementSchema,
  success: { status: 200, schema: maintenanceViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, body, caller, expects }, world) {
    const definition = await resolveMaintenance({ ...body, name: body.name ?? '' });
    const define = (name: string) => {
      requireSameName(body.name, name);
      return { ...definition, name };
    };
    const asked = { reach: caller.deployments, by: caller.principal, expects };
    const replaced = await replaceMaintenance(world, params.id, define, asked);
    await settle(world, replaced);
    return oneMute(world, replaced.mute);
  },
});

export const removeMaintenanceRoute = defineRoute({
  id: 'removeMaintenance',
  function: 'api',
  method: 'DELETE',
  path: `${maintenancePath}/{id}`,
  scope: 'write',
  summary: 'Remove a planned maintenance',
  description: 'What still fires in a window that was open is told at once.',
  params: withMuteId,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, expects }, world) {
    const asked = { reach: caller.deployments, by: caller.principal, expects };
    await settle(world, await removeMaintenance(world, params.id, asked));
    return {};
  },
});

export const maintenanceRoutes = [
  createMaintenanceRoute,
  listMaintenanceRoute,
  readMaintenanceRoute,
  replaceMaintenanceRoute,
  removeMaintenanceRoute,
];

import * as z from 'zod';
import { deploymentDefinitionSchema, deploymentViewSchema } from '../catalog/api.ts';
import { type DeploymentRecord, listDeployments, registerDeployment } from '../catalog/index.ts';
import { requireReach } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiRequest, type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { deploymentParams, deploymentStatusSchema, listedDeploymentSchema } from './model.ts';
import { removeExistingDeployment } from './remove.ts';
import { readDeploymentStatus } from './status.ts';
import { loadStatus, neverWritten } from './status-store.ts';

const viewWithStatus = async (record: DeploymentRecord, { state }: Pick<ApiWorld, 'state'>) => {
  const stored = await loadStatus(state, record.definition.deploymentId, { consistent: false });
  const { status, reason, since, counts } = stored?.record ?? neverWritten;
  const health = { status, reason, since: since === null ? null : toIso(since), counts };
  return { ...viewOfDeployment(record), health };
};

const deploymentsPath = '/api/v1/monitoring/deployments';
const olderPath = '/api/monitoring/deployments';

const viewOfDeployment = (record: DeploymentRecord) => ({
  ...record.definition,
  managedBy: record.managedBy,
  revision: record.revision,
  createdAt: toIso(record.createdAt),
  updatedAt: toIso(record.updatedAt),
});

export const registerRoute = defineRoute({
  id: 'registerDeployment',
  function: 'api',
  method: 'POST',
  path: '/api/monitoring/register',
  scope: 'write',
  summary: 'Register a deployment',
  description:
    'The first time 201, then 200: registering it again with the same content changes nothing, with other content updates it.',
  body: deploymentDefinitionSchema,
  success: { status: 201, repeated: 200, schema: deploymentViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ body, caller }, world) {
    requireReach(caller.deployments, body.deploymentId);
    const { outcome, record, pending } = await registerDeployment(world, {
      definition: body,
      owner: 'api',
      by: caller.principal,
    });
    await publishAfterWrite(world, [pending]);
    const location = `${olderPath}/${encodeURIComponent(body.deploymentId)}`;
    return {
      status: outcome === 'created' ? 201 : 200,
      body: viewOfDeployment(record),
      revision: record.revision,
      ...(outcome === 'created' && { location }),
    };
  },
});

const read = async ({ params, caller }: ApiRequest<{ deploymentId: string }>, world: ApiWorld) => ({
  body: await readDeploymentStatus(world, params.deploymentId, caller.deployments, world.clock()),
});

const readFacts = {
  function: 'api',
  method: 'GET',
  scope: 'read',
  summary: 'Read how a deployment is',
  description: 'What all capabilities see of it; what is not measured is `unknown` or null.',
  params: deploymentParams,
  success: { status: 200, schema: deploymentStatusSchema },
  errors: ['NOT_FOUND'],
  run: read,
} as const;

export const readDeploymentRoute = defineRoute({
  ...readFacts,
  id: 'readDeployment',
  path: `${deploymentsPath}/{deploymentId}`,
});

/** The path that older clients know. */
export const readDeploymentOlderRoute = defineRoute({
  ...readFacts,
  id: 'readDeploymentOlder',
  path: `${olderPath}/{deploymentId}`,
});

export const listDeploymentsRoute = defineRoute({
  id: 'listDeployments',
  function: 'api',
  method: 'GET',
  path: deploymentsPath,
  scope: 'read',
  summary: 'List registered deployments',
  description:
    'Those the token reaches, each with the status that was last told. The deployment `default` is always there and not listed unless registered.',
  query: z.strictObject(paging(200, 50)),
  success: { status: 200, schema: pageOf(listedDeploymentSchema) },
  paged: true,
  async run({ query, caller }, world) {
    const after = positionFrom(query.cursor, (position) => deploymentIdField.safeParse(position).success);
    const { deployments, next } = await listDeployments(world.state, caller.deployments, query.limit, after);
    return {
      body: {
        items: await Promise.all(deployments.map((record) => viewWithStatus(record, world))),
        next: next === undefined ? null : encodeCursor(next),
      },
    };
  },
});

export const removeDeploymentRoute = defineRoute({
  id: 'removeDeployment',
  function: 'api',
  method: 'DELETE',
  path: `${deploymentsPath}/{deploymentId}`,
  scope: 'write',
  summary: 'Remove a deployment',
  description: 'Only one without checks and rules: remove those first.',
  params: deploymentParams,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, expects }, world) {
    const pending = await removeExistingDeployment(world, params.deploymentId, {
      reach: caller.deployments,
      owner: 'api',
      by: caller.principal,
      expects,
    });
    await publishAfterWrite(world, [pending]);
    return {};
  },
});

export const deploymentRoutes = [
  registerRoute,
  readDeploymentOlderRoute,
  listDeploymentsRoute,
  readDeploymentRoute,
  removeDeploymentRoute,
];

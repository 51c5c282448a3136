import * as z from 'zod';
import { requireNamed } from '../catalog/index.ts';
import { requireWholeReach } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiRequest, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { createPolicy, removePolicy, replacePolicy } from './define.ts';
import {
  policyDefinitionSchema,
  policyIdSchema,
  policyReplacementSchema,
  policyVersionSchema,
  policyViewSchema,
} from './model.ts';
import type { PolicyRecord } from './policy.ts';
import { loadPolicies, policyKind } from './registry.ts';
import { resolvePolicy } from './resolve.ts';
import { pageOfVersions } from './versions.ts';
import { viewPolicy, viewVersion } from './view.ts';

const policiesPath = '/api/v1/monitoring/policies';
const withPolicyId = z.strictObject({ id: policyIdSchema });

/** A policy may speak of any deployment: whoever may write one decides about all of them. */
const requirePolicyReach = ({ caller }: Pick<ApiRequest, 'caller'>): void =>
  requireWholeReach(caller.deployments, 'Policies belong');

const onePolicy = (record: PolicyRecord) => ({ body: viewPolicy(record), revision: record.revision });

/** With `?dryRun=true` everything is judged and nothing is written. */
const dryRunQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'], { error: 'Give true or false.' })
    .default('false')
    .meta({ description: 'true: judge it, say what would be kept, and write nothing.' }),
});

export const createPolicyRoute = defineRoute({
  id: 'createPolicy',
  function: 'api',
  method: 'POST',
  path: policiesPath,
  scope: 'write',
  summary: 'Make a policy',
  description:
    'What may be done about what is found. Its name is unique in the stack, and no other active policy may speak of the same. With an Idempotency-Key a repeated request answers with the policy that the first one made. A dry run answers with 200.',
  query: dryRunQuery,
  body: policyDefinitionSchema,
  success: { status: 201, repeated: 200, schema: policyViewSchema },
  idempotent: true,
  etag: true,
  errors: ['CONFLICT'],
  async run({ query, body, caller, idempotency }, world) {
    requirePolicyReach({ caller });
    const dryRun = query.dryRun === 'true';
    const options = { by: caller.principal, request: idempotency, dryRun };
    const made = await createPolicy(world, resolvePolicy(body), options);
    if (dryRun) return { ...onePolicy(made.record), status: 200 };
    await publishAfterWrite(world, [made.pending]);
    return { ...onePolicy(made.record), location: `${policiesPath}/${made.record.id}` };
  },
});

export const listPoliciesRoute = defineRoute({
  id: 'listPolicies',
  function: 'api',
  method: 'GET',
  path: policiesPath,
  scope: 'read',
  summary: 'List policies',
  description: 'By name. They belong to the whole stack: the token must reach all deployments.',
  query: z.strictObject(paging(200, 100)),
  success: { status: 200, schema: pageOf(policyViewSchema) },
  paged: true,
  async run({ query, caller }, world) {
    requirePolicyReach({ caller });
    const after = positionFrom(query.cursor, (position) => position.length <= 100);
    const found = (await loadPolicies(world.state)).filter(
      ({ definition: { name } }) => after === undefined || name > after,
    );
    const page = found.slice(0, query.limit);
    const last = found.length > page.length ? page.at(-1)?.definition.name : undefined;
    return { body: { items: page.map(viewPolicy), next: last === undefined ? null : encodeCursor(last) } };
  },
});

export const readPolicyRoute = defineRoute({
  id: 'readPolicy',
  function: 'api',
  method: 'GET',
  path: `${policiesPath}/{id}`,
  scope: 'read',
  summary: 'Read a policy',
  description: 'With every default filled in; durations in seconds, shares in percent.',
  params: withPolicyId,
  success: { status: 200, schema: policyViewSchema },
  etag: true,
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    requirePolicyReach({ caller });
    return onePolicy((await requireNamed(world.state, policyKind, params.id)).record);
  },
});

export const replacePolicyRoute = defineRoute({
  id: 'replacePolicy',
  function: 'api',
  method: 'PUT',
  path: `${policiesPath}/{id}`,
  scope: 'write',
  summary: 'Replace a policy',
  description:
    'The whole definition anew: what is left out gets its default. The name stays. What was planned and has not run is held when the policy no longer wants it.',
  params: withPolicyId,
  query: dryRunQuery,
  body: policyReplacementSchema,
  success: { status: 200, schema: policyViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, query, body, caller, expects }, world) {
    requirePolicyReach({ caller });
    const define = ({ definition: { name } }: PolicyRecord) => {
      requireSameName(body.name, name);
      return resolvePolicy({ ...body, name });
    };
    const options = { by: caller.principal, expects, dryRun: query.dryRun === 'true' };
    const replaced = await replacePolicy(world, params.id, define, options);
    await publishAfterWrite(world, [replaced.pending]);
    return onePolicy(replaced.record);
  },
});

const requireSameName = (given: string | undefined, own: string): void => {
  if (given === undefined || given === own) return;
  throw new DomainError('VALIDATION_ERROR', 'The name identifies a policy and cannot be changed.', [
    {
      path: 'name',
      message: `Leave it out or say "${own}"; to rename a policy, make a new one and remove this.`,
    },
  ]);
};

export const removePolicyRoute = defineRoute({
  id: 'removePolicy',
  function: 'api',
  method: 'DELETE',
  path: `${policiesPath}/{id}`,
  scope: 'write',
  summary: 'Remove a policy',
  description:
    'Its versions stay. What was planned under it and has not run is held. A dry run says whether it could be removed.',
  params: withPolicyId,
  query: dryRunQuery,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, query, caller, expects }, world) {
    requirePolicyReach({ caller });
    const options = { by: caller.principal, expects, dryRun: query.dryRun === 'true' };
    const removed = await removePolicy(world, params.id, options);
    await publishAfterWrite(world, [removed.pending]);
    return {};
  },
});

export const listPolicyVersionsRoute = defineRoute({
  id: 'listPolicyVersions',
  function: 'api',
  method: 'GET',
  path: `${policiesPath}/{id}/versions`,
  scope: 'read',
  summary: 'List what a policy said',
  description:
    'Newest first, the removal among them, each with who wrote it. A plan names the revision it was made by.',
  params: withPolicyId,
  query: z.strictObject(paging(100, 20)),
  success: { status: 200, schema: pageOf(policyVersionSchema) },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ params, query, caller }, world) {
    requirePolicyReach({ caller });
    const position = positionFrom(query.cursor, (text) => /^[1-9]\d{0,8}$/.test(text));
    const { versions, next } = await pageOfVersions(world.state, params.id, {
      limit: query.limit,
      before: position === undefined ? undefined : Number(position),
    });
    return {
      body: {
        items: versions.map(viewVersion),
        next: next === undefined ? null : encodeCursor(String(next)),
      },
    };
  },
});

export const policyRoutes = [
  createPolicyRoute,
  listPoliciesRoute,
  readPolicyRoute,
  replacePolicyRoute,
  removePolicyRoute,
  listPolicyVersionsRoute,
];

import * as z from 'zod';
import { reachWithin } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { deploymentIdField, pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { severities } from '../platform/events.ts';
import { createRule, removeRule, replaceRule } from './define.ts';
import { isRulePosition, listRules } from './list-rules.ts';
import { ruleDefinitionSchema, ruleReplacementSchema, ruleTypeSchema, ruleViewSchema } from './model.ts';
import { requireRule } from './registry.ts';
import { resolveRule } from './resolve.ts';
import { alertsPath, withRuleId } from './route-parts.ts';
import type { RuleRecord } from './rule.ts';
import { viewRule } from './written.ts';

const oneRule = (record: RuleRecord) => ({ body: viewRule(record), revision: record.revision });

export const createRuleRoute = defineRoute({
  id: 'createRule',
  function: 'api',
  method: 'POST',
  path: alertsPath,
  scope: 'write',
  summary: 'Make a rule',
  description:
    'It is judged within a minute. Its name is unique in its deployment; with an Idempotency-Key a repeated request answers with the rule that the first one made. A rule of all deployments (`"deploymentId": "*"`) needs a token that reaches all.',
  body: ruleDefinitionSchema,
  success: { status: 201, schema: ruleViewSchema },
  idempotent: true,
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT', 'ALERT_ERROR'],
  async run({ body, caller, idempotency }, world) {
    const made = await createRule(world, resolveRule(body), {
      reach: caller.deployments,
      by: caller.principal,
      request: idempotency,
    });
    await publishAfterWrite(world, [made.pending]);
    return { ...oneRule(made.record), location: `${alertsPath}/${made.record.id}` };
  },
});

export const listRulesRoute = defineRoute({
  id: 'listRules',
  function: 'api',
  method: 'GET',
  path: alertsPath,
  scope: 'read',
  summary: 'List rules',
  description:
    'The rules of the deployments the token reaches, always in the same order. Those of all deployments, the built-in ones among them, come first; only tokens that reach all see them.',
  query: z.strictObject({
    deploymentId: deploymentIdField.optional(),
    type: ruleTypeSchema.optional(),
    severity: z.enum(severities).optional(),
    isActive: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    ...paging(200, 50),
  }),
  success: { status: 200, schema: pageOf(ruleViewSchema) },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { deploymentId, limit, cursor, ...filter } = query;
    const after = positionFrom(cursor, isRulePosition);
    const reach = reachWithin(caller.deployments, deploymentId);
    const { rules, next } = await listRules(world.state, { reach, filter, limit, after });
    return {
      body: { items: rules.map(viewRule), next: next === undefined ? null : encodeCursor(next) },
    };
  },
});

export const readRuleRoute = defineRoute({
  id: 'readRule',
  function: 'api',
  method: 'GET',
  path: `${alertsPath}/{id}`,
  scope: 'read',
  summary: 'Read a rule',
  description: 'The ETag is the revision of the definition; when it was last triggered changes without it.',
  params: withRuleId,
  success: { status: 200, schema: ruleViewSchema },
  etag: true,
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    return oneRule((await requireRule(world.state, params.id, caller.deployments)).record);
  },
});

export const replaceRuleRoute = defineRoute({
  id: 'replaceRule',
  function: 'api',
  method: 'PUT',
  path: `${alertsPath}/{id}`,
  scope: 'write',
  summary: 'Replace a rule',
  description:
    'The whole definition anew: what is left out gets its default. Name and deployment stay. A built-in rule can be tuned and switched off (`"isActive": false`), not turned into another.',
  params: withRuleId,
  body: ruleReplacementSchema,
  success: { status: 200, schema: ruleViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT', 'ALERT_ERROR'],
  async run({ params, body, caller, expects }, world) {
    const define = ({ definition: { name, deploymentId } }: RuleRecord) => {
      requireSame('name', body.name, name);
      requireSame('deploymentId', body.deploymentId, deploymentId);
      return resolveRule({ ...body, name, deploymentId });
    };
    const replaced = await replaceRule(world, params.id, define, {
      reach: caller.deployments,
      by: caller.principal,
      expects,
    });
    await publishAfterWrite(world, [replaced.pending]);
    return oneRule(replaced.record);
  },
});

const requireSame = (path: string, given: string | null | undefined, own: string | null): void => {
  if (given === undefined || given === own) return;
  throw new DomainError('VALIDATION_ERROR', 'Name and deployment identify a rule and cannot be changed.', [
    {
      path,
      message: `Leave it out or say "${own ?? '*'}"; to rename a rule, make a new one and remove this.`,
    },
  ]);
};

export const removeRuleRoute = defineRoute({
  id: 'removeRule',
  function: 'api',
  method: 'DELETE',
  path: `${alertsPath}/{id}`,
  scope: 'write',
  summary: 'Remove a rule',
  description:
    'Its alerts are resolved. Of a built-in rule it takes away what people changed, so that the original is back. A new rule of the same name goes on with the revision for 31 days.',
  params: withRuleId,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, expects }, world) {
    const removed = await removeRule(world, params.id, {
      reach: caller.deployments,
      by: caller.principal,
      expects,
    });
    await publishAfterWrite(world, [removed.pending]);
    return {};
  },
});

export const ruleRoutes = [createRuleRoute, listRulesRoute, readRuleRoute, replaceRuleRoute, removeRuleRoute];

import * as z from 'zod';
import { encodeCursor } from '../platform/api/cursor.ts';
import {
  deploymentIdField,
  instant,
  isoInstant,
  pageOf,
  paging,
  positionFrom,
} from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { listAudit } from './list.ts';
import type { AuditRecord } from './store.ts';

const usualSpanMs = 30 * 86_400_000;

const text = z.string().min(1).max(200).optional();

const side = z.unknown().meta({
  description:
    'As answers show it, secrets hidden; null when there was nothing. A sentence where it is over 8 KB.',
});

export const auditViewSchema = z
  .strictObject({
    id: z.string(),
    at: isoInstant,
    by: z.string().meta({ description: '`admin`, `token:<id>`, `link:<channel>` or `homeostat`.' }),
    action: z.string().meta({ description: 'created, updated, removed, paused, acknowledged …' }),
    kind: z.string().meta({ description: 'check, deployment, token, rule, channel, silence …' }),
    subjectId: z.string(),
    name: z.string(),
    deploymentId: z.string().nullable(),
    before: side,
    after: side,
  })
  .meta({ id: 'Audit' });

const viewOfAudit = ({
  id,
  at,
  by,
  action,
  kind,
  subjectId,
  name,
  deploymentId,
  before,
  after,
}: AuditRecord) => ({
  id,
  at,
  by,
  action,
  kind,
  subjectId,
  name,
  deploymentId,
  before: before ?? null,
  after: after ?? null,
});

const positionPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#.{1,300}$/;

export const listAuditRoute = defineRoute({
  id: 'listAudit',
  function: 'api',
  method: 'GET',
  path: '/api/v1/monitoring/audit',
  scope: 'read',
  summary: 'Who wrote what',
  description:
    'Writes of definitions, settings and tokens, and what people did to incidents, before and after, newest first; of the last 30 days unless `from` says otherwise, kept for 400. What is run, tried or pinged is not in it. A token that does not reach all deployments sees what belongs to those it reaches.',
  query: z.strictObject({
    ...paging(200, 50),
    by: text.meta({ description: 'The principal who wrote, such as `token:<id>`.' }),
    kind: text.meta({ description: 'Of what: check, deployment, token, rule, channel, silence …' }),
    subjectId: text.meta({ description: 'The id of what was written.' }),
    deploymentId: deploymentIdField.optional(),
    from: instant.optional().meta({ description: 'ISO 8601; inclusive.' }),
    to: instant.optional().meta({ description: 'ISO 8601; inclusive. Now when left out.' }),
  }),
  success: { status: 200, schema: pageOf(auditViewSchema) },
  paged: true,
  errors: ['NOT_FOUND'],
  async run({ query, caller }, world) {
    const { limit, cursor, from, to, ...filter } = query;
    const toAt = to ?? world.clock();
    const { records, next } = await listAudit(world.state, world.clock(), {
      reach: caller.deployments,
      filter,
      fromAt: from ?? toAt - usualSpanMs,
      toAt,
      limit,
      before: positionFrom(cursor, (position) => positionPattern.test(position)),
    });
    return {
      body: { items: records.map(viewOfAudit), next: next === undefined ? null : encodeCursor(next) },
    };
  },
});

export const auditRoutes = [listAuditRoute];

import * as z from 'zod';
import { createNamed, removeNamed, replaceNamed, requireNamed } from '../catalog/index.ts';
import { registryWith } from '../health/api.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { statusPageKind, statusPagesPath } from './kind.ts';
import {
  resolveStatusPage,
  slugField,
  statusPageDefinitionSchema,
  statusPageReplacementSchema,
  statusPageViewSchema,
} from './model.ts';
import type { StatusPageDefinition, StatusPageRecord } from './page.ts';
import { publicStatusRoutes } from './public/routes.ts';
import { permitFor, reachesPage, requirePageReach } from './reach.ts';
import { loadPageChecks } from './select.ts';
import { requireSoundPage } from './sound.ts';
import { loadStatusPages } from './store.ts';
import { viewStatusPage } from './view.ts';

const withId = z.strictObject({ id: slugField });

const one = async ({ state }: Pick<ApiWorld, 'state'>, record: StatusPageRecord) => ({
  body: viewStatusPage(record, await loadPageChecks(state, record.definition)),
  revision: record.revision,
});

const requireSound = (world: Pick<ApiWorld, 'state'>, definition: StatusPageDefinition): Promise<void> =>
  requireSoundPage(world, definition, registryWith(world.state, []));

export const statusPageRoutes = [
  defineRoute({
    id: 'createStatusPage',
    function: 'api',
    method: 'POST',
    path: statusPagesPath,
    scope: 'write',
    summary: 'Make a status page',
    description:
      'Shows the public checks that its groups name at /status/<slug>, to everybody once it is published. The token must reach all deployments that it names.',
    body: statusPageDefinitionSchema,
    success: { status: 201, schema: statusPageViewSchema },
    idempotent: true,
    etag: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ body, caller, idempotency }, world) {
      const definition = resolveStatusPage(body);
      requirePageReach(caller.deployments, definition);
      await requireSound(world, definition);
      const made = await createNamed(world, statusPageKind, definition, {
        by: caller.principal,
        request: idempotency,
      });
      await publishAfterWrite(world, [made.pending]);
      return { ...(await one(world, made.record)), location: `${statusPagesPath}/${made.record.id}` };
    },
  }),
  defineRoute({
    id: 'listStatusPages',
    function: 'api',
    method: 'GET',
    path: statusPagesPath,
    scope: 'read',
    summary: 'List status pages',
    description: 'By slug; those that show nothing out of the reach of the token.',
    query: z.strictObject({ ...paging(200, 100) }),
    success: { status: 200, schema: pageOf(statusPageViewSchema) },
    paged: true,
    async run({ query, caller }, world) {
      const after = positionFrom(query.cursor, (position) => slugField.safeParse(position).success);
      const found = (await loadStatusPages(world.state)).filter(
        ({ id, definition }) =>
          reachesPage(caller.deployments, definition) && (after === undefined || id > after),
      );
      const page = found.slice(0, query.limit);
      const last = found.length > page.length ? page.at(-1)?.id : undefined;
      // Of all pages at once: each check is read once, however many pages show it.
      const groups = page.flatMap(({ definition }) => definition.groups);
      const checks = await loadPageChecks(world.state, { groups });
      return {
        body: {
          items: page.map((record) => viewStatusPage(record, checks)),
          next: last === undefined ? null : encodeCursor(last),
        },
      };
    },
  }),
  defineRoute({
    id: 'readStatusPage',
    function: 'api',
    method: 'GET',
    path: `${statusPagesPath}/{id}`,
    scope: 'read',
    summary: 'Read a status page',
    description:
      'Its definition, defaults filled in, and for each group how many checks the public sees in it and which that it names are not shown, and why.',
    params: withId,
    success: { status: 200, schema: statusPageViewSchema },
    etag: true,
    errors: ['NOT_FOUND'],
    async run({ params, caller }, world) {
      const { record } = await requireNamed(world.state, statusPageKind, params.id, permitFor(caller));
      return one(world, record);
    },
  }),
  defineRoute({
    id: 'replaceStatusPage',
    function: 'api',
    method: 'PUT',
    path: `${statusPagesPath}/{id}`,
    scope: 'write',
    summary: 'Replace a status page',
    description: 'The whole definition anew: what is left out gets its default. The slug stays.',
    params: withId,
    body: statusPageReplacementSchema,
    success: { status: 200, schema: statusPageViewSchema },
    etag: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ params, body, caller, expects }, world) {
      const permit = permitFor(caller);
      const { record } = await requireNamed(world.state, statusPageKind, params.id, permit);
      const { slug } = record.definition;
      if ((body.slug ?? slug) !== slug) {
        throw new DomainError('VALIDATION_ERROR', 'The slug identifies a status page.', [
          { path: 'slug', message: 'Leave it out or repeat it; for another path, make a new page.' },
        ]);
      }
      const definition = resolveStatusPage({ ...body, slug });
      requirePageReach(caller.deployments, definition);
      await requireSound(world, definition);
      const replaced = await replaceNamed(world, statusPageKind, slug, () => definition, {
        by: caller.principal,
        expects,
        permit,
      });
      await publishAfterWrite(world, [replaced.pending]);
      return one(world, replaced.record);
    },
  }),
  defineRoute({
    id: 'removeStatusPage',
    function: 'api',
    method: 'DELETE',
    path: `${statusPagesPath}/{id}`,
    scope: 'write',
    summary: 'Remove a status page',
    description: 'Nobody sees it any more. What it showed stays as it is.',
    params: withId,
    success: { status: 204 },
    etag: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ params, caller, expects }, world) {
      const removed = await removeNamed(world, statusPageKind, params.id, {
        by: caller.principal,
        expects,
        permit: permitFor(caller),
      });
      await publishAfterWrite(world, [removed.pending]);
      return {};
    },
  }),
  ...publicStatusRoutes,
];

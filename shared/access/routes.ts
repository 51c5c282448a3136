import * as z from 'zod';
import { encodeCursor } from '../platform/api/cursor.ts';
import { paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { randomSecret } from '../platform/ids.ts';
import { createToken, listTokens, revokeToken } from './manage.ts';
import { newTokenSchema, ownTokenSchema, tokenIdSchema, tokenInputSchema, tokenPageSchema } from './model.ts';
import { readOwnToken } from './own-token.ts';
import { type TokenRecord, tokenIdPattern } from './token.ts';

const tokensPath = '/api/v1/monitoring/tokens';

const viewOfToken = (token: TokenRecord) => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  deployments: token.deployments,
  createdBy: token.createdBy,
  createdAt: toIso(token.createdAt),
  expiresAt: token.expiresAt === undefined ? null : toIso(token.expiresAt * 1000),
  lastUsedAt: token.lastUsedAt === 0 ? null : toIso(token.lastUsedAt),
  revokedAt: token.revokedAt === undefined ? null : toIso(token.revokedAt),
});

export const createTokenRoute = defineRoute({
  id: 'createToken',
  function: 'api',
  method: 'POST',
  path: tokensPath,
  scope: 'admin',
  summary: 'Make a token',
  description:
    'The answer shows the token once. It can have no scope and reach no deployment that yours does not.',
  body: tokenInputSchema,
  success: { status: 201, schema: newTokenSchema },
  idempotent: true,
  async run({ body, caller, idempotency }, world) {
    const options = { newSecret: randomSecret, request: idempotency };
    const { record, token, pending } = await createToken(world, caller, body, options);
    await publishAfterWrite(world, [pending]);
    return { body: { ...viewOfToken(record), token }, location: `${tokensPath}/${record.id}` };
  },
});

export const listTokensRoute = defineRoute({
  id: 'listTokens',
  function: 'api',
  method: 'GET',
  path: tokensPath,
  scope: 'admin',
  summary: 'List tokens',
  description: 'Without their secrets. Revoked tokens are listed until they expire.',
  query: z.strictObject(paging(100, 50)),
  success: { status: 200, schema: tokenPageSchema },
  paged: true,
  async run({ query, caller }, world) {
    const after = positionFrom(query.cursor, (position) => tokenIdPattern.test(position));
    const { tokens, next } = await listTokens(world.state, caller, query.limit, after);
    return { body: { items: tokens.map(viewOfToken), next: next === undefined ? null : encodeCursor(next) } };
  },
});

export const revokeTokenRoute = defineRoute({
  id: 'revokeToken',
  function: 'api',
  method: 'DELETE',
  path: `${tokensPath}/{id}`,
  scope: 'admin',
  summary: 'Revoke a token',
  description: 'It opens nothing any more, within 60 seconds at the latest.',
  params: z.strictObject({ id: tokenIdSchema }),
  success: { status: 204 },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    await publishAfterWrite(world, [await revokeToken(world, caller, params.id)]);
    return {};
  },
});

export const readOwnTokenRoute = defineRoute({
  id: 'readOwnToken',
  function: 'api',
  method: 'GET',
  path: `${tokensPath}/self`,
  scope: 'any',
  summary: 'What the token of this request may do',
  description: 'Its scopes and the deployments it reaches: what an interface offers hangs on them.',
  success: { status: 200, schema: ownTokenSchema },
  async run({ caller }, world) {
    const { name, expiresAt } = await readOwnToken(world.state, caller);
    const { principal, scopes, deployments } = caller;
    return {
      body: {
        principal,
        name,
        scopes,
        deployments,
        expiresAt: expiresAt === null ? null : toIso(expiresAt),
      },
    };
  },
});

export const accessRoutes = [createTokenRoute, listTokensRoute, readOwnTokenRoute, revokeTokenRoute];

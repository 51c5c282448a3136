import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../functions/authorizer/handler.ts';
import { createAuthenticator } from '../../shared/access/index.ts';
import { tokenKey } from '../../shared/access/token.ts';
import { sha256 } from '../../shared/platform/ids.ts';
import type { Item } from '../../shared/storage/index.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';

const hour = 3_600_000;
const id = 'a'.repeat(24);
const token = `hst_${id}_${'s'.repeat(43)}`;

const tokenItem = (fields: Record<string, string | number | readonly string[]> = {}): Item => ({
  ...tokenKey(id),
  v: 1,
  id,
  name: 'test',
  hash: sha256(token),
  scopes: ['read', 'write'],
  deployments: ['shop'],
  createdBy: 'admin',
  createdAt: 0,
  lastUsedAt: 0,
  revision: 1,
  ...fields,
});

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const ask = (authorization?: unknown) =>
  handler({ headers: { authorization } } as unknown as Parameters<typeof handler>[0]);
const nobody = {
  isAuthorized: true,
  context: { authenticated: 'false', principal: '', scopes: '', deployments: '[]' },
};

describe('the authorizer', () => {
  it('knows the first admin token: every scope, all deployments', async () => {
    expect(await ask(`Bearer ${adminToken}`)).toEqual({
      isAuthorized: true,
      context: {
        authenticated: 'true',
        principal: 'admin',
        scopes: 'read write operate ingest admin',
        deployments: '*',
      },
    });
  });

  it('knows a token by its hash, with its scopes and deployments', async () => {
    await cloud.state.put(tokenItem());
    expect(await ask(`Bearer ${token}`)).toEqual({
      isAuthorized: true,
      context: {
        authenticated: 'true',
        principal: `token:${id}`,
        scopes: 'read write',
        deployments: '["shop"]',
      },
    });
  });

  it.each([
    undefined,
    null,
    7,
    {},
    ['Bearer x'],
    '',
    'Bearer',
    'Bearer ',
    'Basic YWRtaW46YWRtaW4=',
    `Token ${adminToken}`,
    `Bearer ${adminToken}x`,
    `Bearer ${adminToken.slice(1)}`,
    `Bearer ${adminToken} ${adminToken}`,
    `Bearer hst_${id}_${'t'.repeat(43)}`,
    `Bearer hst_${'b'.repeat(24)}_${'s'.repeat(43)}`,
    `Bearer hst_../../x_${'s'.repeat(43)}`,
    `Bearer ${'x'.repeat(100_000)}`,
    'Bearer \u0000\uffff',
  ])('anything else is nobody, and nothing is thrown: %j', async (authorization) => {
    expect(await ask(authorization)).toEqual(nobody);
  });

  it('a request without headers is nobody', async () => {
    expect(await handler({} as Parameters<typeof handler>[0])).toEqual(nobody);
  });
});

describe('authenticating', () => {
  const world = (item: Item | undefined) => {
    let now = 10 * hour;
    let stored = item;
    const notes: number[] = [];
    const reads = { tokens: 0, secret: 0 };
    const authenticate = createAuthenticator({
      state: {
        get: async () => {
          reads.tokens += 1;
          return stored;
        },
        update: async (_key, { set }) => {
          notes.push(Number(set?.lastUsedAt));
          if (stored) stored = { ...stored, ...set };
        },
      },
      readAdminToken: async () => {
        reads.secret += 1;
        return adminToken;
      },
      clock: () => now,
    });
    return {
      authenticate,
      notes,
      reads,
      pass: (milliseconds: number) => {
        now += milliseconds;
      },
      store: (next: Item | undefined) => {
        stored = next;
      },
    };
  };

  it('a revoked token opens nothing after 60 seconds at the latest', async () => {
    const { authenticate, pass, store } = world(tokenItem());
    expect(await authenticate(token)).toBeDefined();
    store(tokenItem({ revokedAt: 10 * hour }));
    pass(60_000);
    expect(await authenticate(token)).toBeUndefined();
  });

  it('an expired token opens nothing at its very second, though it was read before', async () => {
    const { authenticate, pass } = world(tokenItem({ expiresAt: (10 * hour) / 1000 + 30 }));
    pass(29_999);
    expect(await authenticate(token)).toBeDefined();
    pass(1);
    expect(await authenticate(token)).toBeUndefined();
  });

  it('a token that was not there is looked for again, so a new one works at once', async () => {
    const { authenticate, store } = world(undefined);
    expect(await authenticate(token)).toBeUndefined();
    store(tokenItem());
    expect(await authenticate(token)).toBeDefined();
  });

  it('a token is read as it is now, not as a lagging copy has it: a new one opens, a revoked one does not', async () => {
    const asks = (present: Item | undefined, copy: Item | undefined) =>
      createAuthenticator({
        state: {
          get: async (_key, options) => (options?.consistent ? present : copy),
          update: async () => {},
        },
        readAdminToken: async () => adminToken,
        clock: () => 10 * hour,
      })(token);
    expect(await asks(tokenItem(), undefined)).toBeDefined();
    expect(await asks(tokenItem({ revokedAt: 9 * hour }), tokenItem())).toBeUndefined();
  });

  it.each([
    ['no hash', { hash: 7 }],
    ['no scopes', { scopes: 'read' }],
    ['no deployments', { deployments: 'shop' }],
  ])('an item with %s opens nothing', async (_, fields) => {
    const item = { ...tokenItem(), ...fields } as Item;
    expect(await world(item).authenticate(token)).toBeUndefined();
  });

  it('scopes that nobody knows are left out', async () => {
    const { authenticate } = world(tokenItem({ scopes: ['read', 'root'] }));
    expect((await authenticate(token))?.scopes).toEqual(['read']);
  });

  it('the last use is noted once an hour, not once a request', async () => {
    const { authenticate, notes, pass } = world(tokenItem());
    for (let minute = 0; minute < 130; minute++) {
      await authenticate(token);
      pass(60_000);
    }
    expect(notes).toEqual([10 * hour, 11 * hour, 12 * hour]);
  });

  it('tokens and the secret are read once a minute, not once a request', async () => {
    const { authenticate, reads, pass } = world(tokenItem());
    for (let second = 0; second < 120; second++) {
      await authenticate(token);
      await authenticate(adminToken);
      pass(1000);
    }
    expect(reads).toEqual({ tokens: 2, secret: 2 });
  });

  it('a registry that cannot be read is no «wrong token»: it throws', async () => {
    const authenticate = createAuthenticator({
      state: { get: () => Promise.reject(new Error('throttled')), update: async () => {} },
      readAdminToken: async () => adminToken,
      clock: () => 0,
    });
    await expect(authenticate(token)).rejects.toThrow('throttled');
  });
});

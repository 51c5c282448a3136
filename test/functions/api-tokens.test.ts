import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type Sent, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const tokens = '/api/v1/monitoring/tokens';
const make = (body: object, sent: Sent = {}) => call('POST', tokens, { ...sent, body });

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

describe('making a token', () => {
  it('shows it once, in the form hst_<id>_<secret>, for 90 days; no listing and no stored item holds it', async () => {
    const made = await make({ name: 'ci', scopes: ['write', 'read'], deployments: '*' });
    expect(made.status, made.text).toBe(201);
    const token = String(made.json.token);
    expect(token).toMatch(/^hst_[0-9a-f]{24}_[A-Za-z0-9_-]{43}$/);
    expect(made.json).toEqual({
      id: token.split('_')[1],
      name: 'ci',
      scopes: ['read', 'write'],
      deployments: '*',
      createdBy: 'admin',
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      lastUsedAt: null,
      revokedAt: null,
      token,
    });
    const days =
      (Date.parse(String(made.json.expiresAt)) - Date.parse(String(made.json.createdAt))) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    const secret = token.split('_').slice(2).join('_');
    const listed = await call('GET', tokens);
    expect(listed.text).toContain(String(made.json.id));
    expect(listed.text).not.toContain(secret);
    for (let bucket = 0; bucket < 8; bucket++) {
      const { items } = await cloud.state.query({ pk: `TOKENS#${bucket}` });
      expect(JSON.stringify(items)).not.toContain(secret);
    }
  });

  it('the token works at once, for its scopes only', async () => {
    const token = await tokenWith(['read']);
    expect((await call('GET', '/api/v1/monitoring/health-checks', { token })).status).toBe(200);
    const refused = await call('POST', '/api/monitoring/register', { token, body: { deploymentId: 'x' } });
    expect([refused.status, refused.json.code]).toEqual([403, 'FORBIDDEN']);
    expect((await call('GET', tokens, { token })).status).toBe(403);
  });

  it('a repeated request finds the same token, whose secret is not shown again', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const body = { name: 'once', scopes: ['read'], deployments: '*' };
    const first = await make(body, { headers });
    const again = await make(body, { headers });
    expect([again.status, again.json.id, again.json.token]).toEqual([201, first.json.id, null]);
    expect(
      (await call('GET', '/api/v1/monitoring/overview', { token: String(first.json.token) })).status,
    ).toBe(200);
    expect((await make({ ...body, name: 'other' }, { headers })).status).toBe(422);
  });

  it('nobody gives scopes or deployments that they do not have (fault 33)', async () => {
    const token = await tokenWith(['admin', 'read'], ['shop-a', 'shop-b']);
    const asked = await Promise.all([
      make({ name: 'n', scopes: ['read'], deployments: ['shop-a'] }, { token }),
      make({ name: 'n', scopes: ['write'], deployments: ['shop-a'] }, { token }),
      make({ name: 'n', scopes: ['read'], deployments: '*' }, { token }),
      make({ name: 'n', scopes: ['read'], deployments: ['shop-a', 'shop-c'] }, { token }),
    ]);
    expect(asked.map((answered) => answered.status)).toEqual([201, 403, 403, 403]);
  });

  it('a restricted admin sees and revokes only tokens within its deployments', async () => {
    const token = await tokenWith(['admin'], ['shop-d']);
    const foreign = await make({ name: 'foreign', scopes: ['read'], deployments: ['shop-e'] });
    const listed = await call('GET', tokens, { token });
    expect(listed.text).not.toContain(String(foreign.json.id));
    expect((await call('DELETE', `${tokens}/${foreign.json.id}`, { token })).status).toBe(404);
  });
});

describe('revoking a token', () => {
  it('answers 204, again 204, keeps it listed, and an instance that has not seen it yet refuses it', async () => {
    const made = await make({ name: 'leaked', scopes: ['read'], deployments: '*', expiresInDays: null });
    const path = `${tokens}/${made.json.id}`;
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(204);
    const listed = (await call('GET', `${tokens}?limit=100`)).json.items as unknown as {
      id: string;
      revokedAt: string;
    }[];
    expect(listed.find(({ id }) => id === String(made.json.id))?.revokedAt).toEqual(expect.any(String));
    const refused = await call('GET', '/api/v1/monitoring/overview', { token: String(made.json.token) });
    expect([refused.status, refused.json.code, refused.headers['www-authenticate']]).toEqual([
      401,
      'UNAUTHENTICATED',
      'Bearer realm="homeostat"',
    ]);
  });

  it('what is not there is 404', async () => {
    expect((await call('DELETE', `${tokens}/${'0'.repeat(24)}`)).status).toBe(404);
  });
});

describe('listing tokens', () => {
  it('pages through each once', async () => {
    const whole = (await call('GET', `${tokens}?limit=100`)).json.items as unknown as { id: string }[];
    const paged: string[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `${tokens}?limit=3${cursor && `&cursor=${cursor}`}`);
      paged.push(...(page.json.items as unknown as { id: string }[]).map(({ id }) => id));
      cursor = String(page.json.next ?? '');
    } while (cursor);
    expect(paged).toEqual(whole.map(({ id }) => id));
    expect(paged.length).toBeGreaterThan(5);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkKey } from '../../shared/health/check.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const checks = '/api/v1/monitoring/health-checks';
const shop = { name: 'shop', type: 'http', target: 'https://shop.example.com/' };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

describe('making a check', () => {
  it('answers 201 with Location, ETag and every field, not scheduled yet', async () => {
    const made = await call('POST', checks, { body: { ...shop, interval: '30s', tags: { team: 'a' } } });
    expect(made.status, made.text).toBe(201);
    const id = String(made.json.id);
    expect(made.headers).toMatchObject({
      location: `${checks}/${id}`,
      etag: '"1"',
      'x-request-id': expect.any(String),
    });
    expect(made.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      deploymentId: 'default',
      name: 'shop',
      type: 'http',
      target: 'https://shop.example.com/',
      interval: 30,
      timeout: 5,
      retries: 1,
      failureThreshold: 3,
      successThreshold: 2,
      network: 'public',
      tags: { team: 'a' },
      config: {
        method: 'GET',
        headers: {},
        followRedirects: 5,
        verifyTls: true,
      },
      isActive: true,
      isPaused: false,
      managedBy: 'api',
      revision: 1,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      status: 'unknown',
      lastChecked: null,
      responseTime: null,
      reason: 'not scheduled yet',
      statusSince: null,
    });
    expect((await call('GET', `${checks}/${id}`)).json).toEqual(made.json);
  });

  it('tells the bus once, with an id made of check and revision, and the audit who wrote what', async () => {
    cloud.arrived.length = 0;
    const made = await call('POST', checks, { body: { ...shop, name: 'told' } });
    const common = { at: made.json.createdAt, accountId: '123456789012', region: 'eu-central-1' };
    expect(cloud.arrived).toEqual([
      {
        type: 'check.changed',
        detail: {
          ...common,
          id: `check:${made.json.id}@1`,
          checkId: made.json.id,
          deploymentId: 'default',
          name: 'told',
          revision: 1,
          change: 'created',
        },
      },
      {
        type: 'audit.recorded',
        detail: {
          ...common,
          id: `audit:check:${made.json.id}@1`,
          by: 'admin',
          action: 'created',
          kind: 'check',
          subjectId: made.json.id,
          name: 'told',
          deploymentId: 'default',
          before: null,
          after: expect.objectContaining({
            name: 'told',
            target: made.json.target,
            isPaused: false,
            managedBy: 'api',
          }),
        },
      },
    ]);
  });

  it('a name that is taken is a conflict', async () => {
    await call('POST', checks, { body: { ...shop, name: 'taken' } });
    const again = await call('POST', checks, { body: { ...shop, name: 'taken' } });
    expect([again.status, again.json.code]).toEqual([409, 'CONFLICT']);
  });

  it('the same Idempotency-Key with the same request is a replay, with another request refused, with another key a conflict', async () => {
    const body = { ...shop, name: 'repeated' };
    const headers = { 'idempotency-key': 'first' };
    const first = await call('POST', checks, { body, headers });
    const again = await call('POST', checks, {
      body: { target: shop.target, type: 'http', name: 'repeated' },
      headers,
    });
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json]);
    const other = await call('POST', checks, { body: { ...body, interval: 10 }, headers });
    expect([other.status, other.json.code]).toEqual([422, 'VALIDATION_ERROR']);
    const otherKey = await call('POST', checks, { body, headers: { 'idempotency-key': 'second' } });
    expect(otherKey.status).toBe(409);
    await call('DELETE', `${checks}/${first.json.id}`);
    const late = await call('POST', checks, { body, headers });
    expect([late.status, late.json.code]).toEqual([409, 'CONFLICT']);
  });

  it('the deployment must be registered, and the refusal says how', async () => {
    const refused = await call('POST', checks, { body: { ...shop, deploymentId: 'web-shop' } });
    expect([refused.status, refused.json.code]).toEqual([422, 'VALIDATION_ERROR']);
    expect(refused.json.errors).toEqual([
      { path: 'deploymentId', message: expect.stringContaining('POST /api/monitoring/register') },
    ]);
    await call('POST', '/api/monitoring/register', { body: { deploymentId: 'web-shop' } });
    expect((await call('POST', checks, { body: { ...shop, deploymentId: 'web-shop' } })).status).toBe(201);
  });
});

describe('changing and removing a check', () => {
  const made = async (name: string) =>
    String((await call('POST', checks, { body: { ...shop, name } })).json.id);

  it('PUT replaces the whole definition and grows the revision; the same again changes nothing', async () => {
    const id = await made('replaced');
    const body = { type: 'http', target: 'https://other.example.com/', interval: '5m' };
    const replaced = await call('PUT', `${checks}/${id}`, { body });
    expect([replaced.status, replaced.headers.etag]).toEqual([200, '"2"']);
    expect(replaced.json).toMatchObject({
      name: 'replaced',
      target: 'https://other.example.com/',
      interval: 300,
    });
    const again = await call('PUT', `${checks}/${id}`, { body });
    expect([again.status, again.headers.etag, again.json.updatedAt]).toEqual([
      200,
      '"2"',
      replaced.json.updatedAt,
    ]);
  });

  it('a check cannot be renamed or moved', async () => {
    const id = await made('fixed');
    const renamed = await call('PUT', `${checks}/${id}`, { body: { ...shop, name: 'other' } });
    expect([renamed.status, renamed.json.errors]).toEqual([
      422,
      [{ path: 'name', message: expect.any(String) }],
    ]);
    const moved = await call('PUT', `${checks}/${id}`, {
      body: { ...shop, name: 'fixed', deploymentId: 'elsewhere' },
    });
    expect(moved.status).toBe(422);
  });

  it.each([
    ['"1"', 200],
    ['*', 200],
    ['"7", "1"', 200],
    ['"2"', 412],
    ['W/"1"', 412],
    ['"abc"', 412],
    ['1', 400],
    ['"1', 400],
    ['', 400],
  ])('If-Match %s on revision 1 answers %i', async (ifMatch, status) => {
    const id = await made(`matched ${ifMatch}`);
    const answered = await call('PUT', `${checks}/${id}`, {
      body: { type: 'http', target: shop.target, interval: 10 },
      headers: { 'if-match': ifMatch },
    });
    expect(answered.status, answered.text).toBe(status);
  });

  it('a removed check keeps its item for 31 days, longer than its event may wait and be redriven (fault 10)', async () => {
    const { json } = await call('POST', checks, { body: { ...shop, name: 'gone for long' } });
    await call('DELETE', `${checks}/${json.id}`);
    const item = await cloud.state.get(checkKey(String(json.id)), { consistent: true });
    expect(Number(item?.expiresAt) - Math.floor(Number(item?.deletedAt) / 1000)).toBe(2_678_400);
  });

  it('DELETE answers 204, then it is not there; made again it goes on with the revision', async () => {
    const id = await made('removed');
    expect((await call('DELETE', `${checks}/${id}`)).status).toBe(204);
    expect((await call('GET', `${checks}/${id}`)).status).toBe(404);
    expect((await call('DELETE', `${checks}/${id}`)).status).toBe(404);
    const again = await call('POST', checks, { body: { ...shop, name: 'removed' } });
    expect([again.json.id, again.headers.etag]).toEqual([id, '"3"']);
  });

  it('DELETE with a revision that passed answers 412 and removes nothing', async () => {
    const id = await made('kept');
    expect((await call('DELETE', `${checks}/${id}`, { headers: { 'if-match': '"9"' } })).status).toBe(412);
    expect((await call('GET', `${checks}/${id}`)).status).toBe(200);
  });
});

describe('secrets in a check (fault 29)', () => {
  it('are hidden in every answer, and writing back what was read keeps them', async () => {
    const config = { headers: { Authorization: 'Bearer canary-7f3a', accept: 'text/html' } };
    const made = await call('POST', checks, { body: { ...shop, name: 'secretive', config } });
    const id = String(made.json.id);
    expect(made.text).not.toContain('canary');
    expect(made.json.config?.headers).toEqual({ Authorization: '[hidden]', accept: 'text/html' });
    const body = { type: 'http', target: shop.target, interval: 10, config: made.json.config };
    const replaced = await call('PUT', `${checks}/${id}`, { body });
    expect([replaced.status, replaced.text.includes('canary')]).toEqual([200, false]);
    const stored = await cloud.state.get(checkKey(id));
    expect(stored?.definition).toMatchObject({ config, intervalSeconds: 10 });
  });

  it.each([
    'X-Auth-Key',
    'Ocp-Apim-Subscription-Key',
    'x-functions-key',
    'X-Access-Key',
    'X-Session-Id',
    'X-Auth-Email',
    'X-JWT',
    'X-Passphrase',
  ])('the header %s is one', async (name) => {
    const config = { headers: { [name]: 'canary-2b' } };
    const made = await call('POST', checks, { body: { ...shop, name: `secret ${name}`, config } });
    expect([made.status, made.text.includes('canary')]).toEqual([201, false]);
  });

  it('do not follow a check to another target', async () => {
    const config = { headers: { 'X-Api-Key': 'canary-9' } };
    const made = await call('POST', checks, { body: { ...shop, name: 'moving', config } });
    const body = { type: 'http', target: 'https://evil.example.com/', config: made.json.config };
    const moved = await call('PUT', `${checks}/${made.json.id}`, { body });
    expect([moved.status, moved.json.errors]).toEqual([
      422,
      [{ path: 'config.headers.X-Api-Key', message: expect.any(String) }],
    ]);
  });
});

describe('listing checks', () => {
  it('pages through all of them once, in the same order, with opaque cursors', async () => {
    for (const deploymentId of ['list-a', 'list-b', 'list-c']) {
      await call('POST', '/api/monitoring/register', { body: { deploymentId } });
      for (const name of ['one', 'two', 'three'])
        await call('POST', checks, { body: { ...shop, deploymentId, name } });
    }
    const whole = await call('GET', `${checks}?limit=200`);
    const all = itemsOf(whole).map((item) => item.id);
    expect(whole.json.next).toBeNull();
    const paged: unknown[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `${checks}?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.status).toBe(200);
      expect(itemsOf(page).length).toBeLessThanOrEqual(2);
      paged.push(...itemsOf(page).map((item) => item.id));
      cursor = String(page.json.next ?? '');
      expect(Buffer.from(cursor, 'base64url').toString()).not.toContain('#');
    } while (cursor);
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(9);
  });

  it.each([
    ['deploymentId=list-a', ['one', 'three', 'two']],
    ['deploymentId=list-a&type=tcp', []],
    ['deploymentId=list-a&type=http&status=unknown', ['one', 'three', 'two']],
    ['deploymentId=list-a&status=healthy', []],
    ['deploymentId=list-b&managedBy=file', []],
    ['deploymentId=unregistered', []],
    ['tag=team:a', ['shop']],
    ['tag=team', ['shop']],
    ['tag=team:b', []],
  ])('the filter %s finds %j', async (filter, names) => {
    const found = await call('GET', `${checks}?${filter}`);
    expect(
      itemsOf(found)
        .map((item) => String(item.name))
        .sort(),
    ).toEqual(names);
  });

  it('a tag whose name has colons is found with its value', async () => {
    const tags = { 'team:eu': 'a:b' };
    await call('POST', checks, { body: { ...shop, name: 'colons', tags } });
    for (const tag of ['team:eu', 'team:eu:a:b']) {
      const found = await call('GET', `${checks}?tag=${encodeURIComponent(tag)}`);
      expect(itemsOf(found).map((item) => item.name)).toEqual(['colons']);
    }
  });

  it('a token for one deployment sees, changes and removes only that (fault 33)', async () => {
    const token = await tokenWith(['read', 'write'], ['list-a']);
    const mine = itemsOf(await call('GET', checks, { token }));
    expect(new Set(mine.map((item) => item.deploymentId))).toEqual(new Set(['list-a']));
    expect(mine).toHaveLength(3);
    const foreign = itemsOf(await call('GET', `${checks}?deploymentId=list-b`))[0];
    const path = `${checks}/${foreign?.id}`;
    const asked = await Promise.all([
      call('GET', path, { token }),
      call('PUT', path, { token, body: shop }),
      call('DELETE', path, { token }),
      call('GET', `${path}/results`, { token }),
      call('GET', `${checks}?deploymentId=list-b`, { token }),
      call('GET', '/api/monitoring/deployments/list-b', { token }),
      call('POST', checks, { token, body: { ...shop, deploymentId: 'list-b', name: 'foreign' } }),
      call('POST', checks, { token, body: { ...shop, name: 'in default' } }),
    ]);
    expect(asked.map((answered) => answered.status)).toEqual([404, 404, 404, 404, 404, 404, 404, 404]);
    const missing = await call('GET', `${checks}/${'0'.repeat(24)}`, { token });
    expect({ ...missing.json, instance: '' }).toEqual({ ...asked[0]?.json, instance: '' });
  });
});

const itemsOf = (answered: { readonly json: unknown }): readonly Record<string, unknown>[] =>
  (answered.json as { items: Record<string, unknown>[] }).items;

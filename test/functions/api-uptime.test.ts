import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkKey } from '../../shared/health/check.ts';
import { emptyHead } from '../../shared/health/head.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { keepResults, writeHead, writePlan } from '../../shared/health/telemetry.ts';
import { planOf, seen, slotResults, stateOf } from '../domain/health/builders.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const shard = 'home.public.60.0';
const minute = 60_000;
const lastSlot = Math.floor(Date.now() / minute) * minute - minute;
const checks = '/api/v1/monitoring/health-checks';
const evil = '</text><script>alert(1)</script>&"\'';

let cloud: Cloud;
let ids: Record<'open' | 'closed' | 'evil', string>;

const create = async (body: object): Promise<string> => {
  const made = await call('POST', checks, {
    body: { deploymentId: 'shop', type: 'http', target: 'https://shop.example.com/', ...body },
  });
  expect(made.status, made.text).toBe(201);
  return String(made.json.id);
};

beforeAll(async () => {
  cloud = await startCloud();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
  ids = {
    open: await create({ name: 'web', isPublic: true }),
    closed: await create({ name: 'db' }),
    evil: await create({ name: evil, isPublic: true }),
  };
  const placedAt = lastSlot - 3 * 3_600_000;
  const all = [
    { no: 1, id: ids.open, name: 'web' },
    { no: 2, id: ids.closed, name: 'db' },
    { no: 3, id: ids.evil, name: evil },
  ];
  for (const { no, id } of all) {
    const set = { createdAt: placedAt, placements: [{ shard, no, revision: 1, placedAt }] };
    await cloud.state.update(checkKey(id), { set });
  }
  const plan = planOf(
    shard,
    all.map(({ no }) => no),
    Object.fromEntries(all.map(({ no, id, name }) => [no, { id, name, placedAt }])),
  );
  await writePlan(cloud.telemetry, plan, 'plan');
  await listShard(cloud.telemetry, plan);
  const states = new Map(
    [
      stateOf({ at: lastSlot, looks: 10, failedLooks: 2, responseTimeMs: 45 }),
      stateOf({
        at: lastSlot,
        status: 'unhealthy',
        known: 'unhealthy',
        looks: 7,
        failedLooks: 7,
        responseTimeMs: null,
      }),
      stateOf({ at: lastSlot, looks: 1, failedLooks: 0 }),
    ].map((state, at) => [at + 1, state] as const),
  );
  await writeHead(
    cloud.telemetry,
    { ...emptyHead(shard), version: 1, slotAt: lastSlot, checks: states },
    'head',
  );
  // Ten minutes: the first two were down.
  for (let at = 0; at < 10; at++) {
    const down = { status: 'unhealthy', reason: 'got 503', phases: { total: 20 } } as const;
    const web = seen(1, at < 2 ? down : { phases: { total: 40 } });
    const slotAt = lastSlot - (9 - at) * minute;
    await keepResults(
      cloud.telemetry,
      { ...slotResults(shard, slotAt, []), seen: [web] },
      slotAt / 1000 + 86_400,
    );
  }
});
afterAll(() => cloud.close());

type Period = {
  period: string;
  uptimePercent: number;
  coveragePercent: number;
  downtimeSeconds: number;
  responseTimeMs: object;
};
const periodsOf = (answered: { readonly json: unknown }) => (answered.json as { periods: Period[] }).periods;

describe('the uptime of a check', () => {
  it('is told over five periods, a gap as less coverage', async () => {
    const read = await call('GET', `${checks}/${ids.open}/uptime`);
    expect(read.status, read.text).toBe(200);
    expect(periodsOf(read).map(({ period }) => period)).toEqual(['24h', '7d', '30d', '90d', '365d']);
    for (const told of periodsOf(read)) {
      expect(told).toMatchObject({
        uptimePercent: expect.closeTo(80, 0),
        downtimeSeconds: 120,
        responseTimeMs: { average: 36, p50: 40, p95: 40, p99: 40 },
      });
      // Ten minutes of three hours.
      expect(told.coveragePercent).toBeGreaterThan(4);
      expect(told.coveragePercent).toBeLessThan(7);
    }
  });

  it('is null while nothing is known', async () => {
    const read = await call('GET', `${checks}/${ids.closed}/uptime`);
    expect(periodsOf(read)[0]).toMatchObject({
      uptimePercent: null,
      coveragePercent: 0,
      responseTimeMs: null,
    });
  });

  it('needs the scope read, and the check within reach', async () => {
    const path = `${checks}/${ids.open}/uptime`;
    expectProblem(await call('GET', path, { token: null }), 401);
    expectProblem(await call('GET', path, { token: await tokenWith(['write']) }), 403);
    expectProblem(await call('GET', path, { token: await tokenWith(['read'], ['elsewhere']) }), 404);
    expectProblem(await call('GET', `${checks}/${'0'.repeat(24)}/uptime`), 404);
  });
});

describe('a badge', () => {
  const badge = (id: string, query = '') => call('GET', `${checks}/${id}/badge.svg${query}`, { token: null });

  it.each([
    ['', 'web', 'healthy'],
    ['?metric=uptime&period=30d', 'web uptime 30d', '80 %'],
    ['?metric=latency', 'web response time 24h', '36 ms'],
    ['?label=Shop', 'Shop', 'healthy'],
  ])('%s of a public check says %s: %s, without a token', async (query, label, message) => {
    const drawn = await badge(ids.open, query);
    expect(drawn.status, drawn.text).toBe(200);
    expect(drawn.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'cache-control': 'public, max-age=60',
      'x-content-type-options': 'nosniff',
    });
    expect(drawn.text).toMatch(/^<svg /);
    expect(drawn.text).toContain(`<title>${label}: ${message}</title>`);
  });

  it('of a check that is not public, of none, and of a wrong id are alike', async () => {
    const [closed, none] = [await badge(ids.closed), await badge('0'.repeat(24))];
    expectProblem(closed, 404);
    expectProblem(none, 404);
    const { instance: _mine, ...told } = closed.json;
    const { instance: _other, ...same } = none.json;
    expect(told).toEqual(same);
    expectProblem(await badge('not-an-id'), 404);
  });

  it('is the same 404 with a token that reaches the check: public is what everybody sees', async () => {
    expectProblem(await call('GET', `${checks}/${ids.closed}/badge.svg`), 404);
  });

  it.each([
    ['a name', () => badge(ids.evil)],
    ['a label', () => badge(ids.open, `?label=${encodeURIComponent(evil)}`)],
  ])('shows markup in %s as text', async (_what, draw) => {
    const drawn = await draw();
    expect(drawn.status, drawn.text).toBe(200);
    expect(drawn.text).not.toContain('<script');
    expect(drawn.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
  });

  it.each([
    '?metric=x',
    '?period=1d',
    '?label=',
    `?label=${'x'.repeat(61)}`,
    '?label=a%0ab',
    '?style=plastic',
  ])('refuses %s', async (query) => {
    expectProblem(await badge(ids.open, query), 422);
  });
});

describe('GET /metrics', () => {
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('is Prometheus text with a counter of looks and one of failures a check', async () => {
    const read = await call('GET', '/metrics');
    expect([read.status, read.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const lines = linesOf(read.text);
    expect(lines).toEqual(
      expect.arrayContaining([
        'health_checks_total{deployment="shop",check="web",type="http"} 10',
        'health_check_failures_total{deployment="shop",check="web",type="http"} 2',
        'health_check_failures_total{deployment="shop",check="db",type="http"} 7',
        'health_check_status{deployment="shop",check="web",type="http"} 1',
        'health_check_status{deployment="shop",check="db",type="http"} 0',
        'health_check_response_time_seconds{deployment="shop",check="web",type="http"} 0.045',
        'health_checks_by_status{deployment="shop",type="http",status="healthy"} 2',
        'health_checks_by_status{deployment="shop",type="http",status="unhealthy"} 1',
      ]),
    );
    expect(read.text).toContain('# TYPE health_checks_total counter');
    // What was not answered has no response time.
    expect(lines.join('\n')).not.toContain('response_time_seconds{deployment="shop",check="db"');
    // Names are labels' values: quotes and backslashes in them are escaped.
    expect(read.text).toContain(`check="</text><script>alert(1)</script>&\\"'"`);
  });

  it('tells only of what the token reaches', async () => {
    const read = await call('GET', '/metrics', { token: await tokenWith(['read'], ['elsewhere']) });
    expect([read.status, linesOf(read.text)]).toEqual([200, []]);
  });

  it('needs the scope read', async () => {
    expectProblem(await call('GET', '/metrics', { token: null }), 401);
    expectProblem(await call('GET', '/metrics', { token: await tokenWith(['write']) }), 403);
  });
});

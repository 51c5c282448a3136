import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { checkKey } from '../../shared/health/check.ts';
import { emptyHead } from '../../shared/health/head.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { keepResults, writeHead, writePlan } from '../../shared/health/telemetry.ts';
import { setStop } from '../../shared/remediation/stop-switch.ts';
import { planOf, seen, slotResults, stateOf } from '../domain/health/builders.ts';
import { type Answered, call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const shard = 'home.public.60.0';
const minute = 60_000;
const hourMs = 60 * minute;
const checks = '/api/v1/monitoring/health-checks';
const changes = '/api/v1/monitoring/changes';
/** The tenth minute of the running hour, or of the last one: all looks below lie in one hour. */
const now = Date.now();
const hourAt = Math.floor((now - 15 * minute) / hourMs) * hourMs;
const looks = Array.from({ length: 10 }, (_, at) => hourAt + at * minute);

let cloud: Cloud;
let ids: Record<'shop' | 'other', string>;

const folded = async (version: number, at: number) => {
  const checksOf = new Map([1, 2].map((no) => [no, stateOf({ at, responseTimeMs: 40 + version })]));
  const head = { ...emptyHead(shard), version, slotAt: at, planVersion: 1, checks: checksOf };
  await writeHead(cloud.telemetry, head, `${version}`);
};

beforeAll(async () => {
  cloud = await startCloud();
  const create = async (deploymentId: string): Promise<string> => {
    await call('POST', '/api/monitoring/register', { body: { deploymentId } });
    const body = { deploymentId, name: 'web', type: 'http', target: 'https://shop.example.com/' };
    const made = await call('POST', checks, { body });
    expect(made.status, made.text).toBe(201);
    return String(made.json.id);
  };
  ids = { shop: await create('shop'), other: await create('other') };
  const placedAt = hourAt - 3 * hourMs;
  const placed = [
    { no: 1, id: ids.shop, deploymentId: 'shop' },
    { no: 2, id: ids.other, deploymentId: 'other' },
  ];
  for (const { no, id } of placed) {
    const set = { createdAt: placedAt, placements: [{ shard, no, revision: 1, placedAt }] };
    await cloud.state.update(checkKey(id), { set });
  }
  const given = Object.fromEntries(placed.map(({ no, ...fields }) => [no, { ...fields, placedAt }]));
  const plan = planOf(shard, [1, 2], given);
  await writePlan(cloud.telemetry, plan, 'plan');
  await listShard(cloud.telemetry, plan);
  await folded(1, looks.at(-1) ?? hourAt);
  for (const [at, slotAt] of looks.entries()) {
    const isDown = at < 2;
    const look = isDown
      ? { status: 'unhealthy' as const, reason: 'got 503', phases: { total: 20 } }
      : { phases: { total: 40 } };
    const results = { ...slotResults(shard, slotAt, []), seen: [seen(1, look)] };
    await keepResults(cloud.telemetry, results, slotAt / 1000 + 86_400);
  }
});
afterAll(() => cloud.close());

describe("a request's own token", () => {
  const own = (token?: string | null) =>
    call('GET', '/api/v1/monitoring/tokens/self', token === undefined ? {} : { token });

  it('is told what it may do, the first one too', async () => {
    expect((await own()).json).toEqual({
      principal: 'admin',
      name: null,
      scopes: ['read', 'write', 'operate', 'ingest', 'admin'],
      deployments: '*',
      expiresAt: null,
    });
  });

  test.each([['read'], ['write'], ['operate'], ['ingest'], ['admin']])(
    'is told to a token with nothing but the scope %s',
    async (scope) => {
      const answered = await own(await tokenWith([scope], ['shop']));
      expect(answered.status, answered.text).toBe(200);
      expect(answered.json).toEqual({
        principal: expect.stringMatching(/^token:[0-9a-f]{24}$/),
        name: 'test',
        scopes: [scope],
        deployments: ['shop'],
        expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });
    },
  );

  it('is told to nobody without a valid token', async () => {
    expectProblem(await own(null), 401);
    expectProblem(await own('hst_wrong'), 401);
  });
});

type Changed = {
  readonly cursor: string;
  readonly topics: readonly string[];
  readonly statuses: readonly { readonly id: string }[];
};
const changed = (answered: Answered): Changed => answered.json as unknown as Changed;
const poll = async (cursor?: string, token?: string): Promise<Changed> => {
  const path = cursor === undefined ? changes : `${changes}?cursor=${encodeURIComponent(cursor)}`;
  const answered = await call('GET', path, token === undefined ? {} : { token });
  expect(answered.status, answered.text).toBe(200);
  return changed(answered);
};

describe('what changed', () => {
  it('is told once, with how the checks within reach stand now', async () => {
    const token = await tokenWith(['read'], ['shop']);
    const first = await poll(undefined, token);
    expect(first).toMatchObject({ topics: [], statuses: [], pollAfterSeconds: 4 });
    const at = (looks.at(-1) ?? 0) + minute;
    await folded(2, at);
    await setStop(cloud.state, { isOn: true, by: 'admin', reason: 'a test', at });
    const second = await poll(first.cursor, token);
    expect(second.topics).toEqual(['stop']);
    expect(second.statuses.map(({ id }) => id)).toEqual([ids.shop]);
    expect(second.statuses[0]).toMatchObject({ lastChecked: new Date(at).toISOString() });
    expect(await poll(second.cursor, token)).toMatchObject({ topics: [], statuses: [] });
  });

  it('is everything for a cursor of somewhere else', async () => {
    const { topics, statuses } = await poll('abc');
    expect(topics).toHaveLength(14);
    expect(statuses.map(({ id }) => id).sort()).toEqual([ids.shop, ids.other].sort());
  });

  it('needs the scope read', async () => {
    expectProblem(await call('GET', changes, { token: await tokenWith(['write']) }), 403);
  });
});

describe('the strips of checks', () => {
  const strips = (query: string, token?: string) =>
    call('GET', `${checks}/strips?ids=${query}`, token === undefined ? {} : { token });
  type Strip = { readonly id: string; readonly statuses: unknown[]; readonly uptimePercents: unknown[] };

  it('are 24 hours, the worst of each, with its uptime; null where nothing was looked at', async () => {
    const answered = await strips(`${ids.shop},${ids.other}`);
    expect(answered.status, answered.text).toBe(200);
    const { items, from, bucketSeconds } = answered.json as unknown as {
      items: Strip[];
      from: string;
      bucketSeconds: number;
    };
    expect(bucketSeconds).toBe(3600);
    const [shop, other] = items;
    const at = (hourAt - Date.parse(from)) / hourMs;
    expect(shop?.statuses).toEqual(Array.from({ length: 24 }, (_, i) => (i === at ? 'unhealthy' : null)));
    expect(shop?.uptimePercents).toEqual(Array.from({ length: 24 }, (_, i) => (i === at ? 80 : null)));
    expect(other?.statuses).toEqual(Array.from({ length: 24 }, () => null));
  });

  it('are left out for what is not there or out of reach', async () => {
    const token = await tokenWith(['read'], ['shop']);
    const answered = await strips(`${ids.shop},${ids.other},${'0'.repeat(24)}`, token);
    expect((answered.json as unknown as { items: Strip[] }).items.map(({ id }) => id)).toEqual([ids.shop]);
  });

  it.each([
    ['no id', ''],
    ['what is no id', 'nonsense'],
    ['101 ids', Array.from({ length: 101 }, (_, at) => String(at).padStart(24, '0')).join(',')],
  ])('of %s are refused', async (_what, query) => {
    const problem = await strips(query);
    expectProblem(problem, 422);
    expect(problem.json.errors).toMatchObject([{ path: expect.stringMatching(/^ids/) }]);
  });
});

describe('the history of a check', () => {
  type Point = { readonly at: string; readonly uptimePercent: number | null };
  const history = async (period: string) => {
    const answered = await call('GET', `${checks}/${ids.shop}/history?period=${period}`);
    expect(answered.status, answered.text).toBe(200);
    return answered.json as unknown as { bucketSeconds: number; points: Point[] };
  };

  it('is told hour by hour up to a week, with percentiles', async () => {
    for (const period of ['24h', '7d']) {
      const { bucketSeconds, points } = await history(period);
      expect(bucketSeconds).toBe(3600);
      // Made three hours before, and nothing is told from before that.
      expect(points[0]?.at).toBe(new Date(hourAt - 3 * hourMs).toISOString());
      expect(points.find(({ at }) => at === new Date(hourAt).toISOString())).toMatchObject({
        uptimePercent: 80,
        downtimeSeconds: 120,
        maintenanceSeconds: 0,
        knownSeconds: 600,
        p50: 40,
        p95: 40,
        p99: 40,
      });
      expect(points[0]).toMatchObject({ uptimePercent: null, knownSeconds: 0, p50: null });
    }
  });

  it('is told day by day beyond, the running day included', async () => {
    for (const period of ['30d', '90d', '365d']) {
      const { bucketSeconds, points } = await history(period);
      expect(bucketSeconds).toBe(86_400);
      const day = `${new Date(hourAt).toISOString().slice(0, 10)}T00:00:00.000Z`;
      expect(points.find(({ at }) => at === day)).toMatchObject({ uptimePercent: 80, downtimeSeconds: 120 });
    }
  });

  it('of a check out of reach is not there', async () => {
    const token = await tokenWith(['read'], ['shop']);
    expectProblem(await call('GET', `${checks}/${ids.other}/history`, { token }), 404);
    expectProblem(await call('GET', `${checks}/${ids.shop}/history?period=2h`), 422);
  });
});

describe('what Homeostat costs', () => {
  const cost = async (token?: string) => {
    const answered = await call('GET', '/api/v1/monitoring/costs/self', token === undefined ? {} : { token });
    expect(answered.status, answered.text).toBe(200);
    return answered.json as unknown as {
      restingUsd: number;
      projectedMonthUsd: number;
      monthToDateUsd: number;
      looks: number;
      basis: string;
    };
  };

  it('is the resting stack and the checks, the month to date a part of that, and says what it is not', async () => {
    const told = await cost();
    // Two checks each minute of a month of 30 days.
    expect(told).toMatchObject({ restingUsd: 3, looks: 86_400 });
    expect(told.projectedMonthUsd).toBeGreaterThan(3);
    expect(told.projectedMonthUsd).toBeLessThan(3.3);
    // Four hours at most, of at least 28 days.
    expect(told.monthToDateUsd).toBeGreaterThan(0);
    expect(told.monthToDateUsd).toBeLessThan(0.03);
    expect(told.basis).toContain('not a bill');
  });

  it('counts for a token only the checks that it reaches, and says so', async () => {
    const told = await cost(await tokenWith(['read'], ['shop']));
    expect(told.looks).toBe(43_200);
    expect(told.basis).toContain('deployments that this token reaches');
  });
});

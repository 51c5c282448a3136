import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkKey } from '../../shared/health/check.ts';
import { toResultsItem } from '../../shared/health/slot-results.ts';
import { encodeCursor } from '../../shared/platform/api/cursor.ts';
import { call } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const shard = 'home.public.60.0';
const minute = 60_000;
const lastSlot = Math.floor(Date.now() / minute) * minute;
const slots = Array.from({ length: 7 }, (_, at) => lastSlot - at * minute);
const iso = (at: number | undefined) => new Date(at ?? 0).toISOString();

let cloud: Cloud;
let path: string;

beforeAll(async () => {
  cloud = await startCloud();
  const body = { name: 'seen', type: 'http', target: 'https://shop.example.com/' };
  const id = String((await call('POST', '/api/v1/monitoring/health-checks', { body })).json.id);
  path = `/api/v1/monitoring/health-checks/${id}/results`;
  const placements = [{ shard, no: 3, revision: 1, placedAt: lastSlot - 3_600_000 }];
  await cloud.state.update(checkKey(id), { set: { placements } });
  for (const at of slots) {
    const isDown = at === lastSlot;
    const result = {
      no: 3,
      rev: 1,
      status: isDown ? ('unhealthy' as const) : ('healthy' as const),
      reason: isDown ? 'expected status 200-299, got 503' : null,
      phases: { dns: 2, total: 41 },
      attempts: isDown ? 2 : 1,
      statusCode: isDown ? 503 : 200,
    };
    const neighbour = {
      no: 4,
      rev: 1,
      status: 'unhealthy' as const,
      reason: 'a neighbour',
      phases: {},
      attempts: 1,
    };
    const run = { shard, at, planVersion: 1, attempt: 'a', loopDelayMs: 0, seen: [result, neighbour] };
    await cloud.telemetry.put(toResultsItem(run, Math.floor(at / 1000) + 3 * 86_400));
  }
});
afterAll(() => cloud.close());

const items = (answered: { readonly json: unknown }) => (answered.json as { items: { at: string }[] }).items;

describe('the results of a check', () => {
  it('are its own only, the newest first, with all that was seen', async () => {
    const read = await call('GET', path);
    expect(items(read).map(({ at }) => at)).toEqual(slots.map(iso));
    expect(items(read)[0]).toEqual({
      at: iso(lastSlot),
      status: 'unhealthy',
      responseTime: 41,
      reason: 'expected status 200-299, got 503',
      phases: { dns: 2, total: 41 },
      attempts: 2,
      statusCode: 503,
    });
    expect(read.text).not.toContain('neighbour');
  });

  it('come page by page, each once', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `${path}?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(page.status, page.text).toBe(200);
      expect(items(page).length).toBeLessThanOrEqual(3);
      seen.push(...items(page).map(({ at }) => at));
      cursor = page.json.next === null ? '' : String(page.json.next);
    } while (cursor);
    expect(seen).toEqual(slots.map(iso));
  });

  it('can be asked for a period, both ends included', async () => {
    const read = await call('GET', `${path}?from=${iso(slots[4])}&to=${iso(slots[2])}`);
    expect(items(read).map(({ at }) => at)).toEqual([slots[2], slots[3], slots[4]].map(iso));
  });

  it.each(['2400-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'a period that ends far in the future (%s) is one until now',
    async (to) => {
      const read = await call('GET', `${path}?from=${iso(slots[1])}&to=${to}`);
      expect([read.status, items(read).map(({ at }) => at)]).toEqual([200, [slots[0], slots[1]].map(iso)]);
    },
  );

  it('a period that ends before it begins is refused', async () => {
    const read = await call('GET', `${path}?from=${iso(slots[1])}&to=${iso(slots[3])}`);
    expect([read.status, read.json.code]).toEqual([422, 'VALIDATION_ERROR']);
  });

  it.each([
    ['another shard', `0 ${lastSlot} other-shard/3/R#0000000000000`, 422],
    ['another check of the shard', `0 ${lastSlot} ${shard}/4/R#0000000000000`, 422],
    ['a place before the period', `${lastSlot} ${lastSlot} ${shard}/3/R#0000000000000`, 200],
    ['a place behind the period', `0 ${lastSlot} ${shard}/3/ZZZ`, 200],
    ['the head of the shard', `0 ${lastSlot} ${shard}/3/HEAD`, 200],
    ['no place', `0 ${lastSlot} x`, 422],
    ['no period', `${shard}/3/R#0000000000000`, 400],
  ])(
    'a made-up cursor that points at %s breaks nothing and shows nothing else',
    async (_, position, status) => {
      const read = await call('GET', `${path}?cursor=${encodeCursor(position)}`);
      expect(read.status, read.text).toBe(status);
      expect(read.text).not.toContain('neighbour');
    },
  );
});

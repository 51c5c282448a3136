import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createNamed } from '../../shared/catalog/index.ts';
import { type CheckRecord, checkKey } from '../../shared/health/check.ts';
import { emptyHead } from '../../shared/health/head.ts';
import { dayKey } from '../../shared/health/keys.ts';
import { toDayItem } from '../../shared/health/rollup/day.ts';
import { latencyOf } from '../../shared/health/rollup/latency.ts';
import { noSeconds } from '../../shared/health/rollup/tally.ts';
import { keepResults, writeHead } from '../../shared/health/telemetry.ts';
import { type Incident, incidentIdOf, newIncident } from '../../shared/incidents/incident.ts';
import { noneLeft } from '../../shared/incidents/left.ts';
import { writeIncident } from '../../shared/incidents/store.ts';
import { keepEntry } from '../../shared/incidents/timeline.ts';
import { type StatusPageDefinition, statusPageKind } from '../../shared/status-pages/index.ts';
import { openPublicPages } from '../../shared/status-pages/public/pages.ts';
import { type Capacity, type Item, openTable, type Table } from '../../shared/storage/index.ts';
import { checkRecord, slotResults, stateOf } from '../domain/health/builders.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const minute = 60_000;
const day = 86_400_000;
const started = Date.parse('2026-11-02T12:00:00Z');
const shard = 'home.public.60.0';

describe('a public status page in the tables', () => {
  let engine: Engine;
  let state: Table;
  let telemetry: Table;
  let now = started;
  let isDown = false;
  let ids = 0;
  const used: Capacity[] = [];
  const units = async (work: () => Promise<unknown>): Promise<number> => {
    used.length = 0;
    await work();
    return used.reduce((sum, { units: consumed }) => sum + consumed, 0);
  };
  const twenty = Array.from({ length: 20 }, (_, at) => at + 1);
  const checks: readonly CheckRecord[] = twenty.map((no) => ({
    ...checkRecord({
      no,
      shard,
      placedAt: started - 200 * day,
      definition: { deploymentId: 'shop', name: `check-${no}`, isPublic: no !== 20 },
    }),
    createdAt: started - 200 * day,
  }));
  const idOf = (no: number): string => checks[no - 1]?.id ?? '';

  const putHead = (at: number, down: readonly number[], version: number) =>
    writeHead(
      telemetry,
      {
        ...emptyHead(shard),
        version,
        slotAt: at,
        planVersion: 1,
        checks: new Map(
          twenty.map((no) => [
            no,
            stateOf({ at, since: at, status: down.includes(no) ? 'unhealthy' : 'healthy' }),
          ]),
        ),
      },
      `attempt-${version}`,
    );
  const putIncident = async (given: Partial<Incident>, openedAt: number): Promise<Incident> => {
    const id = incidentIdOf(openedAt, `${(++ids).toString(16).padStart(12, '0')}`);
    const fresh = newIncident({
      id,
      groupKey: `deployment:${id}`,
      deploymentId: 'shop',
      title: 'secret',
      severity: 'error',
      openedAt,
    });
    const incident = { ...fresh, ...given };
    await writeIncident(state, incident, noneLeft, { attempt: `${ids}`, now });
    return incident;
  };
  const definition: StatusPageDefinition = {
    slug: 'shop',
    name: 'Shop status',
    timeZone: 'UTC',
    isPublished: true,
    groups: [
      {
        name: 'All',
        checks: twenty.map((no) => ({ deploymentId: 'shop', name: `check-${no}`, label: `System ${no}` })),
      },
    ],
  };
  const failing = (table: Table): Table =>
    new Proxy(table, {
      get: (target, name, receiver) =>
        isDown
          ? () => Promise.reject(new Error('ProvisionedThroughputExceededException'))
          : Reflect.get(target, name, receiver),
    });
  const open = () =>
    openPublicPages({ state: failing(state), telemetry: failing(telemetry), clock: () => now });

  beforeAll(async () => {
    engine = await startEngine();
    await Promise.all([createTable(engine.client, 'state'), createTable(engine.client, 'telemetry')]);
    const options = { client: engine.client, onCapacity: (capacity: Capacity) => used.push(capacity) };
    state = openTable('state', () => now, options);
    telemetry = openTable('telemetry', () => now, options);
    const place = { accountId: '123456789012', region: 'eu-central-1' };
    const world = { state, clock: () => now, newId: () => `id-${++ids}`, place };
    await createNamed(world, statusPageKind, definition, { by: 'admin' });
    await createNamed(
      world,
      statusPageKind,
      { ...definition, slug: 'draft', isPublished: false },
      { by: 'admin' },
    );
    for (const check of checks) await state.put({ ...checkKey(check.id), v: 1, ...check } as unknown as Item);
    for (const { id } of checks) {
      for (let ago = 1; ago < 90; ago++) {
        const dayAt = Date.parse('2026-11-02') - ago * day;
        const seconds = {
          ...noSeconds,
          healthy: 86_400 - (ago === 3 ? 600 : 0),
          unhealthy: ago === 3 ? 600 : 0,
        };
        const latency = latencyOf(Array.from({ length: 60 }, (_, at) => 40 + ((at * 7) % 90)));
        const made = { checkId: id, dayAt, version: 1, shards: [shard], tally: { seconds, latency } };
        await telemetry.put({ ...toDayItem(made), ...dayKey(id, dayAt) });
      }
    }
    await putHead(started, [], 1);
    for (let ago = 0; ago < 70; ago++) {
      await keepResults(
        telemetry,
        slotResults(shard, started - ago * minute, twenty),
        started / 1000 + 86_400,
      );
    }
    for (let at = 0; at < 10; at++) {
      const openedAt = started - at * day - minute;
      const affected = { [idOf(2)]: { at: openedAt, isDown: true, clearedAt: openedAt + minute } };
      const { id } = await putIncident(
        { affected, status: 'resolved', resolvedAt: openedAt + minute },
        openedAt,
      );
      await keepEntry(state, id, { id: '1', at: openedAt, kind: 'opened', text: 'inner', by: null });
    }
  }, 60_000);
  beforeEach(() => {
    now = started;
    isDown = false;
  });
  afterAll(() => engine.stop());

  test('of twenty checks costs at most 100 read units cold, none for half a minute, 5 after it, and 60 when the day that runs is read anew', async () => {
    const pages = open();
    const cold = await units(() => pages.page('shop'));
    expect(cold).toBeGreaterThan(20);
    expect(cold).toBeLessThanOrEqual(100);
    expect(await units(() => Promise.all([pages.page('shop'), pages.page('shop')]))).toBe(0);
    now += 30_000;
    const warm = await units(() => pages.page('shop'));
    expect(warm).toBeGreaterThan(0);
    expect(warm).toBeLessThanOrEqual(5);
    now += 5 * minute;
    const anew = await units(() => pages.page('shop'));
    expect(anew).toBeLessThanOrEqual(60);
  });

  test('shows the checks that are public with their days, and the one that is not nowhere', async () => {
    const { value } = await open().page('shop');
    const components = value?.groups[0]?.components ?? [];
    expect(components.map(({ label }) => label)).toEqual(twenty.slice(0, 19).map((no) => `System ${no}`));
    expect(components[0]).toMatchObject({ state: 'operational', uptimePercent: 99.9922 });
    expect(components[0]?.bars).toHaveLength(90);
    expect(components[0]?.bars.at(-4)).toMatchObject({ downtimeSeconds: 600, uptimePercent: 99.3055 });
    expect(value?.past).toHaveLength(10);
    expect(value?.past[0]?.title).toBe('System 2 is down');
  });

  test('asks of a check whose days it knows only those since, and the days stay the same', async () => {
    const pages = open();
    const before = (await pages.page('shop')).value?.groups[0]?.components[0]?.bars ?? [];
    now += day + 6 * minute;
    const cost = await units(() => pages.page('shop'));
    const after = (await pages.page('shop')).value?.groups[0]?.components[0]?.bars ?? [];
    expect(after.slice(0, 88)).toEqual(before.slice(1, 89));
    expect(cost).toBeLessThan(80);
  });

  test('that is a draft, of a wrong name, or nobody’s is not there', async () => {
    const pages = open();
    for (const slug of ['draft', 'nobody', '../shop', '<img>', 'S', '', 'a'.repeat(41)]) {
      expect(await pages.page(slug)).toEqual({ value: undefined });
      expect(await pages.month(slug, undefined)).toEqual({ value: undefined });
    }
    expect((await pages.list()).value.map(({ slug }) => slug)).toEqual(['shop']);
  });

  test('that cannot be read is the last one, with since when; where there is none it is an error', async () => {
    const pages = open();
    const first = await pages.page('shop');
    isDown = true;
    now += 10 * minute;
    expect(await pages.page('shop')).toEqual({ value: first.value, staleSince: started });
    await expect(open().page('shop')).rejects.toThrow('Throughput');
  });

  test('leaves out a check that is no longer public also while only the health of the others cannot be read', async () => {
    const check = checks[5];
    if (!check) throw new Error('there are twenty');
    let isBlind = false;
    const blind = new Proxy(telemetry, {
      get: (target, name, receiver) =>
        isBlind ? () => Promise.reject(new Error('throttled')) : Reflect.get(target, name, receiver),
    });
    const pages = openPublicPages({ state, telemetry: blind, clock: () => now });
    const labels = async () =>
      (await pages.page('shop')).value?.groups[0]?.components.map(({ label }) => label);
    const put = (isPublic: boolean) =>
      state.put({
        ...checkKey(check.id),
        v: 1,
        ...check,
        definition: { ...check.definition, isPublic },
      } as unknown as Item);
    expect(await labels()).toContain('System 6');
    isBlind = true;
    try {
      await put(false);
      now += 2 * minute;
      expect((await labels().catch(() => [])) ?? []).not.toContain('System 6');
    } finally {
      await put(true);
    }
  });

  test('of a month shows what began in it by the clock of the page, and no month is there before anything can be kept or after this one', async () => {
    const pages = open();
    const october = await pages.month('shop', '2026-10');
    expect(october.value).toMatchObject({ month: '2026-10', before: '2026-09', after: '2026-11' });
    expect(october.value?.incidents).toHaveLength(8);
    expect((await pages.month('shop', undefined)).value).toMatchObject({ month: '2026-11' });
    for (const month of ['2026-12', '2025-08', '2026-13', '2026-1', "2026-10'"]) {
      expect((await pages.month('shop', month)).value).toBeUndefined();
    }
  });

  test('of a month has what began in it for the public, also when the incident opened in the month before', async () => {
    const openedAt = Date.parse('2026-10-31T23:50:00Z');
    const startedAt = Date.parse('2026-11-01T00:05:00Z');
    const affected = { [idOf(3)]: { at: startedAt, isDown: true, clearedAt: startedAt + minute } };
    await putIncident({ affected, status: 'resolved', resolvedAt: startedAt + minute }, openedAt);
    const pages = open();
    const startsIn = async (month: string) =>
      (await pages.month('shop', month)).value?.incidents.map((one) => one.startedAt);
    expect(await startsIn('2026-11')).toContain(startedAt);
    expect(await startsIn('2026-10')).not.toContain(startedAt);
  });

  test('shows what was published late on an incident whose timeline is long', async () => {
    const openedAt = started - 2 * minute;
    const affected = { [idOf(4)]: { at: openedAt, isDown: true, clearedAt: openedAt + minute } };
    const { id } = await putIncident(
      { affected, status: 'resolved', resolvedAt: openedAt + minute },
      openedAt,
    );
    const entry = (at: number, kind: 'told' | 'published', text: string) =>
      keepEntry(state, id, { id: `${at}`, at, kind, text, by: null });
    await Promise.all(Array.from({ length: 600 }, (_, at) => entry(openedAt + at, 'told', 'inner')));
    await entry(openedAt + 5000, 'published', 'A repair is under way.');
    const { value } = await open().page('shop');
    const own = value?.past.find(({ title }) => title === 'System 4 is down');
    expect(own?.updates.map(({ text }) => text)).toEqual([
      'This incident is resolved.',
      'A repair is under way.',
      'We are investigating.',
    ]);
  });

  test('shows within a minute what is published of a resolved incident, also when it looked between the write and the timeline', async () => {
    const openedAt = started - 60 * minute;
    const affected = { [idOf(7)]: { at: openedAt, isDown: true, clearedAt: openedAt + minute } };
    const { id } = await putIncident(
      {
        affected,
        status: 'resolved',
        resolvedAt: openedAt + minute,
        lastSaid: { key: 'k', at: started },
      },
      openedAt,
    );
    const pages = open();
    const told = async () =>
      (await pages.page('shop')).value?.past
        .find(({ title }) => title === 'System 7 is down')
        ?.updates.map(({ text }) => text);
    expect(await told()).not.toContain('It was the disk.');
    await keepEntry(state, id, {
      id: '2.0',
      at: started,
      kind: 'published',
      text: 'It was the disk.',
      by: 'ada',
    });
    now += 30_000;
    expect(await told()).toContain('It was the disk.');
  });

  test('knows an incident that began before the last 14 days while its check is still not well', async () => {
    const openedAt = started - 30 * day;
    const { id } = await putIncident(
      { affected: { [idOf(5)]: { at: openedAt, isDown: true } }, firing: 1 },
      openedAt,
    );
    await state.put({
      pk: `FIRES#${idOf(5)}`,
      sk: 'alert',
      v: 1,
      seq: 1,
      incidentId: id,
      state: 'firing',
      ruleType: 'downtime',
    });
    now += minute;
    await putHead(now, [5], 2);
    const { value } = await open().page('shop');
    expect(value?.overall).toEqual({ state: 'down', sentence: 'Some systems are down' });
    expect(value?.open.map(({ title, startedAt }) => [title, startedAt])).toEqual([
      ['System 5 is down', openedAt],
    ]);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { SeriesQuery } from '../../../shared/alerting/series.ts';
import { type CheckDefinition, checkIdOf, checkKey, type Placement } from '../../../shared/health/check.ts';
import { emptyHead, toHeadItem } from '../../../shared/health/head.ts';
import { planKey } from '../../../shared/health/keys.ts';
import { sumHour, toHourItem } from '../../../shared/health/rollup/hour.ts';
import { openHealthSight } from '../../../shared/health/series.ts';
import { type Seen, toResultsItem } from '../../../shared/health/slot-results.ts';
import type { Item } from '../../../shared/storage/index.ts';
import { memoryTable } from '../incidents/memory.ts';
import { checkRecord, noon, seen, stateOf } from './builders.ts';

const minute = 60_000;
const shard = 'home.public.60.0';
let now = noon;
let queries: string[] = [];
let state: ReturnType<typeof memoryTable>;
let telemetry: ReturnType<typeof memoryTable>;
beforeEach(() => {
  now = noon;
  queries = [];
  state = memoryTable(() => now);
  telemetry = memoryTable(
    () => now,
    (what) => {
      if (what.startsWith('before query')) queries.push(what.slice('before query '.length));
    },
  );
});
const open = () => openHealthSight({ state, telemetry, clock: () => now });

type Given = {
  no: number;
  name: string;
  placements?: readonly Placement[];
  pausedAt?: number;
  deletedAt?: number;
} & {
  definition?: Partial<CheckDefinition>;
};
const save = async ({ no, name, definition, ...given }: Given) => {
  const record = checkRecord({
    no,
    shard,
    placedAt: noon - 86_400_000,
    definition: { name, ...definition },
    ...given,
  });
  const times = { createdAt: noon - 5 * 86_400_000, updatedAt: noon - 86_400_000 };
  await state.put({ ...checkKey(record.id), v: 1, ...record, ...times } as unknown as Item);
  return record.id;
};
const keep = (at: number, looks: readonly Seen[], given: { shard?: string; runId?: string } = {}) => {
  const results = { shard, at, planVersion: 1, attempt: 'a', loopDelayMs: 0, ...given, seen: looks };
  return telemetry.put(toResultsItem(results, Math.floor(at / 1000) + 3 * 86_400));
};
const took = (no: number, total: number, given: Partial<Seen> = {}) =>
  seen(no, { phases: { total }, ...given });

const selector = { deploymentId: 'shop' };
const range = { fromAt: noon - 5 * minute, toAt: noon };
const read = async (
  series: string,
  sight = open(),
  asked: Omit<SeriesQuery, 'series'> = { selector, ...range },
) => {
  const [answer = []] = await sight.read([{ series, ...asked }]);
  return Object.fromEntries(
    answer.map(({ subject, points }) => [subject.name, points.map(({ value }) => value)]),
  );
};

describe('series of checks, from the results of slots', () => {
  beforeEach(async () => {
    await save({ no: 1, name: 'home' });
    await keep(noon - 5 * minute, [took(1, 900)]);
    await keep(noon - 4 * minute, [took(1, 100)]);
    await keep(noon - 3 * minute, [took(1, 200, { status: 'degraded', reason: 'slow' })]);
    await keep(noon - 2 * minute, [took(1, 30, { status: 'unhealthy', reason: 'answered 503' })]);
    await keep(noon - minute, [seen(1, { status: 'unhealthy', reason: 'refused', phases: {} })]);
    await keep(noon, [took(1, 300)]);
    await keep(noon + minute, [took(1, 999)]);
  });

  test.each([
    ['check.response_time_ms', [100, 200, 30, 300]],
    ['check.failure', [0, 0, 1, 1, 0]],
    ['check.up', [1, 1, 0, 0, 1]],
    ['orders_per_minute', undefined],
  ])('%s has a point a look after the beginning, up to the end', async (series, values) => {
    expect((await read(series)).home).toEqual(values);
  });

  test('a look that is unknown, blind, in maintenance or asked for by people says nothing', async () => {
    await keep(noon - 4 * minute, [took(1, 1, { status: 'unknown', reason: 'our own fault' })]);
    await keep(noon - 3 * minute, [took(1, 2, { inMaintenance: true })]);
    await keep(noon - 2 * minute, [took(1, 3, { status: 'unknown', isBlind: true })]);
    await keep(noon - 30_000, [took(1, 4)], { runId: 'run-1' });
    expect((await read('check.response_time_ms')).home).toEqual([300]);
    expect((await read('check.up')).home).toEqual([0, 1]);
  });

  test('a check without any point is there with none; one that is paused or removed is not there', async () => {
    await save({ no: 2, name: 'silent' });
    await save({ no: 3, name: 'paused', pausedAt: noon });
    await save({ no: 4, name: 'removed', deletedAt: noon });
    expect(await read('check.up')).toEqual({ home: [1, 1, 0, 0, 1], silent: [] });
  });

  test.each([
    [{ checks: ['home'] }, ['home']],
    [{ kinds: ['tcp'] }, ['cache']],
    [{ tags: { tier: 'web' } }, ['cache']],
    [{ tags: { tier: 'web' }, kinds: ['http'] }, []],
    [{ deploymentId: 'bank' }, ['vault']],
    [{ deploymentId: null }, ['cache', 'home', 'vault']],
  ])('the selector %j means %j', async (given, names) => {
    await save({ no: 2, name: 'cache', definition: { type: 'tcp', tags: { tier: 'web' } } });
    await save({ no: 3, name: 'vault', definition: { deploymentId: 'bank' } });
    const asked = { selector: { ...selector, ...given }, ...range };
    expect(Object.keys(await read('check.up', open(), asked)).sort()).toEqual(names);
  });

  test('tells how far apart looks are, since when there are any, and what the check hangs on', async () => {
    const parent = { deploymentId: 'net', name: 'gateway' };
    const definition = { parent, tags: { tier: 'web' }, failureThreshold: 4, successThreshold: 2 };
    await save({ no: 1, name: 'home', definition });
    const [[home] = []] = await open().read([{ series: 'check.up', selector, ...range }]);
    expect(home).toMatchObject({
      intervalSeconds: 60,
      since: noon - 86_400_000,
      thresholds: { failureThreshold: 4, successThreshold: 2 },
      subject: {
        key: `check:${checkIdOf('shop', 'home')}`,
        parentCheckId: checkIdOf('net', 'gateway'),
        labels: { deployment: 'shop', check: 'home', type: 'http', 'tag.tier': 'web' },
      },
    });
  });

  test('a check that moved is followed through its shards', async () => {
    const slow = 'home.slow.60.0';
    const placements = [
      { shard: slow, no: 7, revision: 1, placedAt: noon - 2 * minute },
      { shard, no: 1, revision: 1, placedAt: noon - 86_400_000 },
    ];
    await save({ no: 1, name: 'home', placements });
    await keep(noon - 30_000, [took(7, 555)], { shard: slow });
    expect((await read('check.response_time_ms')).home).toEqual([100, 200, 30, 555]);
  });
});

describe('what a warm function remembers', () => {
  test('each shard is read once for all series and rules of an instant', async () => {
    await save({ no: 1, name: 'home' });
    await save({ no: 2, name: 'cache' });
    const sight = open();
    const asked = ['check.up', 'check.failure', 'check.response_time_ms'].map((series) => ({
      series,
      selector,
      ...range,
    }));
    await sight.read([...asked, ...asked]);
    await sight.read(asked);
    expect(queries).toEqual([planKey(shard).pk]);
  });

  test('results that come late are seen at the next reading', async () => {
    await save({ no: 1, name: 'home' });
    await keep(noon - minute, [took(1, 100)]);
    const sight = open();
    expect((await read('check.response_time_ms', sight)).home).toEqual([100]);
    await keep(noon - 2 * minute, [took(1, 50)]);
    await keep(noon + minute, [took(1, 200)]);
    now = noon + minute;
    const later = { selector, fromAt: range.fromAt, toAt: now };
    expect((await read('check.response_time_ms', sight, later)).home).toEqual([50, 100, 200]);
  });

  test('a longer window after a shorter one has all of its points', async () => {
    await save({ no: 1, name: 'home' });
    for (let back = 20; back >= 0; back--) await keep(noon - back * minute, [took(1, back)]);
    const sight = open();
    expect((await read('check.response_time_ms', sight)).home).toEqual([4, 3, 2, 1, 0]);
    const long = { selector, fromAt: noon - 20 * minute, toAt: noon };
    expect((await read('check.response_time_ms', sight, long)).home).toHaveLength(20);
    expect((await read('check.response_time_ms', sight)).home).toEqual([4, 3, 2, 1, 0]);
  });

  test('a new check is seen within a minute', async () => {
    const sight = open();
    expect(await read('check.up', sight)).toEqual({});
    await save({ no: 1, name: 'home' });
    now += 61_000;
    expect(await read('check.up', sight)).toEqual({ home: [] });
  });

  test('a reading that failed is not remembered', async () => {
    await save({ no: 1, name: 'home' });
    await keep(noon, [took(1, 100)]);
    const query = telemetry.query;
    const sight = open();
    telemetry.query = async () => {
      throw new Error('throttled');
    };
    const broken = openHealthSight({ state, telemetry: { ...telemetry }, clock: () => now });
    await expect(read('check.up', broken)).rejects.toThrow('throttled');
    telemetry.query = query;
    expect((await read('check.up', sight)).home).toEqual([1]);
  });
});

describe('before the results that are kept', () => {
  test('hours speak: means and shares, a point at the end of each', async () => {
    const id = await save({ no: 1, name: 'home' });
    const hourMs = 60 * minute;
    const first = Math.floor((noon - 4 * 86_400_000) / hourMs) * hourMs;
    const looks = [
      took(1, 100),
      took(1, 300),
      took(1, 40, { status: 'unhealthy', reason: 'x' }),
      took(1, 360),
    ];
    const results = looks.map((look, index) => ({
      shard,
      at: first + index * minute,
      planVersion: 1,
      attempt: 'a',
      loopDelayMs: 0,
      seen: [look],
    }));
    await telemetry.put(toHourItem(sumHour(shard, first, results, new Map([[1, id]]))));
    const asked = { selector, fromAt: noon - 5 * 86_400_000, toAt: noon };
    await save({
      no: 1,
      name: 'home',
      placements: [{ shard, no: 1, revision: 1, placedAt: noon - 9 * 86_400_000 }],
    });
    const sight = open();
    expect((await read('check.response_time_ms', sight, asked)).home).toEqual([200]);
    expect((await read('check.failure', sight, asked)).home).toEqual([0.25]);
    expect((await read('check.up', sight, asked)).home).toEqual([0.75]);
    const [[series] = []] = await sight.read([{ series: 'check.up', ...asked }]);
    expect(series).toMatchObject({ intervalSeconds: 3600, points: [{ at: first + hourMs }] });
    // An hour is no look.
    expect(series).not.toHaveProperty('thresholds');
  });
});

describe('how checks stand, for rules', () => {
  test('is as events told it last: what is held back is not told yet', async () => {
    await save({ no: 1, name: 'down' });
    await save({ no: 2, name: 'held' });
    await save({ no: 3, name: 'new' });
    const held = { why: 'parent', from: 'healthy', at: noon - 1000, until: 0 } as const;
    const states = new Map([
      [1, stateOf({ status: 'unhealthy', since: noon - 5000, reason: 'refused' })],
      [2, stateOf({ status: 'unhealthy', since: noon - 1000, held })],
    ]);
    await telemetry.put(toHeadItem({ ...emptyHead(shard), version: 1, slotAt: noon, checks: states }, 'a'));
    const statuses = await open().statuses(selector, { fresh: true });
    expect(
      statuses.map(({ subject, status, since, reason }) => [subject.name, status, since, reason]).sort(),
    ).toEqual([
      ['down', 'unhealthy', noon - 5000, 'refused'],
      ['held', 'healthy', noon - 1001, null],
      ['new', 'unknown', noon - 5 * 86_400_000, null],
    ]);
  });
});

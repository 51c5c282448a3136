import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CheckRecord } from '../../shared/health/check.ts';
import { emptyHead, type Head } from '../../shared/health/head.ts';
import { headKey, planKey, resultsKey } from '../../shared/health/keys.ts';
import { readOverview } from '../../shared/health/overview.ts';
import { emptyPlan, type Plan } from '../../shared/health/plan.ts';
import { readResults } from '../../shared/health/results.ts';
import { shardBucketOf, shardIdOf } from '../../shared/health/shard.ts';
import { listShard, shardsIn, shardsOf } from '../../shared/health/shard-list.ts';
import { readStandings } from '../../shared/health/standings.ts';
import {
  keepResults,
  readHead,
  readPlan,
  unfoldedResults,
  writeHead,
  writePlan,
} from '../../shared/health/telemetry.ts';
import { type Capacity, openTable, type Table } from '../../shared/storage/index.ts';
import { checkRecord, noise, planOf, slotResults, stateOf } from '../domain/health/builders.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const slotAt = 1_800_000_020_000;
const expiresAt = slotAt / 1000 + 3 * 86_400;
const hundred = Array.from({ length: 100 }, (_, at) => at + 1);

describe('health in the telemetry table', () => {
  let engine: Engine;
  let telemetry: Table;
  let now = slotAt;
  const used: Capacity[] = [];
  let shards = 0;
  /** A shard of its own for each test. */
  const newShard = () => `home.public.60.${shards++}`;
  const units = async (work: () => Promise<unknown>): Promise<[string, number][]> => {
    used.length = 0;
    await work();
    return used.map(({ operation, units: consumed }) => [operation, consumed]);
  };
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'telemetry');
    telemetry = openTable('telemetry', () => now, {
      client: engine.client,
      onCapacity: (capacity) => used.push(capacity),
    });
  });
  beforeEach(() => {
    now = slotAt;
  });
  afterAll(() => engine.stop());

  /** A head of a hundred healthy checks, as many slots of real latencies leave it. */
  const healthyHead = (shard: string): Head => ({
    ...emptyHead(shard),
    version: 1,
    slotAt,
    planVersion: 1,
    checks: new Map(
      hundred.map((no) => [
        no,
        stateOf({
          at: slotAt,
          since: slotAt - noise(no, 3_000) * 60_000,
          responseTimeMs: 20 + noise(no + 500, 300),
          outcomes: 2 ** 20 + (noise(no, 20) === 0 ? 2 ** noise(no + 700, 20) : 0),
          // Three quarters of the checks were there from the beginning, the others came one by one.
          looks: 40_000 - (noise(no + 800, 4) === 0 ? noise(no + 900, 10_000) : 0),
          failedLooks: noise(no + 600, 3) === 0 ? noise(no + 650, 30) : 0,
        }),
      ]),
    ),
  });
  const healthyPlan = (shard: string): Plan => ({ ...planOf(shard, hundred), planVersion: 1 });

  describe('capacity of each access, for a hundred healthy checks', () => {
    test('a slot costs one write unit for its results and one for the head', async () => {
      const shard = newShard();
      const results = slotResults(shard, slotAt, hundred);
      expect(await units(() => keepResults(telemetry, results, expiresAt))).toEqual([['put', 1]]);
      expect(await units(() => writeHead(telemetry, healthyHead(shard), 'a'))).toEqual([['put', 1]]);
      const next = { ...healthyHead(shard), version: 2 };
      expect(await units(() => writeHead(telemetry, next, 'b'))).toEqual([['put', 1]]);
    });

    test('what a run reads costs three read units: head, plan, results to fold', async () => {
      const shard = newShard();
      await writeHead(telemetry, healthyHead(shard), 'a');
      await writePlan(telemetry, healthyPlan(shard), 'a');
      await keepResults(telemetry, slotResults(shard, slotAt + 60_000, hundred), expiresAt);
      expect(await units(() => readHead(telemetry, shard))).toEqual([['get', 1]]);
      expect(await units(() => readPlan(telemetry, shard))).toEqual([['get', 1]]);
      expect(await units(() => unfoldedResults(telemetry, shard, slotAt))).toEqual([['query', 1]]);
    });

    test('a plan costs two write units, its line in the list of shards one', async () => {
      const plan = healthyPlan(newShard());
      expect(await units(() => writePlan(telemetry, plan, 'a'))).toEqual([['put', 2]]);
      expect(await units(() => listShard(telemetry, plan))).toEqual([['put', 1]]);
    });

    test('standings of a hundred checks cost half a read unit, for all lie in one head', async () => {
      const shard = newShard();
      await writeHead(telemetry, healthyHead(shard), 'a');
      const records = hundred.map((no) => checkRecord({ no, shard }));
      expect(await units(() => readStandings(telemetry, records, now))).toEqual([['batchGet', 0.5]]);
    });

    test('an hour of results of one check costs an eighth of a read unit a slot, in one query', async () => {
      const shard = newShard();
      const slots = Array.from({ length: 60 }, (_, at) => slotAt - at * 60_000);
      await Promise.all(
        slots.map((slot) => keepResults(telemetry, slotResults(shard, slot, hundred), expiresAt)),
      );
      const record = checkRecord({ no: 7, shard, placedAt: slotAt - 86_400_000 });
      const asked = { from: 0, to: slotAt, limit: 60 };
      expect(await units(() => readResults(telemetry, record, asked))).toEqual([['query', 7.5]]);
      expect((await readResults(telemetry, record, asked)).results).toHaveLength(60);
    });
  });

  describe('compare and set', () => {
    test('results of a slot are kept once: who comes second leaves the first ones', async () => {
      const shard = newShard();
      await keepResults(telemetry, { ...slotResults(shard, slotAt, [1]), attempt: 'first' }, expiresAt);
      await keepResults(telemetry, { ...slotResults(shard, slotAt, [1]), attempt: 'second' }, expiresAt);
      const [results] = (await unfoldedResults(telemetry, shard, 0)).results;
      expect(results?.attempt).toBe('first');
    });

    test('of two heads made from the same version one is written', async () => {
      const shard = newShard();
      expect(await writeHead(telemetry, { ...emptyHead(shard), version: 1 }, 'a')).toBe('written');
      const outcomes = await Promise.all(
        ['b', 'c'].map((attempt) => writeHead(telemetry, { ...emptyHead(shard), version: 2 }, attempt)),
      );
      expect(outcomes.sort()).toEqual(['conflict', 'written']);
    });

    test('of two first plans one is written', async () => {
      const plan = { ...emptyPlan(newShard()), planVersion: 1 };
      const outcomes = await Promise.all(['a', 'b'].map((attempt) => writePlan(telemetry, plan, attempt)));
      expect(outcomes.sort()).toEqual(['conflict', 'written']);
    });

    test.each([
      {
        item: 'head',
        write: (table: Table, shard: string) => writeHead(table, { ...emptyHead(shard), version: 1 }, 'x'),
      },
      {
        item: 'plan',
        write: (table: Table, shard: string) =>
          writePlan(table, { ...emptyPlan(shard), planVersion: 1 }, 'x'),
      },
    ])('a $item whose acknowledgement was lost counts as written (fault 5)', async ({ write }) => {
      const unlucky: Table = {
        ...telemetry,
        put: async (...put) => {
          await telemetry.put(...put);
          return telemetry.put(...put);
        },
      };
      expect(await write(unlucky, newShard())).toBe('written');
    });
  });

  describe('order and time', () => {
    test('unfolded results come in the order of their instants, run-nows between the slots', async () => {
      const shard = newShard();
      const put = (at: number, runId?: string) =>
        keepResults(telemetry, { ...slotResults(shard, at, [1]), ...(runId && { runId }) }, expiresAt);
      await put(slotAt + 60_000);
      await put(slotAt, 'same-instant');
      await put(slotAt + 10_000, 'later');
      await put(slotAt);
      await put(slotAt - 60_000);
      const { results: found } = await unfoldedResults(telemetry, shard, slotAt);
      expect(found.map(({ at, runId }) => [at - slotAt, runId])).toEqual([
        [0, 'same-instant'],
        [10_000, 'later'],
        [60_000, undefined],
      ]);
    });

    test('results that have expired are neither folded nor shown', async () => {
      const shard = newShard();
      await keepResults(telemetry, slotResults(shard, slotAt, [1]), expiresAt);
      const asked = { from: 0, to: slotAt, limit: 10 };
      const record = checkRecord({ no: 1, shard, placedAt: slotAt });
      expect((await readResults(telemetry, record, asked)).results).toHaveLength(1);
      now = expiresAt * 1000;
      expect((await readResults(telemetry, record, asked)).results).toEqual([]);
      expect(await unfoldedResults(telemetry, shard, 0)).toEqual({ results: [], isAll: true });
    });

    test('plan and head never expire', async () => {
      const shard = newShard();
      await writeHead(telemetry, healthyHead(shard), 'a');
      await writePlan(telemetry, healthyPlan(shard), 'a');
      now = slotAt + 10 * 365 * 86_400_000;
      for (const key of [headKey(shard), planKey(shard)]) {
        expect((await telemetry.get(key))?.expiresAt).toBeUndefined();
      }
      expect((await readHead(telemetry, shard)).checks.size).toBe(100);
    });

    test('pages of results join through two shards, newest first', async () => {
      const [old, fresh] = [newShard(), newShard()];
      const movedAt = slotAt - 150_000;
      for (const at of [-300_000, -240_000, -180_000]) {
        await keepResults(telemetry, slotResults(old, slotAt + at, [4]), expiresAt);
      }
      for (const at of [-120_000, -60_000, 0]) {
        await keepResults(telemetry, slotResults(fresh, slotAt + at, [9]), expiresAt);
      }
      const record: CheckRecord = {
        ...checkRecord({ no: 9, shard: fresh, placedAt: movedAt }),
        placements: [
          { shard: fresh, no: 9, revision: 2, placedAt: movedAt },
          { shard: old, no: 4, revision: 1, placedAt: slotAt - 400_000 },
        ],
      };
      const got: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await readResults(telemetry, record, {
          from: 0,
          to: slotAt,
          limit: 2,
          ...(cursor !== undefined && { cursor }),
        });
        got.push(...page.results.map((result) => result.at - slotAt));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(got).toEqual([0, -60_000, -120_000, -180_000, -240_000, -300_000]);
    });

    test('a cursor that is none of this check is refused', async () => {
      const asked = { from: 0, to: slotAt, limit: 2, cursor: 'home.public.60.99/1/' };
      const record = checkRecord({ no: 1, shard: newShard() });
      await expect(readResults(telemetry, record, asked)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    });
  });

  describe('the list of shards', () => {
    test('a thousand shards spread evenly over the eight partitions (fault 8)', () => {
      const counts = Array.from({ length: 8 }, () => 0);
      const group = { location: 'home', class: 'public', intervalSeconds: 60 } as const;
      for (let number = 0; number < 1000; number++) {
        const bucket = shardBucketOf(shardIdOf(group, number));
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      for (const count of counts) expect(count).toBeGreaterThan(95);
      for (const count of counts) expect(count).toBeLessThan(160);
    });

    test('a newer plan replaces an older one in the list, never the other way round (fault 2)', async () => {
      const plan = planOf('home.public.20.0', [1, 2]);
      await listShard(telemetry, { ...plan, planVersion: 5 });
      await listShard(telemetry, { ...plan, planVersion: 4, entries: [] });
      const [listed] = await shardsOf(telemetry, { location: 'home', class: 'public', intervalSeconds: 20 });
      expect(listed).toMatchObject({ shard: 'home.public.20.0', planVersion: 5, active: 2, entries: 2 });
    });

    test('the shards of a group are found, and no others whose interval begins alike', async () => {
      await listShard(telemetry, { ...planOf('home.public.30.0', [1]), planVersion: 1 });
      await listShard(telemetry, { ...planOf('home.public.30.1', [1]), planVersion: 1 });
      await listShard(telemetry, { ...planOf('home.public.300.0', [1]), planVersion: 1 });
      const found = await shardsOf(telemetry, { location: 'home', class: 'public', intervalSeconds: 30 });
      expect(found.map(({ shard }) => shard).sort()).toEqual(['home.public.30.0', 'home.public.30.1']);
    });

    test('a partition is read page by page to its end', async () => {
      const bucket = shardBucketOf('home.vpc.600.0');
      const group = { location: 'home', class: 'vpc', intervalSeconds: 600 } as const;
      const mine = Array.from({ length: 60 }, (_, number) => shardIdOf(group, number));
      await Promise.all(mine.map((shard) => listShard(telemetry, { ...planOf(shard, [1]), planVersion: 1 })));
      const small = {
        query: (query: Parameters<Table['query']>[0]) => telemetry.query({ ...query, limit: 3 }),
      };
      const got: string[] = [];
      for await (const page of shardsIn(small, bucket, { group }))
        got.push(...page.map(({ shard }) => shard));
      expect(got.sort()).toEqual(mine.filter((shard) => shardBucketOf(shard) === bucket).sort());
    });
  });

  test('the overview counts the listed shards, and only the deployments asked for', async () => {
    const shard = 'home.public.86400.0';
    const blog = { deploymentId: 'blog' };
    const plan = planOf(shard, [1, 2, 3], {
      1: blog,
      2: { ...blog, paused: true },
      3: { deploymentId: 'other' },
    });
    await writePlan(telemetry, { ...plan, planVersion: 1 }, 'a');
    const down = stateOf({
      status: 'unhealthy',
      known: 'unhealthy',
      since: slotAt - 5000,
      reason: 'connect ECONNREFUSED',
    });
    await writeHead(
      telemetry,
      {
        ...healthyHead(shard),
        checks: new Map([
          [1, down],
          [3, stateOf({})],
        ]),
      },
      'a',
    );
    await listShard(telemetry, { ...plan, planVersion: 1 });
    const overview = await readOverview(telemetry, now, ['blog']);
    expect(overview.checks).toEqual({ total: 2, healthy: 0, degraded: 0, unhealthy: 1, unknown: 1 });
    expect(overview.unhealthy).toEqual([
      {
        checkId: expect.any(String),
        deploymentId: 'blog',
        name: 'check-1',
        reason: 'connect ECONNREFUSED',
        since: slotAt - 5000,
      },
    ]);
    const other = await readOverview(telemetry, now, ['other']);
    expect(other.checks).toEqual({ total: 1, healthy: 1, degraded: 0, unhealthy: 0, unknown: 0 });
  });

  test('keys are those of the table in keys.ts', () => {
    expect(resultsKey('home.public.60.0', 1_800_000_020_000)).toEqual({
      pk: 'S#home.public.60.0',
      sk: 'R#1800000020000',
    });
    expect(resultsKey('home.public.60.0', 20_000, 'abc').sk).toBe('R#0000000020000#run#abc');
    expect(planKey('home.public.60.0')).toEqual({ pk: 'S#home.public.60.0', sk: 'PLAN' });
    expect(headKey('home.public.60.0')).toEqual({ pk: 'S#home.public.60.0', sk: 'HEAD' });
  });
});

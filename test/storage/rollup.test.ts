import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckRecord, Placement } from '../../shared/health/check.ts';
import { dayKey, hourKey } from '../../shared/health/keys.ts';
import { addToDay, fromDayItem } from '../../shared/health/rollup/day.ts';
import { rollUp } from '../../shared/health/rollup/index.ts';
import { latencyOf } from '../../shared/health/rollup/latency.ts';
import { noSeconds } from '../../shared/health/rollup/tally.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { slotsBetween } from '../../shared/health/slots.ts';
import { keepResults, writePlan } from '../../shared/health/telemetry.ts';
import { readUptime } from '../../shared/health/uptime-history.ts';
import type { CheckStatus } from '../../shared/platform/events.ts';
import { type Capacity, type Item, openTable, type Table } from '../../shared/storage/index.ts';
import { checkRecord, noise, planOf, seen, slotResults } from '../domain/health/builders.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const midnight = Date.parse('2027-01-15T00:00:00Z');
const settled = 600_000;
const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
/** Around 120 ms, now and then a second and a half, different in each slot. */
const latencyAt = (no: number, at: number): number => {
  const chance = noise(no * 7919 + at / 1000, 1000);
  return chance > 990 ? 1500 : 60 + noise(no, 100) + Math.round(((chance % 100) * (chance % 37)) / 40);
};

describe('rollups in the telemetry table', () => {
  let engine: Engine;
  let telemetry: Table;
  let now = midnight;
  const used: Capacity[] = [];
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'telemetry');
    telemetry = openTable('telemetry', () => now, {
      client: engine.client,
      onCapacity: (capacity) => used.push(capacity),
    });
  });
  afterAll(() => engine.stop());

  /** A shard with these checks; a single one is called `id`, for days are the check's, wherever it is. */
  const plan = async (shard: string, nos: readonly number[], id?: string) => {
    const given = Object.fromEntries(nos.map((no) => [no, id === undefined ? {} : { id }]));
    const made = { ...planOf(shard, nos, given), planVersion: 1 };
    await writePlan(telemetry, made, shard);
    await listShard(telemetry, made);
  };
  type Look = { readonly status?: CheckStatus; readonly ms?: number; readonly inMaintenance?: boolean };
  /** Results of each slot with from ≤ slot < until; `lookAt` tells what a check saw, undefined for a gap. */
  const look = async (
    shard: string,
    [from, until]: readonly [number, number],
    nos: readonly number[],
    lookAt: (at: number, no: number) => Look | undefined = () => ({}),
  ) => {
    for (const at of slotsBetween(shard, from, until)) {
      const all = nos.flatMap((no) => {
        const one = lookAt(at, no);
        if (one === undefined) return [];
        const { status = 'healthy', ms = latencyAt(no, at), inMaintenance } = one;
        const reason = status === 'healthy' ? null : 'so';
        return [seen(no, { status, reason, phases: { total: ms }, ...(inMaintenance && { inMaintenance }) })];
      });
      if (all.length === 0) continue;
      await keepResults(telemetry, { ...slotResults(shard, at, []), seen: all }, at / 1000 + 3 * 86_400);
    }
  };
  const roll = (at: number) => {
    now = at;
    return rollUp({ telemetry, clock: () => now, until: Number.POSITIVE_INFINITY });
  };
  const record = (id: string, placements: readonly Placement[], createdAt: number): CheckRecord => ({
    ...checkRecord({ placements }),
    id,
    createdAt,
  });
  const placed = (shard: string, placedAt: number, no = 1): Placement => ({
    shard,
    no,
    revision: 1,
    placedAt,
  });
  const uptime = async (check: CheckRecord, at: number) => {
    now = at;
    const periods = await readUptime(telemetry, check, at);
    return Object.fromEntries(periods.map((period) => [period.period, period]));
  };
  const bytes = (item: Item | undefined): number =>
    Object.entries(item ?? {}).reduce(
      (sum, [name, value]) =>
        sum + name.length + (value instanceof Uint8Array ? value.length : JSON.stringify(value).length),
      0,
    );

  describe('size and capacity, for a hundred checks each minute', () => {
    const shard = 'home.public.60.900';

    test('an hour is one item of at most 5 KB, a day one write unit a check', async () => {
      await plan(shard, hundred);
      await look(shard, [midnight - hourMs, midnight], hundred);
      used.length = 0;
      expect(await roll(midnight + settled)).toMatchObject({ shards: 1, hours: 1, days: 100 });
      const writes = used.filter(({ operation }) => operation === 'put').map(({ units }) => units);
      const hour = await telemetry.get(hourKey(shard, midnight - hourMs));
      expect(bytes(hour)).toBeLessThan(5 * 1024);
      expect(Math.max(...writes)).toBeLessThanOrEqual(5);
      // The hour, a hundred days, and how far it came.
      expect(writes).toHaveLength(102);
      expect(writes.filter((units) => units === 1)).toHaveLength(101);
    });

    test('a shard at rest costs its two notes and two empty queries', async () => {
      used.length = 0;
      await roll(midnight + settled);
      const reads = used.filter(({ operation }) => operation !== 'query');
      expect(reads.map(({ operation }) => operation)).toEqual(['batchGet']);
      expect(used.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(8);
    });
  });

  test('two runs at once add a part of a day once, and parts of two shards add up', async () => {
    const part = (shard: string, milliseconds: number[]) => ({
      checkId: 'moved',
      dayAt: midnight,
      shard,
      tally: { seconds: { ...noSeconds, healthy: 600 }, latency: latencyOf(milliseconds) },
    });
    const [first, second] = [part('home.public.60.1', [10, 20]), part('home.slow.60.0', [4000])];
    await Promise.all([first, second, first, second].map((one) => addToDay(telemetry, one)));
    const item = await telemetry.get(dayKey('moved', midnight), { consistent: true });
    expect(item && fromDayItem('moved', item)).toMatchObject({
      version: 2,
      tally: { seconds: { healthy: 1200 }, latency: { count: 3, sumMs: 4030, minMs: 10, maxMs: 4000 } },
    });
  });

  describe('the uptime of one check', () => {
    const shard = 'home.public.600.0';
    const [offset = 0] = slotsBetween(shard, 0, 600_000);
    const begin = midnight + 10 * dayMs;
    const noon = begin + 2 * dayMs + 12 * hourMs;

    test('is the same before its hours and days are made, half-way, and after', async () => {
      await plan(shard, [1], 'web');
      const down = [begin + dayMs + 6 * hourMs, begin + dayMs + 8 * hourMs] as const;
      await look(shard, [begin, noon], [1], (at) => ({
        status: at >= down[0] && at < down[1] ? 'unhealthy' : 'healthy',
        ms: 40,
      }));
      const check = record('web', [placed(shard, begin)], begin);
      const at = noon + offset;
      const told = async () => (await uptime(check, at))['7d'];
      await roll(begin + dayMs + settled);
      await roll(noon - 4 * hourMs + settled);
      const halfway = await told();
      await roll(noon + settled);
      // 60 hours, of which two were down.
      expect(await told()).toMatchObject({
        uptimePercent: 96.6666,
        coveragePercent: 100,
        downtimeSeconds: 7200,
        responseTimeMs: { average: 40, p50: 40, p95: 40, p99: 40 },
      });
      expect(await told()).toEqual(halfway);
    });

    test('over 24 hours ends with the results of the last minutes', async () => {
      const check = record('web', [placed(shard, begin)], begin);
      const [last = 0] = slotsBetween(shard, noon, noon + 600_000);
      await look(shard, [last, last + 1], [1], () => ({ status: 'unhealthy', ms: 40 }));
      // Five minutes after that look; the two hours down were more than 24 hours ago.
      expect((await uptime(check, last + 300_000))['24h']).toMatchObject({ downtimeSeconds: 300 });
    });

    test('a gap is missing in the coverage, not in the uptime; unknown and maintenance as documented', async () => {
      const own = 'home.public.600.1';
      await plan(own, [1], 'gappy');
      // Four parts of six hours: healthy, gap, unknown, maintenance in which it was down.
      const parts: readonly (Look | undefined)[] = [
        {},
        undefined,
        { status: 'unknown' },
        { status: 'unhealthy', inMaintenance: true },
      ];
      const lookAt = (at: number) => parts[Math.floor((at - begin) / (6 * hourMs))];
      await look(own, [begin, begin + dayMs], [1], lookAt);
      const check = record('gappy', [placed(own, begin)], begin);
      const { '24h': direct } = await uptime(check, begin + 6 * hourMs);
      expect(direct).toMatchObject({ uptimePercent: 100, coveragePercent: 100 });
      await roll(begin + dayMs + settled);
      const [first = 0] = slotsBetween(own, begin, begin + hourMs);
      // Due since the first slot; two minutes may be on their way. (6 h known) / (24 h − 6 h of maintenance) = a third.
      const at = first + dayMs + 120_000;
      const { '7d': told } = await uptime(check, at);
      expect(told).toMatchObject({
        uptimePercent: 100,
        coveragePercent: 33.3333,
        downtimeSeconds: 0,
        maintenanceSeconds: 21_600,
      });
    });

    test('goes on through the shards it moved between, each minute once', async () => {
      const [before, after] = ['home.public.600.2', 'home.slow.600.0'];
      await plan(before, [1], 'moved-on');
      await plan(after, [5], 'moved-on');
      const movedAt = begin + 10 * hourMs;
      await look(before, [begin, movedAt], [1]);
      await look(after, [movedAt, begin + dayMs], [5], () => ({ status: 'unhealthy' }));
      const check = record('moved-on', [placed(after, movedAt, 5), placed(before, begin)], begin);
      const hours = await uptime(check, begin + dayMs);
      await roll(begin + dayMs + settled);
      const made = await uptime(check, begin + dayMs + settled);
      const slots = (shardOf: string, from: number, until: number) =>
        slotsBetween(shardOf, from, until).length;
      const [up, down] = [slots(before, begin, movedAt), slots(after, movedAt, begin + dayMs)];
      expect(made['7d']?.uptimePercent).toBe(Math.floor((up / (up + down)) * 1e6) / 1e4);
      expect(made['30d']?.downtimeSeconds).toBe(down * 600);
      expect(made['24h']?.downtimeSeconds).toBe(down * 600);
      // Before the hours are made, the last six are read as they are.
      expect(hours['24h']?.downtimeSeconds).toBeLessThanOrEqual(7 * 3600);
    });

    test('counts nothing of a check of the same name that was there before it was made', async () => {
      const own = 'home.public.600.3';
      await plan(own, [1], 'again');
      await look(own, [begin, begin + dayMs], [1], () => ({ status: 'unhealthy' }));
      await roll(begin + dayMs + settled);
      const anew = record('again', [placed(own, begin + 2 * dayMs)], begin + 2 * dayMs);
      expect((await uptime(anew, begin + 2 * dayMs + hourMs))['365d']).toMatchObject({
        uptimePercent: null,
        coveragePercent: 0,
      });
    });
  });
});

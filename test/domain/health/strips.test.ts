import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckRecord, Placement } from '../../../shared/health/check.ts';
import { checkKey } from '../../../shared/health/check.ts';
import { readDayBars } from '../../../shared/health/day-bars.ts';
import { readPoints } from '../../../shared/health/history.ts';
import { rollUp } from '../../../shared/health/rollup/index.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { type Seen, toResultsItem } from '../../../shared/health/slot-results.ts';
import { slotsBetween } from '../../../shared/health/slots.ts';
import { readCheckStrips } from '../../../shared/health/strips.ts';
import { writePlan } from '../../../shared/health/telemetry.ts';
import { readUptime } from '../../../shared/health/uptime-history.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import type { Value } from '../../../shared/storage/table.ts';
import { checkRecord, planOf, seen, slotResults } from './builders.ts';
import { memoryTable } from './memory-table.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const minute = 60_000;
const midnight = Date.parse('2027-01-15T00:00:00Z');
const shard = 'home.public.600.0';

const openWorld = async () => {
  const [state, table] = [memoryTable(), memoryTable()];
  const plan = async (name: string) => {
    const made = { ...planOf(name, [1, 2]), planVersion: 1 };
    await writePlan(table, made, name);
    await listShard(table, made);
  };
  await plan(shard);
  const look = async (from: number, until: number, at: (slot: number) => Partial<Seen>, name = shard) => {
    for (const slot of slotsBetween(name, from, until)) {
      const given = at(slot);
      const one = seen(1, {
        ...given,
        reason: given.status === 'healthy' ? null : 'so',
        phases: { total: 40 },
      });
      await table.put(
        toResultsItem({ ...slotResults(name, slot, []), seen: [one] }, slot / 1000 + 30 * 86_400),
      );
    }
  };
  const register = async (placements: readonly Placement[], createdAt: number): Promise<CheckRecord> => {
    const record = { ...checkRecord({ placements }), createdAt };
    await state.put({
      ...checkKey(record.id),
      v: 1,
      ...(record as unknown as Readonly<Record<string, Value>>),
    });
    return record;
  };
  const roll = (now: number) =>
    rollUp({ telemetry: table, clock: () => now, until: Number.POSITIVE_INFINITY });
  const strip = async (id: string, now: number, isAnew = false) => {
    const telemetry = isAnew ? { ...table } : table;
    const { strips } = await readCheckStrips({ state, telemetry }, now, { ids: [id], reach: '*' });
    return strips[0];
  };
  return { state, table, plan, look, register, roll, strip };
};

const placed = (name: string, placedAt: number): Placement => ({ shard: name, no: 1, revision: 1, placedAt });
const hours = (given: Readonly<Record<number, string | number>>) =>
  Array.from({ length: 24 }, (_, at) => given[at] ?? null);

describe('a strip', () => {
  test.each([
    // Six looks an hour.
    [['healthy', 'healthy', 'healthy', 'healthy', 'healthy', 'healthy'], 'healthy', 100],
    [['healthy', 'degraded', 'healthy', 'healthy', 'healthy', 'healthy'], 'degraded', 100],
    [['healthy', 'degraded', 'unhealthy', 'healthy', 'healthy', 'healthy'], 'unhealthy', 83.3333],
    [['unknown', 'unknown', 'healthy', 'unknown', 'unknown', 'unknown'], 'healthy', 100],
    [['unknown', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown'], 'unknown', null],
    [
      ['maintenance', 'maintenance', 'maintenance', 'maintenance', 'maintenance', 'unknown'],
      'maintenance',
      null,
    ],
    [
      ['maintenance', 'unhealthy', 'maintenance', 'maintenance', 'maintenance', 'maintenance'],
      'unhealthy',
      0,
    ],
  ] as const)('%j is told as %s, uptime %s', async (looks, status, percent) => {
    const { look, register, strip } = await openWorld();
    const { id } = await register([placed(shard, midnight - dayMs)], midnight - dayMs);
    await look(midnight - hourMs, midnight, (slot) => {
      const one = looks[Math.floor((slot - midnight + hourMs) / (10 * minute))] ?? 'unknown';
      return one === 'maintenance' ? { status: 'unhealthy', inMaintenance: true } : { status: one };
    });
    // The last hour is the 23rd of 24, the running one the 24th.
    expect(await strip(id, midnight + minute)).toEqual({
      id,
      statuses: hours({ 22: status }),
      uptimePercents: hours(percent === null ? {} : { 22: percent }),
    });
  });

  test('goes through all shards that the check was in', async () => {
    const { look, register, strip, plan } = await openWorld();
    const newer = 'home.public.60.0';
    await plan(newer);
    const movedAt = midnight - 90 * minute;
    const record = await register(
      [placed(newer, movedAt), placed(shard, midnight - dayMs)],
      midnight - dayMs,
    );
    await look(midnight - 3 * hourMs, movedAt, () => ({ status: 'healthy' }));
    await look(movedAt, midnight, () => ({ status: 'unhealthy' }), newer);
    const told = await strip(record.id, midnight + minute);
    expect(told?.statuses).toEqual(hours({ 20: 'healthy', 21: 'unhealthy', 22: 'unhealthy' }));
    // Half an hour of each: three looks of ten minutes, thirty of one.
    expect(told?.uptimePercents).toEqual(hours({ 20: 100, 21: 50, 22: 0 }));
  });

  test('begins anew with a check that was removed and made again: its places are those of before', async () => {
    const { look, register, strip } = await openWorld();
    const madeAt = midnight - 90 * minute;
    const record = await register(
      [{ ...placed(shard, madeAt), no: 2 }, placed(shard, midnight - dayMs)],
      madeAt,
    );
    await look(midnight - 5 * hourMs, midnight - 3 * hourMs, () => ({ status: 'unhealthy' }));
    const told = await strip(record.id, midnight + minute);
    expect(told).toMatchObject({ statuses: hours({}), uptimePercents: hours({}) });
  });

  test('a process that remembers what it read tells the same as one that does not, whatever was summed up between', async () => {
    const statuses = fc.constantFrom<CheckStatus>('healthy', 'degraded', 'unhealthy', 'unknown');
    const step = fc.record({
      minutes: fc.integer({ min: 2, max: 200 }),
      status: statuses,
      isRolled: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const { look, register, strip, roll } = await openWorld();
        const { id } = await register([placed(shard, midnight - dayMs)], midnight - dayMs);
        let [now, rolledAt] = [midnight, midnight];
        for (const { minutes, status, isRolled } of steps) {
          await look(now, now + minutes * minute, () => ({ status }));
          now += minutes * minute;
          // Of hours that wait for longer than six only those that are remembered are told.
          if (isRolled || now - rolledAt > 2 * hourMs) {
            await roll(now);
            rolledAt = now;
          }
          expect(await strip(id, now)).toEqual(await strip(id, now, true));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the history of a check', () => {
  const twoDays = async () => {
    const { table, look, register, roll } = await openWorld();
    const createdAt = midnight - 2 * dayMs + hourMs / 2;
    const record = await register([placed(shard, createdAt)], createdAt);
    // Down in the sixth hour of each day.
    await look(createdAt, midnight + 3 * hourMs, (slot) => ({
      status: (slot % dayMs) - 5 * hourMs < hourMs && slot % dayMs >= 5 * hourMs ? 'unhealthy' : 'healthy',
    }));
    await roll(midnight + 2.5 * hourMs);
    return { table, record, now: midnight + 2.75 * hourMs };
  };

  test('is told in hours, the running one included, as far back as the check is there', async () => {
    const { table, record, now } = await twoDays();
    const told = await readPoints(table, record, now, '7d');
    expect([told.from, told.bucketMs]).toEqual([midnight - 2 * dayMs, hourMs]);
    expect(told.points).toHaveLength(51);
    expect(told.points.filter(({ downtimeSeconds }) => downtimeSeconds > 0)).toMatchObject([
      { at: midnight - 2 * dayMs + 5 * hourMs, uptimePercent: 0, downtimeSeconds: 3600 },
      { at: midnight - dayMs + 5 * hourMs, uptimePercent: 0, downtimeSeconds: 3600, p50: 40 },
    ]);
    expect(told.points.at(-1)).toMatchObject({ at: midnight + 2 * hourMs, uptimePercent: 100 });
  });

  test('is told in days, with the same sums as uptime', async () => {
    const { table, record, now } = await twoDays();
    const { points, bucketMs } = await readPoints(table, record, now, '30d');
    const [uptime] = await readUptime(table, record, now, ['30d']);
    expect(bucketMs).toBe(dayMs);
    expect(points.map(({ at }) => at)).toEqual([midnight - 2 * dayMs, midnight - dayMs, midnight]);
    const downtime = points.reduce((sum, { downtimeSeconds }) => sum + downtimeSeconds, 0);
    expect([downtime, uptime?.downtimeSeconds]).toEqual([7200, 7200]);
    // 23 of 24 hours: 95.83333 %.
    expect(points[1]).toMatchObject({ uptimePercent: 95.8333, knownSeconds: 86_400 });
    expect(points[2]).toMatchObject({ uptimePercent: 100 });
  });

  test('of ninety days has ninety bars, today last; nothing is known of those before the check was made', async () => {
    const { table, record, now } = await twoDays();
    const bars = await readDayBars(table, record, now, 90);
    expect(bars).toHaveLength(90);
    expect(bars.map(({ dayAt }) => dayAt).slice(-3)).toEqual([
      midnight - 2 * dayMs,
      midnight - dayMs,
      midnight,
    ]);
    expect(bars.at(-2)).toEqual({
      dayAt: midnight - dayMs,
      uptimePercent: 95.8333,
      downtimeSeconds: 3600,
      knownSeconds: 86_400,
      maintenanceSeconds: 0,
    });
    expect(
      bars
        .slice(0, 87)
        .every(({ uptimePercent, knownSeconds }) => uptimePercent === null && knownSeconds === 0),
    ).toBe(true);
  });
});

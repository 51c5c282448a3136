import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkIdOf } from '../../../shared/health/check.ts';
import { fromDayItem, withPart } from '../../../shared/health/rollup/day.ts';
import { fromHourItem, sumHour, toHourItem, upTo } from '../../../shared/health/rollup/hour.ts';
import { rollUp } from '../../../shared/health/rollup/index.ts';
import { latencyOf } from '../../../shared/health/rollup/latency.ts';
import { noSeconds, type Tally } from '../../../shared/health/rollup/tally.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { toResultsItem } from '../../../shared/health/slot-results.ts';
import { slotsBetween } from '../../../shared/health/slots.ts';
import { writePlan } from '../../../shared/health/telemetry.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import { planOf, seen, slotResults } from './builders.ts';
import { memoryTable } from './memory-table.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const midnight = Date.parse('2027-01-15T00:00:00Z');
const shard = 'home.public.600.0';
const nos = [1, 2];
const idOf = (no: number) => checkIdOf('shop', `check-${no}`);

/** Every access may be the one before or after which the run is killed. */
class Killed extends Error {}

const openWorld = async (
  statusAt: (slot: number, no: number) => CheckStatus,
  from: number,
  until: number,
) => {
  const table = memoryTable();
  const plan = { ...planOf(shard, nos), planVersion: 1 };
  await writePlan(table, plan, 'plan');
  await listShard(table, plan);
  for (const slot of slotsBetween(shard, from, until)) {
    const run = {
      ...slotResults(shard, slot, []),
      seen: nos.map((no) => {
        const status = statusAt(slot, no);
        return seen(no, { status, reason: status === 'healthy' ? null : 'so', phases: { total: 10 * no } });
      }),
    };
    await table.put(toResultsItem(run, slot / 1000 + 86_400 * 30));
  }
  let left = Number.POSITIVE_INFINITY;
  const step = () => {
    if (left-- === 0) throw new Killed();
  };
  const killable =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      step();
      const result = await act(...args);
      step();
      return result;
    };
  const telemetry = {
    get: killable(table.get),
    batchGet: killable(table.batchGet),
    query: killable(table.query),
    put: killable(table.put),
  };
  return {
    table,
    run: async (now: number, killAt = Number.POSITIVE_INFINITY) => {
      left = killAt;
      try {
        return await rollUp({ telemetry, clock: () => now, until: Number.POSITIVE_INFINITY });
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        return undefined;
      }
    },
    days: async (no: number) =>
      (await table.query({ pk: `C#${idOf(no)}` })).items.map((item) => fromDayItem(idOf(no), item)),
    hours: async () =>
      (await table.query({ pk: `S#${shard}`, beginsWith: 'H#' })).items.map((item) =>
        fromHourItem(shard, item),
      ),
  };
};

const up: Tally = { seconds: { ...noSeconds, healthy: 600 }, latency: latencyOf([10]) };

describe('an hour of a shard', () => {
  const slot = (at: number, given: object = {}) => ({ ...slotResults(shard, at, [1]), ...given });

  test('counts each look for the interval that it begins; a missing one is in no number', () => {
    const statuses: CheckStatus[] = ['healthy', 'degraded', 'unhealthy', 'unknown', 'healthy'];
    const results = statuses.map((status, at) =>
      slot(midnight + at * 600_000, {
        seen: [seen(1, { status, reason: 'so', phases: { total: 20 + at } })],
      }),
    );
    expect(sumHour(shard, midnight, results, new Map([[1, 'a']])).checks).toEqual([
      {
        no: 1,
        id: 'a',
        tally: {
          seconds: { healthy: 1200, degraded: 600, unhealthy: 600, unknown: 600, maintenance: 0 },
          // What is unknown has no response time: 20, 21, 22 and 24 ms.
          latency: latencyOf([20, 21, 22, 24]),
        },
      },
    ]);
  });

  test('leaves out what people had looked at between two slots', () => {
    const results = [slot(midnight), slot(midnight + 5, { runId: 'by-hand' })];
    expect(sumHour(shard, midnight, results, new Map()).checks[0]?.tally.seconds.healthy).toBe(600);
  });

  test('comes back from its item as it was', () => {
    const hour = sumHour(
      shard,
      midnight,
      [
        slot(midnight, { seen: [seen(3), seen(7, { status: 'unhealthy', reason: 'so', phases: {} })] }),
        slot(midnight + 600_000, { seen: [seen(3, { inMaintenance: true })] }),
      ],
      new Map([[3, 'c']]),
    );
    expect(fromHourItem(shard, toHourItem(hour))).toEqual(hour);
    expect(hour.checks.map(({ no, id }) => [no, id])).toEqual([
      [3, 'c'],
      [7, null],
    ]);
  });

  test('a look once a day tells of no time to come', () => {
    const daily = 'home.public.86400.0';
    const [slotAt = 0] = slotsBetween(daily, midnight, midnight + dayMs);
    const hourAt = Math.floor(slotAt / hourMs) * hourMs;
    const tally: Tally = { ...up, seconds: { ...noSeconds, unhealthy: 86_400 } };
    const downAfter = (seconds: number) =>
      upTo(slotAt + seconds * 1000, daily, hourAt, tally).seconds.unhealthy;
    expect([downAfter(7200), downAfter(90_000)]).toEqual([7200, 86_400]);
  });
});

describe('a day of a check', () => {
  const part = (inShard: string) => ({ checkId: 'a', dayAt: midnight, shard: inShard, tally: up });

  test('holds the parts of all shards it was in that day, each once, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('s1', 's2', 's3'), { minLength: 1, maxLength: 8 }), (parts) => {
        let day: ReturnType<typeof withPart>;
        for (const one of parts) day = withPart(day, part(one)) ?? day;
        const different = new Set(parts).size;
        expect([...(day?.shards ?? [])].sort()).toEqual([...new Set(parts)].sort());
        expect(day?.version).toBe(different);
        expect(day?.tally.seconds.healthy).toBe(600 * different);
        expect(day?.tally.latency.count).toBe(different);
      }),
    );
  });
});

describe('rolling up', () => {
  const outage = (slot: number, no: number): CheckStatus =>
    no === 2 && slot >= midnight + 3 * hourMs && slot < midnight + 4 * hourMs ? 'unhealthy' : 'healthy';

  test('an hour is made ten minutes after its end, not before', async () => {
    const world = await openWorld(outage, midnight, midnight + hourMs);
    await world.run(midnight + hourMs + 599_999);
    expect(await world.hours()).toEqual([]);
    await world.run(midnight + hourMs + 600_000);
    expect((await world.hours()).map(({ hourAt }) => hourAt)).toEqual([midnight]);
  });

  test('a day is made ten minutes after its end, with all that its hours hold', async () => {
    const world = await openWorld(outage, midnight, midnight + dayMs);
    await world.run(midnight + dayMs + 599_999);
    expect(await world.days(2)).toEqual([]);
    await world.run(midnight + dayMs + 600_000);
    expect(await world.days(2)).toMatchObject([
      {
        dayAt: midnight,
        shards: [shard],
        tally: { seconds: { healthy: 82_800, unhealthy: 3600 }, latency: { count: 144, sumMs: 2880 } },
      },
    ]);
    expect(await world.days(1)).toMatchObject([{ tally: { seconds: { healthy: 86_400, unhealthy: 0 } } }]);
  });

  test('hours that no run made are made by the next one, as long as results are kept', async () => {
    const world = await openWorld(outage, midnight, midnight + dayMs + 5 * hourMs);
    await world.run(midnight + 2 * hourMs + 600_000);
    const late = await world.run(midnight + dayMs + 5 * hourMs + 600_000);
    expect(late).toMatchObject({ hours: 27, days: 2, failed: [], isComplete: true });
    expect(await world.hours()).toHaveLength(29);
  });

  test('a second run changes nothing', async () => {
    const world = await openWorld(outage, midnight, midnight + dayMs);
    const now = midnight + dayMs + 600_000;
    await world.run(now);
    const [hours, days] = [await world.hours(), await world.days(2)];
    expect(await world.run(now)).toMatchObject({ hours: 0, days: 0 });
    expect([await world.hours(), await world.days(2)]).toEqual([hours, days]);
  });

  test('killed after its n-th access for every n and run again, it ends as if it never was', async () => {
    const from = midnight + 21 * hourMs;
    const until = midnight + dayMs + 2 * hourMs;
    const now = until + 600_000;
    const whole = await openWorld(outage, from, until);
    await whole.run(now);
    const expected = [await whole.hours(), await whole.days(1), await whole.days(2)];
    expect(expected[1]).toHaveLength(1);
    let kills = 0;
    for (let wasKilled = true; wasKilled; kills++) {
      const world = await openWorld(outage, from, until);
      const first = await world.run(now, kills);
      wasKilled = first === undefined || first.failed.length > 0;
      await world.run(now);
      expect([await world.hours(), await world.days(1), await world.days(2)], `killed at ${kills}`).toEqual(
        expected,
      );
    }
    expect(kills).toBeGreaterThan(20);
  });

  test('two runs at once make everything once', async () => {
    const until = midnight + dayMs;
    const world = await openWorld(outage, midnight, until);
    await Promise.all([world.run(until + 600_000), world.run(until + 600_000)]);
    expect(await world.days(2)).toMatchObject([
      { version: 1, tally: { seconds: { healthy: 82_800, unhealthy: 3600 } } },
    ]);
    expect(await world.hours()).toHaveLength(24);
  });

  test('a shard that cannot be read does not stop the others', async () => {
    const world = await openWorld(outage, midnight, midnight + hourMs);
    const broken = { ...planOf('home.public.60.0', [1]), planVersion: 1 };
    await listShard(world.table, broken);
    await world.table.put({ pk: 'S#home.public.60.0', sk: 'PLAN', v: 1, packed: 'no plan' });
    const done = await world.run(midnight + hourMs + 600_000);
    expect(done?.failed.map((one) => one.shard)).toEqual(['home.public.60.0']);
    expect(done?.hours).toBe(1);
  });

  test('results that cannot be read are a gap, and are told', async () => {
    const world = await openWorld(outage, midnight, midnight + hourMs);
    const [slot = 0] = slotsBetween(shard, midnight, midnight + hourMs);
    await world.table.put({ pk: `S#${shard}`, sk: `R#${slot}`, v: 1, at: slot, packed: 'broken' });
    expect(await world.run(midnight + hourMs + 600_000)).toMatchObject({
      hours: 1,
      unreadable: 1,
      failed: [],
    });
    const [hour] = await world.hours();
    expect(hour?.checks[0]?.tally.seconds.healthy).toBe(3000);
  });

  test('a check that moved away within the hour is still known by the hour before', async () => {
    const world = await openWorld(outage, midnight, midnight + dayMs);
    await world.run(midnight + 5 * hourMs + 600_000);
    await writePlan(world.table, { ...planOf(shard, [1]), planVersion: 2 }, 'moved');
    await world.run(midnight + dayMs + 600_000);
    expect(await world.days(2)).toMatchObject([{ tally: { seconds: { healthy: 82_800, unhealthy: 3600 } } }]);
  });

  test('when time runs out it stops between two hours, and the next run goes on', async () => {
    const world = await openWorld(outage, midnight, midnight + dayMs);
    let now = midnight + dayMs + 600_000;
    const tools = { telemetry: world.table, until: now + 10 };
    const first = await rollUp({ ...tools, clock: () => now++ });
    expect(first.isComplete).toBe(false);
    const hours = await world.hours();
    expect(hours.length).toBeGreaterThan(0);
    expect(hours.length).toBeLessThan(24);
    await world.run(now);
    expect(await world.hours()).toHaveLength(24);
    expect(await world.days(1)).toMatchObject([{ tally: { seconds: { healthy: 86_400 } } }]);
  });
});

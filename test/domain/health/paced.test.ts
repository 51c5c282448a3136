import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckRecord } from '../../../shared/health/check.ts';
import { emptyHead } from '../../../shared/health/head.ts';
import { notePace, type Paced } from '../../../shared/health/pace-note.ts';
import { chooseShards, insertInto } from '../../../shared/health/place.ts';
import { emptyPlan } from '../../../shared/health/plan.ts';
import { parsePlanChange } from '../../../shared/health/plan-change.ts';
import { project } from '../../../shared/health/project.ts';
import { readHead, readPlan, writeHead } from '../../../shared/health/telemetry.ts';
import { checkRecord, noon, stateOf } from './builders.ts';
import { memoryTable } from './memory-table.ts';
import { openWorld, type Saving, saveCheck, storedCheck } from './projector-world.ts';

const open = () => {
  const tables = { state: memoryTable(), telemetry: memoryTable() };
  const { tools, sent } = openWorld(tables, { clock: () => noon });
  return {
    ...tables,
    sent,
    save: (given: Saving = {}) => saveCheck(tables.state, given),
    project: (record: CheckRecord) => project([record.id], tools),
    /** What the projector does with the event. */
    async paced(record: CheckRecord, pace: Paced['pace'], at: number) {
      await notePace(tables.state, { checkId: record.id, pace, at });
      expect(await project([record.id], tools)).toEqual([]);
    },
    homeOf: async (record: CheckRecord) => (await storedCheck(tables.state, record)).placements[0]?.shard,
    async livingIn() {
      const found: string[] = [];
      for (const group of ['public.60', 'slow.60', 'vpc.60', 'vpc-slow.60']) {
        const plan = await readPlan(tables.telemetry, `home.${group}.0`);
        if (plan.entries.some((entry) => !entry.leaving)) found.push(plan.shard);
      }
      return found;
    },
  };
};

describe('a check that hangs', () => {
  test.each([
    { network: 'public', usual: 'home.public.60.0', slow: 'home.slow.60.0', queue: 'slots' },
    { network: 'vpc', usual: 'home.vpc.60.0', slow: 'home.vpc-slow.60.0', queue: 'vpcSlots' },
  ] as const)(
    '$network: runs apart with its state, and comes back with it',
    async ({ network, ...shards }) => {
      const world = open();
      const record = await world.save({ definition: { network } });
      await world.project(record);
      const state = stateOf({ status: 'unhealthy', known: 'unhealthy', failures: 3, reason: 'it hung' });
      const head = { ...emptyHead(shards.usual), version: 1, slotAt: noon, checks: new Map([[1, state]]) };
      await writeHead(world.telemetry, head, 'run');
      world.sent.length = 0;
      await world.paced(record, 'slow', noon + 1);
      const plan = await readPlan(world.telemetry, shards.slow);
      expect(plan.entries).toMatchObject([{ id: record.id, revision: 1, seed: state }]);
      expect(await world.livingIn()).toEqual([shards.slow]);
      expect(new Set(world.sent.map(({ queue }) => queue))).toEqual(new Set([shards.queue]));
      await world.paced(record, 'usual', noon + 2);
      expect(await world.livingIn()).toEqual([shards.usual]);
      expect((await readPlan(world.telemetry, shards.usual)).entries).toMatchObject([{ no: 2, seed: state }]);
      expect((await readHead(world.telemetry, shards.slow)).planVersion).toBeGreaterThan(0);
    },
  );

  test.each([
    { changed: 'target', definition: { target: 'https://other.example.com/' }, home: 'home.public.60.0' },
    { changed: 'timeout', definition: { timeoutSeconds: 9 }, home: 'home.public.60.0' },
    { changed: 'tags', definition: { tags: { team: 'shop' } }, home: 'home.slow.60.0' },
    { changed: 'interval', definition: { intervalSeconds: 120 }, home: 'home.slow.120.0' },
  ])('with another $changed lies in $home', async ({ definition, home }) => {
    const world = open();
    const record = await world.save();
    await world.project(record);
    await world.paced(record, 'slow', noon + 1);
    await world.save({ revision: 2, definition });
    await world.project(record);
    expect(await world.homeOf(record)).toBe(home);
  });

  test('what hung before the definition changed says nothing of it', async () => {
    const world = open();
    const record = await world.save();
    await world.project(record);
    await world.paced(record, 'slow', noon - 1);
    expect(await world.homeOf(record)).toBe('home.public.60.0');
  });

  test('an event of a check that is gone makes no item', async () => {
    const world = open();
    const gone = checkRecord({ no: 7 });
    await world.paced(gone, 'slow', noon);
    expect(await storedCheck(world.state, gone)).toBeUndefined();
    const removed = await world.save({ deletedAt: noon });
    await world.paced(removed, 'slow', noon + 1);
    expect(await world.livingIn()).toEqual([]);
  });

  test('events delivered twice and in any order leave it where the newest says (faults 1 and 2)', async () => {
    const events = [1, 2, 3, 4].map((after) => ({
      at: noon + after,
      pace: after % 2 === 1 ? ('slow' as const) : ('usual' as const),
    }));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...events, ...events], { minLength: 1 }), async (order) => {
        const world = open();
        const record = await world.save();
        await world.project(record);
        for (const { pace, at } of order) await world.paced(record, pace, at);
        const newest = order.reduce((last, event) => (event.at > last.at ? event : last));
        const home = newest.pace === 'slow' ? 'home.slow.60.0' : 'home.public.60.0';
        expect([await world.homeOf(record), await world.livingIn()]).toEqual([home, [home]]);
      }),
      { numRuns: 60 },
    );
  });

  test('a definition written between is not overwritten, and the pace is noted on it', async () => {
    const world = open();
    const record = await world.save();
    let isFirst = true;
    const state = {
      ...world.state,
      update: async (...args: Parameters<typeof world.state.update>) => {
        if (isFirst) {
          isFirst = false;
          await world.save({ revision: 2, definition: { tags: { team: 'shop' } } });
        }
        return world.state.update(...args);
      },
    };
    await notePace(state, { checkId: record.id, pace: 'slow', at: noon + 1 });
    await world.project(record);
    expect(await world.homeOf(record)).toBe('home.slow.60.0');
    expect((await storedCheck(world.state, record)).definition.tags).toEqual({ team: 'shop' });
  });
});

test('twenty checks that may all hang fill a shard: each can begin at once', () => {
  const group = { location: 'home', class: 'slow', intervalSeconds: 60 } as const;
  const newcomers = Array.from({ length: 41 }, (_, no) => ({ record: checkRecord({ no }), seed: undefined }));
  const chosen = [...chooseShards(group, [], newcomers).values()];
  const counts = [0, 1, 2].map(
    (number) => chosen.filter((shard) => shard === `home.slow.60.${number}`).length,
  );
  expect(counts).toEqual([20, 20, 1]);
  expect(insertInto(emptyPlan('home.slow.60.0'), newcomers, noon).entries).toHaveLength(20);
});

describe('what the projector is told', () => {
  const checkId = '0123456789abcdef01234567';
  test('a pace, with the instant it was found', () => {
    const detail = { checkId, pace: 'slow', at: '2027-01-15T08:00:00.000Z' };
    expect(parsePlanChange({ 'detail-type': 'check.paced', detail })).toEqual({
      checkId,
      paced: { checkId, pace: 'slow', at: noon },
    });
  });
  test.each([
    { checkId, pace: 'fast', at: '2027-01-15T08:00:00.000Z' },
    { checkId, pace: 'slow', at: 'noon' },
    { checkId, pace: 'slow' },
  ])('%j is no pace, and goes to the dead letters (fault 10)', (detail) => {
    expect(() => parsePlanChange({ 'detail-type': 'check.paced', detail })).toThrow('tells no pace');
  });
});

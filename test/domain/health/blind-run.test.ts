import { describe, expect, test } from 'vitest';
import { noteBlind, noteSight } from '../../../shared/health/blind-note.ts';
import type { Unreachable } from '../../../shared/health/run.ts';
import { noon, planOf, seen, statusChanges } from './builders.ts';
import { type MemoryTable, memoryTable } from './memory-table.ts';
import { minute, openWorld, type Scene, slotOf } from './run-world.ts';
import { letters } from './timeline.ts';

const nos = [1, 2, 3, 4];
const shard = 'home.public.60.0';
const all = (way: Unreachable) => new Map(nos.map((no) => [no, way]));

/** B: nothing can be reached and no public canary answers; x: nothing can be reached, but canaries answer. */
const sceneOf = (line: string, way: Unreachable = 'public'): Scene => {
  const letterAt = (slot: number) => line.split(' ')[slot - 1] ?? '';
  return {
    plan: planOf(shard, nos),
    see: (slot) => {
      const isOut = ['B', 'x'].includes(letterAt(slot));
      return {
        seen: nos.map((no) => seen(no, letters[isOut ? 'D' : letterAt(slot)])),
        ...(isOut && { unreachable: all(way) }),
      };
    },
    failedWays: (slot) => (letterAt(slot) === 'B' ? ['public'] : []),
  };
};

const play = async (scene: Scene, slots: number) => {
  const world = await openWorld(scene);
  for (let slot = 1; slot <= slots; slot++) await world.deliver(slot);
  const head = await world.head();
  return {
    head,
    statuses: [...head.checks.values()].map(({ status }) => status),
    changes: statusChanges(world.published).map(({ to }) => to),
    blind: world.published.flatMap(({ type, detail }) => (type === 'monitor.blind' ? [detail.id] : [])),
  };
};

describe('a shard whose own way out fails (fault 14)', () => {
  test('tells that it is blind, once, and no check to be down', async () => {
    const { statuses, changes, blind, head } = await play(sceneOf('U B B B B B'), 6);
    expect(statuses).toEqual(['healthy', 'healthy', 'healthy', 'healthy']);
    expect(changes).toEqual(['healthy', 'healthy', 'healthy', 'healthy']);
    expect(blind).toEqual([`blind:home.public@${slotOf(2)}:started`]);
    expect(head.blindSince).toBe(slotOf(2));
  });

  test('tells when it sees again; a second time is another one', async () => {
    expect((await play(sceneOf('U B B U B U'), 6)).blind).toEqual([
      `blind:home.public@${slotOf(2)}:started`,
      `blind:home.public@${slotOf(2)}:ended`,
      `blind:home.public@${slotOf(5)}:started`,
      `blind:home.public@${slotOf(5)}:ended`,
    ]);
  });

  test('is not blind where a canary answers: then the targets are down', async () => {
    const { statuses, blind } = await play(sceneOf('U x x x'), 4);
    expect(statuses).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy']);
    expect(blind).toEqual([]);
  });

  test('offline, what is private still shows its own red', async () => {
    const { statuses, blind } = await play(sceneOf('U B B B', 'private'), 4);
    expect(statuses).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy']);
    expect(blind).toEqual([]);
  });

  test('without canaries is never blind', async () => {
    const { failedWays: _none, ...scene } = sceneOf('U B B B');
    expect((await play(scene, 4)).statuses).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy']);
  });

  test('what becomes of the checks afterwards counts from before', async () => {
    const { statuses, changes } = await play(sceneOf('U D D B D'), 5);
    expect(statuses).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy']);
    expect(changes.slice(4)).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy']);
  });
});

describe('since when the monitor is blind', () => {
  const other = 'home.public.300.7';
  const noted = async (work: (table: MemoryTable) => Promise<unknown>) => work(memoryTable());

  test('all shards of a location and network say the same', async () => {
    await noted(async (table) => {
      expect(await noteBlind(table, shard, noon)).toBe(noon);
      expect(await noteBlind(table, other, noon + 20_000)).toBe(noon);
      expect(await noteBlind(table, 'home.vpc.60.0', noon + 30_000)).toBe(noon + 30_000);
    });
  });

  test('many at once agree', async () => {
    await noted(async (table) => {
      const since = await Promise.all([0, 1, 2, 3].map((at) => noteBlind(table, shard, noon + at)));
      expect(new Set(since).size).toBe(1);
    });
  });

  test('it is over when one of them sees, and not by a late word of an earlier blindness', async () => {
    await noted(async (table) => {
      await noteBlind(table, shard, noon);
      await noteSight(table, other, noon);
      expect(await noteBlind(table, shard, noon + minute)).toBe(noon + minute);
      await noteSight(table, other, noon);
      expect(await noteBlind(table, other, noon + 2 * minute)).toBe(noon + minute);
    });
  });

  test('it goes on while somebody confirms it; what nobody confirms is not taken for a new one', async () => {
    await noted(async (table) => {
      await noteBlind(table, shard, noon);
      for (let at = 1; at <= 120; at += 11)
        expect(await noteBlind(table, shard, noon + at * minute)).toBe(noon);
      const later = noon + (120 + 33) * minute;
      expect(await noteBlind(table, shard, later)).toBe(later);
    });
  });

  test('a note whose acknowledgement was lost is found to be our own (fault 5)', async () => {
    await noted(async (table) => {
      const unlucky = {
        ...table,
        put: async (...given: Parameters<MemoryTable['put']>) => {
          await table.put(...given);
          return table.put(...given);
        },
      };
      expect(await noteBlind(unlucky, shard, noon)).toBe(noon);
      await noteSight(unlucky, shard, noon);
      expect(await noteBlind(unlucky, shard, noon + minute)).toBe(noon + minute);
    });
  });
});

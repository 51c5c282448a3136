import { describe, expect, test } from 'vitest';
import { emptyHead } from '../../../shared/health/head.ts';
import { shardBucketOf } from '../../../shared/health/shard.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { writeHead, writePlan } from '../../../shared/health/telemetry.ts';
import { type WatchTools, watch } from '../../../shared/health/watch.ts';
import { noon, planOf } from './builders.ts';
import { memoryTable } from './memory-table.ts';

const shards = Array.from({ length: 60 }, (_, number) => `home.public.60.${number}`);

const open = async (given: Partial<WatchTools> = {}) => {
  const telemetry = memoryTable();
  for (const shard of shards) {
    const plan = planOf(shard, [1]);
    await writePlan(telemetry, plan, 'plan');
    await listShard(telemetry, plan);
    await writeHead(telemetry, { ...emptyHead(shard), version: 1, planVersion: 1 }, 'head');
  }
  const tended: string[] = [];
  const faults: string[] = [];
  const tools: WatchTools = {
    telemetry,
    clock: () => noon,
    needsTending: () => true,
    tend: async (shard) => void tended.push(shard),
    onFault: (shard) => faults.push(shard),
    ...given,
  };
  return { tools, tended, faults };
};

describe('the watchdog', () => {
  test('looks at every shard with its plan and head, and tends those that need it', async () => {
    const looked: string[] = [];
    const { tools, tended } = await open({
      needsTending: (plan, head) => {
        looked.push(plan.shard);
        expect([head.shard, head.version, plan.entries.length]).toEqual([plan.shard, 1, 1]);
        return plan.shard.endsWith('7');
      },
    });
    expect(await watch(noon, noon + 1, tools)).toEqual({
      shards: 60,
      tended: 6,
      failed: 0,
      isComplete: true,
    });
    expect(looked.sort()).toEqual([...shards].sort());
    expect(tended.sort()).toEqual(shards.filter((shard) => shard.endsWith('7')).sort());
  });

  test('a shard that fails does not keep the others waiting, and is named', async () => {
    const tended: string[] = [];
    const { tools, faults } = await open({
      tend: async (shard) => {
        if (shard === 'home.public.60.3') throw new Error('its head is unreadable');
        tended.push(shard);
      },
    });
    expect(await watch(noon, noon + 1, tools)).toMatchObject({ tended: 59, failed: 1, isComplete: true });
    expect([tended.length, faults]).toEqual([59, ['home.public.60.3']]);
  });

  test('ends before its deadline, and the next round begins elsewhere', async () => {
    const firstOf = async (startedAt: number) => {
      let now = noon;
      const { tools, tended } = await open({ clock: () => now });
      const tend = async (shard: string): Promise<void> => {
        tended.push(shard);
        now += 1000;
      };
      const busy = { ...tools, tend };
      const watched = await watch(startedAt, noon + 1000, busy);
      expect(watched.isComplete).toBe(false);
      expect(tended.length).toBe(watched.tended);
      expect(tended.length).toBeLessThan(shards.length);
      return new Set(tended.map(shardBucketOf));
    };
    const begun = [];
    for (let round = 0; round < 8; round++) begun.push(...(await firstOf(noon + round * 300_000)));
    expect(new Set(begun)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  });

  test('never holds more than a dozen shards, nor tends more than four at once (fault 21)', async () => {
    let atOnce = 0;
    let most = 0;
    const { tools } = await open({
      tend: async () => {
        most = Math.max(most, ++atOnce);
        await new Promise((done) => setImmediate(done));
        atOnce--;
      },
    });
    let largest = 0;
    const batchGet: typeof tools.telemetry.batchGet = (keys) => {
      largest = Math.max(largest, keys.length);
      return tools.telemetry.batchGet(keys);
    };
    await watch(noon, noon + 1, { ...tools, telemetry: { ...tools.telemetry, batchGet } });
    expect([largest <= 12, most <= 4]).toEqual([true, true]);
  });
});

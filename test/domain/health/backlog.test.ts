import { expect, test } from 'vitest';
import { keepResults } from '../../../shared/health/telemetry.ts';
import type { Item } from '../../../shared/storage/index.ts';
import { planOf, slotResults } from './builders.ts';
import type { MemoryTable } from './memory-table.ts';
import { minute, openWorld, slotOf } from './run-world.ts';

const shard = 'home.public.60.0';

/** Pages as DynamoDB gives them. */
const paging =
  (query: MemoryTable['query']): MemoryTable['query'] =>
  async ({ after, limit = Number.POSITIVE_INFINITY, ...asked }) => {
    const { items } = await query(asked);
    const left = after === undefined ? items : items.filter((item) => item.sk > after);
    return { items: left.slice(0, limit), next: left.length > limit ? left[limit - 1]?.sk : undefined };
  };

/** The slots that heads were written with, by number. */
const headsIn = (telemetry: MemoryTable): number[] => {
  const written: number[] = [];
  const { put } = telemetry;
  telemetry.put = async (item: Item, condition) => {
    await put(item, condition);
    if (item.sk === 'HEAD') written.push((Number(item.slotAt) - slotOf(0)) / minute);
  };
  return written;
};

test('days of results that nobody folded are folded some hundred at a time, however many they are (fault 7)', async () => {
  const world = await openWorld({ plan: planOf(shard, [1]), see: () => ({ seen: [] }) });
  world.telemetry.query = paging(world.telemetry.query);
  for (let slot = 1; slot <= 1100; slot++) {
    await keepResults(world.telemetry, slotResults(shard, slotOf(slot), [1]), 2_000_000_000);
  }
  const written = headsIn(world.telemetry);
  await world.tend(1101 * minute);
  const steps = written.map((slot, at) => slot - (written[at - 1] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(500);
  expect((await world.head()).slotAt).toBe(slotOf(1100));
  expect((await world.head()).checks.get(1)).toMatchObject({ status: 'healthy', looks: 1100 });
});

test('run-nows alone never keep a fold from ending', async () => {
  const world = await openWorld({ plan: planOf(shard, [1]), see: () => ({ seen: [] }) });
  world.telemetry.query = paging(world.telemetry.query);
  for (let at = 1; at <= 1100; at++) {
    const results = { ...slotResults(shard, slotOf(0) + at, [1]), runId: `run-${at}` };
    await keepResults(world.telemetry, results, 2_000_000_000);
  }
  await world.tend(minute);
  expect((await world.head()).checks.get(1)).toMatchObject({ status: 'healthy', looks: 1100 });
});

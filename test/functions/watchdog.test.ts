import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyHead } from '../../shared/health/head.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { readHead, writeHead, writePlan } from '../../shared/health/telemetry.ts';
import { planOf, stateOf } from '../domain/health/builders.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.bus = 'open';
});

const hour = 3_600_000;

/** A shard whose checks were last seen healthy so long ago. */
const seenBefore = async (shard: string, ms: number) => {
  const at = Date.now() - ms;
  const plan = planOf(shard, [1, 2], { 1: { placedAt: at }, 2: { placedAt: at } });
  await writePlan(cloud.telemetry, plan, 'plan');
  await listShard(cloud.telemetry, plan);
  const checks = new Map([1, 2].map((no) => [no, stateOf({ at })]));
  await writeHead(
    cloud.telemetry,
    { ...emptyHead(shard), version: 1, slotAt: at, planVersion: 1, checks },
    'run',
  );
};
const statuses = async (shard: string) =>
  [...(await readHead(cloud.telemetry, shard)).checks.values()].map(({ status }) => status);

const handle = async () =>
  (await import('../../functions/watchdog/handler.ts')).handler({ scheduledAt: new Date().toISOString() });

test('checks whose results stopped coming become unknown and that is told once; fresh ones stay (fault 17)', async () => {
  await seenBefore('stale.public.60.0', hour);
  await seenBefore('fresh.public.60.0', 1000);
  await handle();
  expect(await statuses('stale.public.60.0')).toEqual(['unknown', 'unknown']);
  expect(await statuses('fresh.public.60.0')).toEqual(['healthy', 'healthy']);
  const ids = cloud.arrived.map(({ detail }) => detail.id);
  expect(cloud.arrived.map(({ type, detail }) => [type, (detail as { to?: string }).to])).toEqual([
    ['check.status_changed', 'unknown'],
    ['check.status_changed', 'unknown'],
  ]);
  await handle();
  expect(cloud.arrived.map(({ detail }) => detail.id)).toEqual(ids);
});

test('while the bus is away each shard fails by itself, and the next round tells it with the same ids', async () => {
  await seenBefore('away.public.60.0', hour);
  await seenBefore('away.public.60.1', hour);
  cloud.bus = 'down';
  await expect(handle()).rejects.toThrow('2 shards could not be tended');
  cloud.bus = 'open';
  await handle();
  expect(cloud.arrived).toHaveLength(4);
  expect(new Set(cloud.arrived.map(({ detail }) => detail.id)).size).toBe(4);
  expect((await readHead(cloud.telemetry, 'away.public.60.1')).outbox).toEqual([]);
});

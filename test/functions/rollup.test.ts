import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handler } from '../../functions/rollup/handler.ts';
import { hourKey } from '../../shared/health/keys.ts';
import { fromHourItem } from '../../shared/health/rollup/hour.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { slotsBetween } from '../../shared/health/slots.ts';
import { keepResults, writePlan } from '../../shared/health/telemetry.ts';
import { planOf, slotResults } from '../domain/health/builders.ts';
import { type Cloud, startCloud } from './cloud.ts';

const hourMs = 3_600_000;
/** An hour that is over and settled, whenever this runs. */
const hourAt = (Math.floor((Date.now() - 600_000) / hourMs) - 1) * hourMs;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const fill = async (shard: string, nos: readonly number[]) => {
  const plan = { ...planOf(shard, nos), planVersion: 1 };
  await writePlan(cloud.telemetry, plan, 'plan');
  await listShard(cloud.telemetry, plan);
  for (const at of slotsBetween(shard, hourAt, hourAt + hourMs)) {
    await keepResults(cloud.telemetry, slotResults(shard, at, nos), at / 1000 + 86_400);
  }
};
const read = async (shard: string) => {
  const item = await cloud.telemetry.get(hourKey(shard, hourAt));
  return item && fromHourItem(shard, item);
};

describe('the rollup, by its handler', () => {
  test('makes the hours of every listed shard, of those without a running check too', async () => {
    await fill('home.public.60.0', [1, 2]);
    await fill('home.heartbeat.600.0', [4]);
    const rest = {
      ...planOf('home.public.60.0', [1, 2], { 1: { paused: true }, 2: { paused: true } }),
      planVersion: 2,
    };
    await writePlan(cloud.telemetry, rest, 'paused');
    await listShard(cloud.telemetry, rest);
    await handler({ scheduledAt: new Date().toISOString() });
    expect(
      (await read('home.public.60.0'))?.checks.map((check) => [check.no, check.tally.seconds.healthy]),
    ).toEqual([
      [1, 3600],
      [2, 3600],
    ]);
    expect((await read('home.heartbeat.600.0'))?.checks).toMatchObject([
      { no: 4, tally: { seconds: { healthy: 3600 }, latency: { count: 6 } } },
    ]);
  });

  test('a repeat, and one whose time does not parse, change nothing', async () => {
    const before = await read('home.public.60.0');
    await handler({ scheduledAt: new Date().toISOString() });
    await handler({ scheduledAt: '<aws.scheduler.scheduled-time>' });
    expect(await read('home.public.60.0')).toEqual(before);
  });

  test('fails when a shard cannot be summed up, after the others were', async () => {
    await cloud.telemetry.put({ pk: 'S#home.public.30.0', sk: 'PLAN', v: 1, packed: 'no plan' });
    await listShard(cloud.telemetry, { ...planOf('home.public.30.0', [1]), planVersion: 1 });
    await fill('home.public.300.0', [1]);
    await expect(handler({ scheduledAt: new Date().toISOString() })).rejects.toThrow(
      '1 shards could not be summed up',
    );
    expect((await read('home.public.300.0'))?.checks).toHaveLength(1);
  });
});

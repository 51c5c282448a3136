import { afterEach, expect, test } from 'vitest';
import { slotsBetween } from '../../shared/health/slots.ts';
import { checksPath, makeCheck } from './checks.ts';
import { deadLetters, send } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { rowsOf, shardOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';
import { withAll, withoutSchedule } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  stack = undefined;
  target = undefined;
});

type Period = {
  readonly period: string;
  readonly uptimePercent: number | null;
  readonly coveragePercent: number | null;
  readonly downtimeSeconds: number;
};

const hour = 3_600_000;
const startsAt = Date.parse('2026-03-10T00:00:00Z');

/** Days of slots, sent by the story itself: a day of the dispatcher's ticks would take minutes. Rollups tick as ever. */
const open = async (): Promise<readonly [Stack, Target]> => {
  const silent = ['dispatcher', 'sweeper', 'notifier', 'watchdog'].map(withoutSchedule);
  stack = await openStack({ startsAt: startsAt - 5_000, patchTemplate: withAll(...silent) });
  target = await openTarget();
  return [stack, target];
};

/** The instants of so many slots of a shard, from now on. */
const nextSlots = (at: Stack, shard: string, count: number): readonly number[] =>
  slotsBetween(shard, at.host.now(), at.host.now() + 60 * 24 * hour).slice(0, count);

const runSlots = async (at: Stack, shard: string, slots: readonly number[]): Promise<void> => {
  for (const slotAt of slots) {
    await at.host.runUntil(slotAt);
    await send(at, 'Slots', [JSON.stringify({ kind: 'slot', shard, slotAt, planVersion: 1 })]);
    await at.host.settle();
  }
};

const uptimeOf = async (at: Stack, id: string): Promise<Readonly<Record<string, Period>>> => {
  const { body, text, status } = await at.api('GET', `${checksPath}/${id}/uptime`);
  expect(status, text).toBe(200);
  return Object.fromEntries((body.periods as Period[]).map((one) => [one.period, one]));
};

/** Those of looks outside the slots too: one when a check was made or changed. */
const resultsSince = async (at: Stack, id: string, from: number): Promise<unknown> => {
  const path = `${checksPath}/${id}/results?limit=500&from=${new Date(from - hour).toISOString()}`;
  const { body, status } = await at.api('GET', path);
  expect([status, body.next]).toEqual([200, null]);
  return (body.items as unknown[]).length;
};

test('the uptime of a day and a half tells an hour of outage as downtime and an hour of silence as less coverage, over 24 hours and over seven days', async () => {
  const [at, shop] = await open();
  const id = await makeCheck(at, { target: shop.url, interval: '20m', retries: 0 });
  await at.advance('4s');
  const shard = (await shardOf(at, id)) ?? '';
  expect(shard).toBe('home.public.1200.0');
  const slots = nextSlots(at, shard, 109);
  // An hour has three slots: the third of the first day fails, the sixth does not happen.
  await runSlots(at, shard, slots.slice(0, 6));
  await shop.become('failing');
  await runSlots(at, shard, slots.slice(6, 9));
  await shop.become('up');
  await runSlots(at, shard, [...slots.slice(9, 15), ...slots.slice(18, 72)]);
  await at.host.runUntil(slots[72] ?? 0);
  // 69 of 72 slots ran, 66 of those well. The last two minutes are not expected to be known yet: 82,800 s of
  // 86,280 s are.
  const wholeDay = { uptimePercent: 95.6521, coveragePercent: 95.9666, downtimeSeconds: 3600 };
  const whole = await uptimeOf(at, id);
  expect(whole['24h']).toMatchObject(wholeDay);
  expect(whole['7d']).toMatchObject(wholeDay);

  await runSlots(at, shard, slots.slice(72, 108));
  await at.host.runUntil(slots[108] ?? 0);
  const later = await uptimeOf(at, id);
  // The outage and the silence lie before the last 24 hours; of all 108 slots 105 ran, 102 of those well.
  expect(later['24h']).toMatchObject({ uptimePercent: 100, coveragePercent: 100, downtimeSeconds: 0 });
  const sinceMade = { uptimePercent: 97.1428, coveragePercent: 97.3123, downtimeSeconds: 3600 };
  for (const period of ['7d', '30d', '90d', '365d']) expect(later[period]).toMatchObject(sinceMade);
  const days = (await rowsOf(at)).filter(({ pk, sk }) => pk === `C#${id}` && String(sk).startsWith('D#'));
  expect(days).toHaveLength(1);
  expect(await deadLetters(at)).toEqual({});
});

test('uptime goes on over a move to another shard, and is still told when the results themselves have expired', async () => {
  const [at, shop] = await open();
  const check = { name: 'web', type: 'http', target: shop.url, retries: 0 };
  const id = await makeCheck(at, { ...check, interval: '30m' });
  await at.advance('4s');
  const before = 'home.public.1800.0';
  const slots = nextSlots(at, before, 12);
  await runSlots(at, before, slots);
  const moved = await at.api('PUT', `${checksPath}/${id}`, { body: { ...check, interval: '1h' } });
  expect(moved.status).toBe(200);
  await at.advance('4s');
  const after = 'home.public.3600.0';
  expect(await shardOf(at, id)).toBe(after);
  const later = nextSlots(at, after, 19);
  await runSlots(at, after, later.slice(0, 2));
  await shop.become('failing');
  await runSlots(at, after, later.slice(2, 4));
  await shop.become('up');
  await runSlots(at, after, later.slice(4, 18));
  await at.host.runUntil(later[18] ?? 0);
  // Twelve slots of half an hour and 18 of an hour are 24 hours; two of those hours failed.
  const told = { uptimePercent: 91.6666, downtimeSeconds: 7200 };
  expect((await uptimeOf(at, id))['7d']).toMatchObject(told);
  expect(await resultsSince(at, id, startsAt)).toBe(12 + 18 + 2);

  // Results are kept for three days. The last two minutes are not expected to be known yet.
  await at.host.runUntil((slots[0] ?? 0) + 4 * 24 * hour + 120_000);
  await at.host.sweepExpired();
  expect(await resultsSince(at, id, startsAt)).toBe(0);
  expect((await uptimeOf(at, id))['7d']).toMatchObject({ ...told, coveragePercent: 25 });
});

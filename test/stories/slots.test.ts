import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { changesOf, makeCheck, readCheck, resultsOf, statusOf } from './checks.ts';
import { deadLetters, send } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withoutSchedule } from './template.ts';

/** Nothing but these stories sends slots, so they alone decide what overlaps what. */
let stack: Stack;
let target: Target;
beforeAll(async () => {
  stack = await openStack({ patchTemplate: withoutSchedule('dispatcher') });
});
afterEach(() => target.close());
afterAll(() => stack?.close());

const slot = (shard: string, slotAt: number): string =>
  JSON.stringify({ kind: 'slot', shard, slotAt, planVersion: 1 });

/** A healthy check that is alone in its shard, after the slots were sent that came with its creation. */
const lonelyCheck = async (interval: string, shard: string): Promise<{ id: string; shard: string }> => {
  target = await openTarget();
  const id = await makeCheck(stack, { name: shard, target: target.url, interval, retries: 0 });
  await stack.advance('2m');
  expect((await resultsOf(stack, id)).length).toBeGreaterThan(0);
  return { id, shard };
};

/** One slot that runs alone, now. */
const runSlot = async (shard: string): Promise<void> => {
  await stack.advance('10s');
  await send(stack, 'Slots', [slot(shard, stack.host.now())]);
  await stack.host.settle();
};

test('a slot that is delivered twice at once leaves one result and one count (fault 1)', async () => {
  const { id, shard } = await lonelyCheck('15s', 'home.public.15.0');
  await target.become('failing');
  await runSlot(shard);
  await target.become('hanging');
  await stack.advance('10s');
  const slotAt = stack.host.now();
  const hung = target.hung(2);
  await send(stack, 'Slots', [slot(shard, slotAt), slot(shard, slotAt)]);
  await hung;
  target.release(503);
  await stack.host.settle();
  const results = (await resultsOf(stack, id)).filter(({ at }) => Date.parse(at) === slotAt);
  expect(results.map(({ status }) => status)).toEqual(['unhealthy']);
  // Counted twice, it would be the third failure.
  expect(await statusOf(stack, id)).toBe('healthy');
  await target.become('failing');
  await runSlot(shard);
  expect(await statusOf(stack, id)).toBe('unhealthy');
  await send(stack, 'Slots', [slot(shard, slotAt), slot(shard, stack.host.now())]);
  await stack.host.settle();
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
});

test.each([
  { late: 200, next: 'failing', status: 'unhealthy', told: ['unknown → healthy', 'healthy → unhealthy'] },
  { late: 503, next: 'up', status: 'healthy', told: ['unknown → healthy'] },
] as const)(
  'a run that ends after the next slot’s, answered with $late, goes into history and flips nothing (fault 2)',
  async ({ late, next, status, told }) => {
    const [interval, shard] =
      late === 200 ? (['20s', 'home.public.20.0'] as const) : (['30s', 'home.public.30.0'] as const);
    const { id } = await lonelyCheck(interval, shard);
    await target.become('failing');
    await runSlot(shard);
    await runSlot(shard);
    await target.become('hanging');
    await stack.advance('10s');
    const slotAt = stack.host.now() - 5000;
    const hung = target.hung(1);
    await send(stack, 'Slots', [slot(shard, slotAt)]);
    await hung;
    await target.become(next);
    const answered = target.requests() + 1;
    await send(stack, 'Slots', [slot(shard, stack.host.now())]);
    await expect
      .poll(() => readCheck(stack, id), { timeout: 20_000, interval: 20 })
      .toMatchObject({
        lastChecked: new Date(stack.host.now()).toISOString(),
        status,
      });
    expect(target.requests()).toBe(answered);
    target.release(late);
    await stack.host.settle();
    expect((await resultsOf(stack, id)).slice(-2)).toMatchObject([
      { at: new Date(slotAt).toISOString(), status: late === 200 ? 'healthy' : 'unhealthy' },
      { at: new Date(stack.host.now()).toISOString(), status: next === 'up' ? 'healthy' : 'unhealthy' },
    ]);
    expect(await readCheck(stack, id)).toMatchObject({
      status,
      lastChecked: new Date(stack.host.now()).toISOString(),
    });
    expect(changesOf(stack, id)).toEqual(told);
    expect(await deadLetters(stack)).toEqual({});
  },
);

test('a slot is looked at until the next one or a minute later, whichever is first, and never after that', async () => {
  target = await openTarget();
  await makeCheck(stack, { name: 'short', target: target.url, interval: '10s' });
  await makeCheck(stack, { name: 'long', target: target.url, interval: '5m' });
  await stack.advance('10m');
  const rows = [
    ['home.public.10.0', 10_000, 1],
    ['home.public.10.0', 10_001, 0],
    ['home.public.300.0', 60_000, 1],
    ['home.public.300.0', 60_001, 0],
  ] as const;
  for (const [shard, lateMs, looks] of rows) {
    await stack.advance('2m');
    const before = target.requests();
    const slotAt = stack.host.now() - lateMs;
    await send(stack, 'Slots', [JSON.stringify({ kind: 'slot', shard, slotAt, planVersion: 1 })]);
    await stack.host.settle();
    expect.soft(target.requests() - before, `${shard}, ${lateMs} ms late`).toBe(looks);
  }
  expect(await deadLetters(stack)).toEqual({});
});

import { afterEach, expect, test } from 'vitest';
import { changesOf, checksPath, makeCheck, readCheck, resultsOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withTimeout } from './template.ts';

let stack: Stack | undefined;
const targets: Target[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
  await stack?.close();
  stack = undefined;
});
const newTarget = async (slowMs?: number): Promise<Target> => {
  const target = await openTarget({ slowMs });
  targets.push(target);
  return target;
};

test('a runner killed by its timeout leaves a gap for its whole shard, and the slot is not made up for later (fault 3)', async () => {
  stack = await openStack({ patchTemplate: withTimeout('runner', 3) });
  const [hanging, other] = [await newTarget(), await newTarget()];
  const check = { interval: '1m', timeout: '40s', retries: 0 };
  const ids = [
    await makeCheck(stack, { ...check, name: 'hanging', target: hanging.url }),
    await makeCheck(stack, { ...check, name: 'other', target: other.url }),
  ];
  await stack.advance('2m');
  const [first = ''] = ids;
  const lastSlot = Date.parse((await resultsOf(stack, first)).at(-1)?.at ?? '');
  await stack.host.runUntil(lastSlot + 30_000);
  await hanging.become('hanging');
  await stack.advance('1m');
  expect(stack.lines).toContainEqual(
    expect.objectContaining({
      source: 'runner',
      text: expect.stringContaining('timed out after 3.00 seconds'),
    }),
  );
  await hanging.become('up');
  await stack.advance('3m');
  for (const id of ids) {
    const slots = (await resultsOf(stack, id)).map(({ at }) => (Date.parse(at) - lastSlot) / 60_000);
    expect(slots.filter((slot) => slot >= 0)).toEqual([0, 2, 3, 4]);
    expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });
    expect(changesOf(stack, id)).toEqual(['unknown → healthy']);
  }
  expect(await deadLetters(stack)).toEqual({});
});

test('what a slot has no time left for is a gap, and the next slot looks at it first', async () => {
  const open = await openStack();
  stack = open;
  // Twenty are looked at at once. After 3.1 seconds less time is left than the last five may need.
  const slow = await newTarget(3_200);
  const definition = (index: number) => ({
    name: `c${index}`,
    type: 'http',
    target: slow.url,
    interval: '2m',
    timeout: '48.9s',
    retries: 0,
  });
  const changes = Array.from({ length: 25 }, (_, index) => ({
    op: 'put',
    kind: 'check',
    definition: definition(index),
  }));
  const applied = await stack.api('POST', '/api/v1/monitoring/apply', { body: { changes } });
  expect(applied.status).toBe(200);
  const statuses = async () => {
    const page = await open.api('GET', `${checksPath}?limit=100`);
    return (page.body.items as { status: string }[]).map(({ status }) => status).sort();
  };
  const times = (count: number, status: string) => Array.from({ length: count }, () => status);
  await stack.advance('2s');
  expect(await statuses()).toEqual([...times(20, 'healthy'), ...times(5, 'unknown')]);
  await open.advance('2m');
  expect(await statuses()).toEqual(times(25, 'healthy'));
  expect(await deadLetters(stack)).toEqual({});
});

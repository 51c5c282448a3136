import { afterEach, expect, test } from 'vitest';
import { changesOf, checksPath, makeCheck, statusOf } from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

const stacks: Stack[] = [];
const targets: Target[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close();
  for (const target of targets.splice(0)) await target.close();
});

const open = async (): Promise<readonly [Stack, Target]> => {
  const [stack, target] = [await openStack({ onDisk: true }), await openTarget()];
  stacks.push(stack);
  targets.push(target);
  return [stack, target];
};

test('two hosts side by side see nothing of each other: checks, statuses, events and tokens are their own', async () => {
  const [one, up] = await open();
  const [other, down] = await open();
  await down.become('closed');
  const [id, sameId] = [
    await makeCheck(one, { target: up.address }),
    await makeCheck(other, { target: down.address, failureThreshold: 1 }),
  ];
  // The same name in the same deployment is the same check, wherever it is.
  expect(sameId).toBe(id);
  await makeCheck(one, { name: 'only-here', target: up.address });
  await one.advance('1m');
  expect(await statusOf(one, id)).toBe('healthy');
  expect(await statusOf(other, id)).toBe('unknown');
  await other.advance('1m');
  expect(await statusOf(other, id)).toBe('unhealthy');
  expect(await statusOf(one, id)).toBe('healthy');
  expect(changesOf(one, id)).toEqual(['unknown → healthy']);
  expect(changesOf(other, id)).toEqual(['unknown → unhealthy']);
  expect((await other.api('GET', checksPath)).body.items).toHaveLength(1);
  expect((await one.api('GET', checksPath)).body.items).toHaveLength(2);
  expect((await other.api('GET', checksPath, { token: one.host.token })).status).toBe(401);
});

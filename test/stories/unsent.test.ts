import { afterEach, expect, test } from 'vitest';
import { checksPath, makeCheck, readCheck, statusOf } from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withoutPermission } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  stack = undefined;
  target = undefined;
});

const told = (open: Stack, id: string): readonly { id: string; revision: number }[] =>
  open
    .events('check.changed')
    .map(({ detail }) => detail as unknown as { id: string; checkId: string; revision: number })
    .filter(({ checkId }) => checkId === id);

test('a definition whose event the bus refused is kept as not scheduled yet, and the sweeper publishes it within two minutes once it may (fault 3)', async () => {
  stack = await openStack({
    onDisk: true,
    patchTemplate: withoutPermission('api', 'Bus', 'events:PutEvents'),
  });
  target = await openTarget();
  const check = { name: 'web', type: 'tcp', target: target.address, interval: '10s' };
  const id = await makeCheck(stack, check);
  expect(await readCheck(stack, id)).toMatchObject({ status: 'unknown', reason: 'not scheduled yet' });
  await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check, timeout: '2s' } });
  await stack.host.settle();
  expect(told(stack, id)).toEqual([]);
  await stack.restart({ patchTemplate: () => {} });
  expect(await readCheck(stack, id)).toMatchObject({ revision: 2, reason: 'not scheduled yet' });
  await stack.advance('2m');
  // Only the newest revision: consumers read the definition itself.
  expect(told(stack, id).map(({ revision }) => revision)).toEqual([2]);
  expect(await statusOf(stack, id)).toBe('healthy');
  await stack.advance('3m');
  expect(told(stack, id)).toHaveLength(1);
});

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  changes,
  changesOf,
  checksPath,
  makeCheck,
  readCheck,
  resultsOf,
  stopBetweenSlots,
} from './checks.ts';
import { unpublished } from './published.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack;
let router: Target;
let shop: Target;
let ids: readonly string[] = [];
beforeAll(async () => {
  stack = await openStack();
});
afterEach(async () => {
  await router.close();
  await shop.close();
  for (const id of ids) await stack.api('DELETE', `${checksPath}/${id}`);
});
afterAll(() => stack?.close());

/** A parent of every twenty seconds and its child of every ten, in shards of their own; both healthy. */
const family = async (name: string): Promise<{ readonly parent: string; readonly child: string }> => {
  [router, shop] = [await openTarget(), await openTarget()];
  const timing = { timeout: '5s', retries: 0 };
  const parent = await makeCheck(stack, {
    ...timing,
    name: `${name} router`,
    target: router.url,
    interval: '20s',
  });
  const child = await makeCheck(stack, { ...timing, name, target: shop.url, parent: `${name} router` });
  ids = [parent, child];
  await stack.advance('1m');
  await stopBetweenSlots(stack, child);
  return { parent, child };
};
const both = (conduct: 'up' | 'closed'): Promise<unknown> =>
  Promise.all([router.become(conduct), shop.become(conduct)]);

test('while its parent is down the trouble of a check is recorded and not told, and recovery is told', async () => {
  const { parent, child } = await family('behind');
  await both('closed');
  await stack.advance('3m');
  expect(changesOf(stack, parent)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
  expect(changesOf(stack, child)).toEqual(['unknown → healthy']);
  expect(await readCheck(stack, child)).toMatchObject({
    status: 'unhealthy',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  expect((await resultsOf(stack, child)).slice(-18).map(({ status }) => status)).toEqual(
    Array.from({ length: 18 }, () => 'unhealthy'),
  );
  await both('up');
  await stack.advance('2m');
  expect(changesOf(stack, parent).at(-1)).toBe('unhealthy → healthy');
  expect(changesOf(stack, child)).toEqual(['unknown → healthy', 'unhealthy → healthy']);
});

test('a check that is still down when its parent is back is told then, with the instant at which it turned', async () => {
  const { parent, child } = await family('stuck');
  await both('closed');
  await stack.advance('3m');
  const turnedAt = (await readCheck(stack, child)).statusSince;
  expect(changesOf(stack, child)).toEqual(['unknown → healthy']);
  await router.become('up');
  await stack.advance('70s');
  expect(changesOf(stack, parent).at(-1)).toBe('unhealthy → healthy');
  expect(changes(stack, child).slice(1)).toMatchObject([
    { from: 'healthy', to: 'unhealthy', at: turnedAt, id: `${child}@${Date.parse(turnedAt ?? '')}` },
  ]);
  await stack.advance('2m');
  expect(changesOf(stack, child)).toHaveLength(2);
});

test('alone in its trouble, a check is told when its parent had its interval and timeout to fail too, and did not', async () => {
  const { child } = await family('alone');
  await shop.become('closed');
  await stack.advance('30s');
  const { status, statusSince } = await readCheck(stack, child);
  expect(status).toBe('unhealthy');
  const turnedAt = Date.parse(statusSince ?? '');
  await stack.host.runUntil(turnedAt + 24_000);
  expect(changesOf(stack, child)).toEqual(['unknown → healthy']);
  // Twenty seconds and five; its own slots are those of every tenth second.
  await stack.host.runUntil(turnedAt + 31_000);
  expect(changes(stack, child).slice(1)).toMatchObject([{ to: 'unhealthy', at: statusSince }]);
  expect(await unpublished(stack)).toEqual([]);
});

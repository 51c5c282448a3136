import { afterEach, expect, test } from 'vitest';
import { changesOf, detailsOf, makeCheck, readCheck, resultsOf, stopBetweenSlots } from './checks.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { rowsOf, shardOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack | undefined;
const targets: Target[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
  await stack?.close();
  stack = undefined;
});
const newTarget = async (): Promise<Target> => {
  const target = await openTarget();
  targets.push(target);
  return target;
};

/** How far the results of a check lie apart, in seconds, since an instant. */
const stepsOf = async (open: Stack, id: string, from: number): Promise<readonly number[]> => {
  const times = (await resultsOf(open, id)).map(({ at }) => Date.parse(at)).filter((at) => at >= from);
  return times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1000);
};
const tens = (count: number): readonly number[] => Array.from({ length: count }, () => 10);

test('a target that hangs moves its check to a slow shard, with its status, while the others keep every slot; ten good answers bring it back', async () => {
  const open = await openStack();
  stack = open;
  const [hanging, other] = [await newTarget(), await newTarget()];
  const timing = { timeout: '0.5s', retries: 0 };
  const id = await makeCheck(open, { ...timing, name: 'hanging', target: hanging.url });
  const neighbour = await makeCheck(open, { ...timing, name: 'neighbour', target: other.url });
  await open.advance('1m');
  await stopBetweenSlots(open, neighbour);
  expect([await shardOf(open, id), await shardOf(open, neighbour)]).toEqual([
    'home.public.10.0',
    'home.public.10.0',
  ]);
  const startedAt = open.host.now();
  await hanging.become('hanging');
  await open.advance('20s');
  expect(await shardOf(open, id)).toBe('home.public.10.0');
  await open.advance('10s');
  expect(detailsOf(open, 'check.paced')).toMatchObject([{ checkId: id, pace: 'slow' }]);
  const { statusSince, status } = await readCheck(open, id);
  expect(status).toBe('unhealthy');
  await open.advance('30s');
  expect(await shardOf(open, id)).toBe('home.slow.10.0');
  expect(await readCheck(open, id)).toMatchObject({
    status: 'unhealthy',
    statusSince,
    reason: 'no answer within 0.5 s',
  });
  expect(changesOf(open, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
  // Probed by one shard at most: the plans hold it once, and nobody asks more often than each ten seconds.
  const plans = (await rowsOf(open)).filter(({ sk }) => sk === 'PLAN').map(({ packed }) => String(packed));
  expect(plans.filter((plan) => plan.includes(id))).toHaveLength(1);
  const asked = hanging.requests();
  await open.advance('1m');
  expect(hanging.requests() - asked).toBe(6);
  expect(await stepsOf(open, neighbour, startedAt)).toEqual(tens(11));

  await hanging.become('up');
  await open.advance('20s');
  expect(changesOf(open, id).at(-1)).toBe('unhealthy → healthy');
  await open.advance('60s');
  expect(await shardOf(open, id)).toBe('home.slow.10.0');
  await open.advance('30s');
  expect(await shardOf(open, id)).toBe('home.public.10.0');
  const since = (await readCheck(open, id)).statusSince;
  await open.advance('1m');
  expect(await readCheck(open, id)).toMatchObject({ status: 'healthy', statusSince: since, reason: null });
  expect(detailsOf(open, 'check.paced').map(({ pace }) => pace)).toEqual(['slow', 'usual']);
  expect(changesOf(open, id)).toEqual(['unknown → healthy', 'healthy → unhealthy', 'unhealthy → healthy']);
  expect(await stepsOf(open, neighbour, startedAt)).toEqual(tens(28));
  expect(await deadLetters(open)).toEqual({});
  expect(await unpublished(open)).toEqual([]);
});

test('a target that refuses at once makes nobody wait, and its check stays where it is', async () => {
  stack = await openStack();
  const refusing = await newTarget();
  await refusing.become('closed');
  const id = await makeCheck(stack, { name: 'refusing', target: refusing.url, retries: 0 });
  await stack.advance('2m');
  expect((await readCheck(stack, id)).status).toBe('unhealthy');
  expect(await shardOf(stack, id)).toBe('home.public.10.0');
  expect(detailsOf(stack, 'check.paced')).toEqual([]);
});

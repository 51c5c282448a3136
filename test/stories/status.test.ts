import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  changes,
  changesOf,
  checksPath,
  makeWatchedCheck,
  readCheck,
  resultsOf,
  statusOf,
} from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { follow } from './timeline.ts';

let stack: Stack;
let target: Target;
beforeAll(async () => {
  stack = await openStack();
});
afterEach(() => target.close());
afterAll(() => stack?.close());

test('three failures in a row make a check unhealthy once, two successes healthy again once, and nothing between tells anything', async () => {
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { name: 'thresholds', target: target.url });
  expect(changes(stack, id).map(({ from, to }) => [from, to])).toEqual([['unknown', 'healthy']]);
  await follow(stack, target, id, [
    ['up', 'healthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['failing', 'unhealthy', 'unhealthy', 'unhealthy'],
    ['failing', 'unhealthy', 'unhealthy', null],
    ['up', 'healthy', 'unhealthy', null],
    ['closed', 'unhealthy', 'unhealthy', null],
    ['up', 'healthy', 'unhealthy', null],
    ['up', 'healthy', 'healthy', 'healthy'],
    ['closed', 'unhealthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
  ]);
});

test('the event of a change names its check, what changed and why, and the API says the same everywhere', async () => {
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { name: 'reasons', target: target.url, tags: { team: 'shop' } });
  await target.become('failing');
  await stack.advance('30s');
  const check = await readCheck(stack, id);
  expect(check).toMatchObject({ status: 'unhealthy', reason: 'expected status 200-299, got 503' });
  expect(stack.events('check.status_changed').at(-1)).toMatchObject({
    source: 'homeostat',
    detail: {
      id: `${id}@${Date.parse(check.lastChecked ?? '')}`,
      at: check.lastChecked,
      checkId: id,
      deploymentId: 'default',
      name: 'reasons',
      type: 'http',
      target: target.url,
      from: 'healthy',
      to: 'unhealthy',
      reason: check.reason,
      tags: { team: 'shop' },
    },
  });
  const overview = await stack.api('GET', '/api/v1/monitoring/overview');
  expect(overview.body.unhealthy).toEqual(
    expect.arrayContaining([
      {
        checkId: id,
        deploymentId: 'default',
        name: 'reasons',
        reason: check.reason,
        since: check.statusSince,
      },
    ]),
  );
  const listed = await stack.api('GET', `${checksPath}?status=unhealthy&tag=team:shop`);
  expect(listed.body.items).toEqual([check]);
  const deployment = await stack.api('GET', '/api/monitoring/deployments/default');
  expect(deployment.body).toMatchObject({ status: 'unhealthy', health: { status: 'unhealthy' } });
});

test('a paused check is not probed and unknown, and a resumed one starts to count anew', async () => {
  target = await openTarget();
  const check = { name: 'paused', type: 'http', target: target.url, interval: '10s' };
  const id = await makeWatchedCheck(stack, check);
  await target.become('failing');
  await stack.advance('20s');
  await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check, isActive: false } });
  await stack.advance('10s');
  const requests = target.requests();
  await stack.advance('1m');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'unknown', reason: 'paused' });
  expect(target.requests()).toBe(requests);
  const resumedAt = stack.host.now();
  await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check, isActive: true } });
  await stack.advance('2s');
  // It was looked at and failed: a third failure, had the two before the pause still counted.
  const resumed = await readCheck(stack, id);
  expect(Date.parse(resumed.lastChecked ?? '')).toBeGreaterThanOrEqual(resumedAt);
  expect(resumed).toMatchObject({ status: 'healthy' });
  await stack.advance('30s');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'unhealthy' });
  expect(changes(stack, id).map(({ to }) => to)).toEqual(['healthy', 'unhealthy']);
});

test('a check that gets another interval keeps its status while it moves, and its results before and after read back in order', async () => {
  target = await openTarget();
  const check = { name: 'moving', type: 'http', target: target.url, interval: '10s', retries: 0 };
  const id = await makeWatchedCheck(stack, check);
  await target.become('failing');
  await stack.advance('40s');
  const before = await readCheck(stack, id);
  const seen = await resultsOf(stack, id);
  expect(before.status).toBe('unhealthy');

  await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check, interval: '30s' } });
  expect(await statusOf(stack, id)).toBe('unhealthy');
  await stack.host.settle();
  expect(await statusOf(stack, id)).toBe('unhealthy');
  const movedAt = stack.host.now();
  await stack.advance('3m');
  expect(await readCheck(stack, id)).toMatchObject({
    status: 'unhealthy',
    statusSince: before.statusSince,
    revision: 2,
  });
  const results = await resultsOf(stack, id);
  expect(results.slice(0, seen.length)).toEqual(seen);
  const times = results.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(new Set(times).size).toBe(times.length);
  const slots = times.filter((at) => at > movedAt + 5000);
  expect(slots.slice(1).map((at, index) => at - (slots[index] ?? 0))).toEqual([
    30_000, 30_000, 30_000, 30_000, 30_000,
  ]);
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);

  await target.become('up');
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('healthy');
  await stack.api('PUT', `${checksPath}/${id}`, { body: check });
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('healthy');
  expect(changesOf(stack, id)).toHaveLength(3);
  const all = (await resultsOf(stack, id)).map(({ at }) => Date.parse(at));
  expect(all.slice(0, times.length)).toEqual(times);
  expect(all.slice(-4).map((at, index) => at - (all.at(-5 + index) ?? 0))).toEqual([
    10_000, 10_000, 10_000, 10_000,
  ]);
});

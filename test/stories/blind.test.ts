import { afterEach, expect, test } from 'vitest';
import {
  changesOf,
  detailsOf,
  makeCheck,
  readCheck,
  resultsOf,
  statusOf,
  stopBetweenSlots,
} from './checks.ts';
import { told, unpublished } from './published.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withVariable } from './template.ts';

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
const withCanaries = (canaries: string): Promise<Stack> =>
  openStack({ patchTemplate: withVariable('runner', 'HOMEOSTAT_CANARIES', canaries) });

/** `monitor.blind` as the bus took it: each state with its ids, however often they were told. */
const blindness = (open: Stack): Readonly<Record<string, readonly unknown[]>> => {
  const byState = Map.groupBy(detailsOf(open, 'monitor.blind'), ({ state }) => String(state));
  return Object.fromEntries(
    [...byState].map(([state, details]) => [state, [...new Set(details.map(({ id }) => id))]]),
  );
};

/** What became of the alert about the blindness. */
const blindAlerts = (open: Stack): readonly unknown[] =>
  detailsOf(open, 'alert.state_changed')
    .filter(({ ruleName }) => ruleName === 'Monitor Blind')
    .map(({ to }) => to);

test('when everything falls silent at once, canaries too, the checks are unknown, no status changes, and all shards tell of one blindness, which is one alert (fault 14)', async () => {
  const canary = await newTarget();
  const open = await withCanaries(canary.address);
  stack = open;
  const shops = [await newTarget(), await newTarget(), await newTarget()];
  const down = await newTarget();
  await down.become('closed');
  const ids: string[] = [];
  for (const [shard, interval] of ['10s', '15s', '20s'].entries()) {
    for (const [no, shop] of shops.entries()) {
      const check = { name: `shop ${shard}.${no}`, target: shop.url, interval, retries: 0 };
      ids.push(await makeCheck(open, check));
    }
  }
  const downBefore = await makeCheck(open, { name: 'down before', target: down.address, retries: 0 });
  await open.advance('70s');
  await stopBetweenSlots(open, ids[0] ?? '');
  // One alert and one incident of the check that was down before.
  expect(told(open)).toEqual({
    'check.status_changed': 10,
    'deployment.status_changed': 2,
    'alert.state_changed': 1,
    'incident.changed': 1,
  });
  const since = (await readCheck(open, ids[0] ?? '')).statusSince;

  for (const target of [canary, ...shops]) await target.become('closed');
  await open.advance('70s');
  for (const id of [...ids, downBefore]) {
    expect.soft(await readCheck(open, id)).toMatchObject({
      status: 'unknown',
      reason: 'the monitor is blind: neither its targets nor its canaries answer',
    });
    expect.soft((await resultsOf(open, id)).at(-1)).toMatchObject({
      status: 'unknown',
      reason: expect.stringMatching(/^the monitor is blind: .* \(.*ECONNREFUSED.*\)$/),
    });
  }
  const startedId = String(blindness(open).started?.[0]);
  expect(startedId).toMatch(/^blind:home\.public@\d+:started$/);
  expect(blindness(open)).toEqual({ started: [startedId] });
  expect(blindAlerts(open)).toEqual(['firing']);

  for (const target of [canary, ...shops]) await target.become('up');
  await open.advance('40s');
  expect(blindAlerts(open)).toEqual(['firing', 'resolved']);
  expect(blindness(open)).toEqual({
    started: [startedId],
    ended: [startedId.replace('started', 'ended')],
  });
  for (const id of ids) {
    expect.soft(await readCheck(open, id)).toMatchObject({ status: 'healthy', reason: null });
    expect.soft(changesOf(open, id)).toEqual(['unknown → healthy']);
  }
  expect((await readCheck(open, ids[0] ?? '')).statusSince).toBe(since);
  expect(await statusOf(open, downBefore)).toBe('unhealthy');
  expect(changesOf(open, downBefore)).toEqual(['unknown → unhealthy']);
  expect(told(open)).toMatchObject({
    'check.status_changed': 10,
    'deployment.status_changed': 2,
    'alert.state_changed': 3,
  });
  expect(await unpublished(open)).toEqual([]);
});

test('with canaries that answer, as many failures at once are the targets’ own', async () => {
  const canary = await newTarget();
  stack = await withCanaries(`127.0.0.1:9,${canary.address}`);
  const shop = await newTarget();
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three', 'four']) {
    ids.push(await makeCheck(stack, { name, target: shop.url, retries: 0 }));
  }
  await stack.advance('1m');
  await shop.become('closed');
  await stack.advance('30s');
  for (const id of ids) expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
  expect(told(stack)['monitor.blind']).toBeUndefined();
});

test('an offline laptop knows nothing of the internet and still shows the red and the green of what runs on itself (fault 14)', async () => {
  // Names of the top-level domain that never resolves lie on the public internet, as far as a name can tell.
  stack = await withCanaries('one.canary.invalid:443,other.canary.invalid:443');
  const [up, down] = [await newTarget(), await newTarget()];
  await down.become('closed');
  const far: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    far.push(await makeCheck(stack, { name, target: `https://${name}.shop.invalid/`, retries: 0 }));
  }
  const red = await makeCheck(stack, { name: 'red', target: down.url, retries: 0 });
  const green = await makeCheck(stack, { name: 'green', target: up.url, retries: 0 });
  await stack.advance('70s');
  for (const id of far) {
    expect.soft(await readCheck(stack, id)).toMatchObject({
      status: 'unknown',
      reason: 'the monitor is blind: neither its targets nor its canaries answer',
    });
    expect.soft(changesOf(stack, id)).toEqual([]);
  }
  expect(changesOf(stack, red)).toEqual(['unknown → unhealthy']);
  expect(await readCheck(stack, red)).toMatchObject({
    status: 'unhealthy',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  expect(await statusOf(stack, green)).toBe('healthy');
  expect(Object.keys(blindness(stack))).toEqual(['started']);
  expect(blindness(stack).started).toHaveLength(1);
});

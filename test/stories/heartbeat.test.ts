import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  changesOf,
  checksPath,
  makeCheck,
  readCheck,
  resultsOf,
  statusOf,
  stopBetweenSlots,
} from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack;
const targets: Target[] = [];
beforeAll(async () => {
  stack = await openStack();
});
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
  // What runs on would only slow down the next story.
  const { items } = (await stack.api('GET', checksPath)).body as { items: { id: string }[] };
  for (const { id } of items) await stack.api('DELETE', `${checksPath}/${id}`);
});
afterAll(() => stack?.close());
const newTarget = async (): Promise<Target> => {
  const target = await openTarget();
  targets.push(target);
  return target;
};

/** A token of a job that may tell how it is, and nothing else. */
const ingestToken = async (): Promise<string> => {
  const body = { name: 'job', scopes: ['ingest'], deployments: ['default'] };
  return String((await stack.api('POST', '/api/v1/monitoring/tokens', { body })).body.token);
};

test('a heartbeat waits for its first ping, turns unhealthy when pings stop or tell of a failure, and healthy with the next one', async () => {
  const made = await stack.api('POST', checksPath, {
    body: { name: 'backup', type: 'heartbeat', interval: '10s', config: { every: '30s', grace: '12s' } },
  });
  expect(made.status).toBe(201);
  const id = String(made.body.id);
  const token = await ingestToken();
  const ping = async (body?: object): Promise<number> =>
    (await stack.api('POST', `${checksPath}/${id}/ping`, { token, ...(body && { body }) })).status;
  await stack.advance('20s');
  expect(await readCheck(stack, id)).toMatchObject({
    status: 'unknown',
    reason: 'waiting for the first ping',
  });
  await stopBetweenSlots(stack, id);

  // Seconds from the one row to the next, what is told first, and how the check stands at the end.
  const timeline = [
    [10, 'ok', 'healthy', null],
    [20, undefined, 'healthy', null],
    [20, 'ok', 'healthy', null],
    [20, undefined, 'healthy', null],
    [10, undefined, 'unhealthy', /^no ping since .*Z, one is expected every 30 s$/],
    [20, undefined, 'unhealthy', /^no ping since /],
    [10, 'ok', 'healthy', null],
    [10, 'failed', 'unhealthy', /^the ping at .*Z told of a failure: disk full$/],
    [10, undefined, 'unhealthy', /disk full$/],
    [10, 'ok', 'healthy', null],
  ] as const;
  for (const [index, [seconds, told, status, reason]] of timeline.entries()) {
    if (told)
      expect(await ping(told === 'ok' ? undefined : { status: 'failed', message: 'disk full' })).toBe(204);
    await stack.advance(seconds * 1000);
    expect.soft(await readCheck(stack, id), `row ${index + 1}`).toMatchObject({
      status,
      reason: reason === null ? null : expect.stringMatching(reason),
    });
  }
  expect(changesOf(stack, id)).toEqual([
    'unknown → healthy',
    'healthy → unhealthy',
    'unhealthy → healthy',
    'healthy → unhealthy',
    'unhealthy → healthy',
  ]);
  expect((await stack.api('GET', `${checksPath}/${id}`, { token })).status).toBe(403);
});

test('a composite goes by its members in shards of their own, and one of which nothing is known is blamed for nothing', async () => {
  const members = ['10s', '15s', '30s'];
  const ids: string[] = [];
  for (const [no, interval] of members.entries()) {
    const target = await newTarget();
    const thresholds = { failureThreshold: 1, successThreshold: 1, retries: 0 };
    ids.push(await makeCheck(stack, { ...thresholds, name: `node ${no}`, target: target.url, interval }));
  }
  const made = await stack.api('POST', checksPath, {
    body: {
      name: 'cluster',
      type: 'composite',
      interval: '10s',
      config: { members: members.map((_, no) => `node ${no}`), atLeast: 2 },
    },
  });
  const cluster = String(made.body.id);
  const stands = async (): Promise<readonly [string, string | null]> => {
    await stack.advance('50s');
    const { status, reason } = await readCheck(stack, cluster);
    return [status, reason];
  };
  const [first, second] = targets;
  expect(await stands()).toEqual(['healthy', null]);
  await first?.become('closed');
  expect(await stands()).toEqual(['healthy', null]);
  await second?.become('closed');
  expect(await stands()).toEqual(['unhealthy', '1 of 3 are up, 2 must be; down: node 0, node 1']);
  // Paused, it may as well be up.
  expect((await stack.api('POST', `${checksPath}/${ids[1]}/pause`)).status).toBe(200);
  expect(await stands()).toEqual(['unknown', '1 of 3 are up, 2 must be; down: node 0; unknown: node 1']);
  await first?.become('up');
  expect(await stands()).toEqual(['healthy', null]);
  expect(changesOf(stack, cluster)).toEqual([
    'unknown → healthy',
    'healthy → unhealthy',
    'unhealthy → unknown',
    'unknown → healthy',
  ]);
  const circle = await stack.api('PUT', `${checksPath}/${ids[0]}`, {
    body: { name: 'node 0', type: 'tcp', target: '127.0.0.1:9', interval: '10s', parent: 'cluster' },
  });
  expect(circle.status).toBe(422);
  expect(circle.text).toContain('Break the circle: node 0 → cluster → node 0.');
});

test('a check run by hand gives its result at once and counts like any other; paused it is unknown, whatever the file says, until it is resumed', async () => {
  const target = await newTarget();
  const definition = { name: 'by hand', type: 'http', target: target.url, interval: '15m', retries: 0 };
  const apply = () =>
    stack.api('POST', '/api/v1/monitoring/apply', {
      body: { changes: [{ op: 'put', kind: 'check', definition }] },
    });
  const applied = await apply();
  const [{ id }] = applied.body.outcomes as [{ id: string }];
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('healthy');
  const before = (await resultsOf(stack, id)).length;
  await target.become('failing');
  const run = async () => {
    const asked = await stack.api('POST', `${checksPath}/${id}/run`);
    expect(asked.status).toBe(202);
    await stack.host.settle();
    return (await stack.api('GET', String(asked.body.resultUrl))).body;
  };
  for (const status of ['healthy', 'healthy', 'unhealthy']) {
    await stack.advance('1s');
    expect(await run()).toMatchObject({
      state: 'done',
      result: { status: 'unhealthy', reason: 'expected status 200-299, got 503' },
    });
    expect(await statusOf(stack, id)).toBe(status);
  }
  expect((await resultsOf(stack, id)).length).toBe(before + 3);
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);

  expect((await stack.api('POST', `${checksPath}/${id}/pause`)).status).toBe(200);
  await stack.advance('5s');
  const requests = target.requests();
  expect((await apply()).body.outcomes).toMatchObject([{ outcome: 'unchanged' }]);
  await stack.advance('16m');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'unknown', reason: 'paused', isPaused: true });
  expect(target.requests()).toBe(requests);
  expect((await stack.api('POST', `${checksPath}/${id}/run`)).status).toBe(409);
  await target.become('up');
  expect((await stack.api('POST', `${checksPath}/${id}/resume`)).status).toBe(200);
  await stack.advance('5s');
  expect(target.requests()).toBe(requests + 1);
  await stack.advance('1s');
  await run();
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy', isPaused: false });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  incidentsOf,
  makeSilence,
  makeWebhook,
  monitoring,
  registerDeployment,
  setAlerting,
} from './alerting.ts';
import { checksPath, makeWatchedCheck } from './checks.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

/** What two people who look at the same stack learn of each other, by polling alone. */
let stack: Stack;
let target: Target;
let receiver: Receiver;
beforeAll(async () => {
  target = await openTarget();
  stack = await openStack();
  receiver = await openReceiver(() => stack.host.now());
  await makeWebhook(stack, receiver);
  await setAlerting(stack, { defaultChannels: ['webhook'] });
  await registerDeployment(stack, 'shop');
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([target?.close(), receiver?.close()]);
});

type Told = {
  readonly cursor: string;
  readonly topics: readonly string[];
  readonly statuses: readonly { readonly id: string; readonly status: string }[];
  readonly pollAfterSeconds: number;
};
const poll = async (cursor: string): Promise<Told> => {
  const answer = await stack.api('GET', `${monitoring}/changes${cursor && `?cursor=${cursor}`}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as Told;
};

/** Polls as often as it is told to, and gives all that was told within so long. */
const toldWithin = async (cursor: string, seconds: number) => {
  const topics = new Set<string>();
  const statuses = new Map<string, string>();
  let next = cursor;
  for (let passed = 0; passed < seconds; ) {
    await stack.advance('4s');
    passed += 4;
    const told = await poll(next);
    for (const topic of told.topics) topics.add(topic);
    for (const { id, status } of told.statuses) statuses.set(id, status);
    next = told.cursor;
  }
  return { topics: [...topics].sort(), statuses, cursor: next };
};

let checkId = '';
let cursor = '';

test('a check that somebody else makes is told within seconds, and how it stands once it was looked at', async () => {
  cursor = (await poll('')).cursor;
  checkId = await makeWatchedCheck(stack, {
    name: 'web',
    target: target.url,
    deploymentId: 'shop',
    failureThreshold: 1,
  });
  const told = await poll(cursor);
  expect(told.topics).toContain('checks');
  expect(told.statuses).toMatchObject([{ id: checkId, status: 'healthy' }]);
  cursor = told.cursor;
});

test('while nothing is written nothing is told but that it was looked at again', async () => {
  const { topics, statuses, ...rest } = await toldWithin(cursor, 16);
  expect(topics).toEqual([]);
  expect([...statuses]).toEqual([[checkId, 'healthy']]);
  cursor = rest.cursor;
});

test('a target dies: its status, the incident and its notification are told', async () => {
  await target.become('closed');
  const told = await toldWithin(cursor, 60);
  expect(told.statuses.get(checkId)).toBe('unhealthy');
  expect(told.topics).toEqual(expect.arrayContaining(['incidents', 'notifications']));
  cursor = told.cursor;
});

test('an acknowledgement is seen by whoever else looks within ten seconds, as are a comment and a silence', async () => {
  const [incident] = await incidentsOf(stack, 'shop');
  for (const [what, act] of [
    [
      'incidents',
      () => stack.api('POST', `${monitoring}/incidents/${incident?.id}/acknowledge`, { body: {} }),
    ],
    [
      'incidents',
      () => stack.api('POST', `${monitoring}/incidents/${incident?.id}/comment`, { body: { text: 'on it' } }),
    ],
    ['mutes', () => makeSilence(stack, { matchers: ['deployment=shop'], duration: '1h' })],
    ['stop', () => stack.api('POST', `${monitoring}/remediation/stop`, { body: { reason: 'a story' } })],
  ] as const) {
    cursor = (await toldWithin(cursor, 8)).cursor;
    await act();
    const told = await toldWithin(cursor, 8);
    expect(told.topics, what).toContain(what);
    cursor = told.cursor;
  }
});

test('a pause is told with the status that it leaves, and so is its end', async () => {
  for (const [act, status] of [
    ['pause', 'unknown'],
    ['resume', 'unhealthy'],
  ] as const) {
    cursor = (await toldWithin(cursor, 8)).cursor;
    const answer = await stack.api('POST', `${checksPath}/${checkId}/${act}`);
    expect(answer.status, answer.text).toBe(200);
    const told = await toldWithin(cursor, 24);
    expect(told.topics).toContain('checks');
    expect(told.statuses.get(checkId)).toBe(status);
    cursor = told.cursor;
  }
});

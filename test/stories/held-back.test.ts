import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  incidentsOf,
  makeSilence,
  makeWebhook,
  monitoring,
  readIncident,
  registerDeployment,
  setAlerting,
  timelineOf,
} from './alerting.ts';
import { makeCheck, makeWatchedCheck, readCheck, resultsOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { type OwnPayload, openReceiver, type Receiver } from './receivers.ts';
import { putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

/** What is recorded and not told: behind a parent, in a silence, in maintenance, at night, as mere information. */
let stack: Stack;
let receiver: Receiver;
let target: Target;
let router: Target;
beforeAll(async () => {
  [target, router] = [await openTarget(), await openTarget()];
  stack = await openStack();
  receiver = await openReceiver(() => stack.host.now());
  await makeWebhook(stack, receiver, { name: 'hook' });
  await setAlerting(stack, { defaultChannels: ['hook'] });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([target?.close(), router?.close(), receiver?.close()]);
});

const told = (deploymentId: string): readonly OwnPayload[] =>
  receiver.webhook('/hook').filter((one) => one.deploymentId === deploymentId);
const kinds = (deploymentId: string): readonly string[] => told(deploymentId).map(({ kind }) => kind);
const time = (at: number): string => new Date(at).toISOString().slice(11, 16);
const minuteMs = 60_000;

const thresholds = { retries: 0, failureThreshold: 1, successThreshold: 1, timeout: '5s' };

test('while its parent is down a child’s trouble is recorded and not told; still down when the parent is back, it is told; and its end is told', async () => {
  await registerDeployment(stack, 'house');
  const parent = {
    ...thresholds,
    name: 'router',
    deploymentId: 'house',
    target: router.url,
    interval: '20s',
  };
  await makeCheck(stack, parent);
  const child = await makeWatchedCheck(stack, {
    ...thresholds,
    name: 'lamp',
    deploymentId: 'house',
    target: target.url,
    parent: 'router',
  });
  await Promise.all([router.become('closed'), target.become('closed')]);
  await stack.advance('4m');
  expect(await readCheck(stack, child)).toMatchObject({ status: 'unhealthy' });
  expect((await resultsOf(stack, child)).slice(-20).every(({ status }) => status === 'unhealthy')).toBe(true);
  const subjects = () =>
    told('house').map(({ kind, alerts }) => [kind, ...alerts.map(({ subject }) => subject).sort()]);
  expect(subjects()).toEqual([['firing', 'router']]);
  await router.become('up');
  await stack.advance('8m');
  // Whether the end of the one is told before the beginning of the other depends on whose slot comes first.
  const last = told('house').at(-1);
  expect(last).toMatchObject({ status: 'firing', firing: 1 });
  expect(last?.alerts.map(({ subject }) => subject)).toContain('lamp');
  await target.become('up');
  await stack.advance('2m');
  expect(told('house').at(-1)).toMatchObject({ kind: 'resolved', firing: 0 });
  expect(kinds('house').filter((kind) => kind === 'firing').length).toBe(
    kinds('house').filter((kind) => kind === 'resolved').length,
  );
  expect(await incidentsOf(stack, 'house')).toHaveLength(1);
});

test('a silence mutes: what fires is recorded; when somebody ends it early while it still fires, that is told within a minute', async () => {
  await registerDeployment(stack, 'silenced');
  const silence = await makeSilence(stack, { matchers: ['deployment=silenced'], duration: '2h' });
  await makeWatchedCheck(stack, {
    ...thresholds,
    name: 'page',
    deploymentId: 'silenced',
    target: target.url,
  });
  await target.become('failing');
  await stack.advance('10m');
  expect(kinds('silenced')).toEqual([]);
  const [incident] = await incidentsOf(stack, 'silenced');
  expect(await readIncident(stack, incident?.id ?? '')).toMatchObject({
    status: 'open',
    firing: 1,
    alerts: [{ ruleName: 'Service Down', held: 'muted' }],
  });
  expect((await timelineOf(stack, incident?.id ?? '')).map(({ kind }) => kind)).toContain('held');
  expect((await stack.api('DELETE', `${monitoring}/silences/${silence}`)).status).toBeLessThan(300);
  await stack.advance('1m');
  expect(kinds('silenced')).toEqual(['firing']);
  await target.become('up');
  await stack.advance('1m');
  expect(kinds('silenced')).toEqual(['firing', 'resolved']);
});

test('a silence that runs out while it fires is followed by a message within a minute or two, and what begins and ends within one is never told', async () => {
  await makeSilence(stack, { matchers: ['deployment=short'], duration: '10m' });
  await makeSilence(stack, { matchers: ['deployment=within'], duration: '10m' });
  await stack.advance('1m');
  for (const deploymentId of ['short', 'within']) await putFinding(stack, { deploymentId, state: 'open' });
  await stack.advance('3m');
  await putFinding(stack, { deploymentId: 'within', state: 'resolved' });
  await stack.advance('5m');
  expect([kinds('short'), kinds('within')]).toEqual([[], []]);
  await stack.advance('2m');
  await stack.advance('10s');
  expect([kinds('short'), kinds('within')]).toEqual([['firing'], []]);
  await putFinding(stack, { deploymentId: 'short', state: 'resolved' });
  await stack.advance('5m');
  expect([kinds('short'), kinds('within')]).toEqual([['firing', 'resolved'], []]);
});

test('what was told before a silence is told when it ends, silence or not', async () => {
  await putFinding(stack, { deploymentId: 'before', state: 'open' });
  await stack.advance('30s');
  expect(kinds('before')).toEqual(['firing']);
  await makeSilence(stack, { matchers: ['deployment=before'], duration: '1h' });
  await stack.advance('1m');
  await putFinding(stack, { deploymentId: 'before', state: 'resolved' });
  await stack.advance('30s');
  expect(kinds('before')).toEqual(['firing', 'resolved']);
});

test('a maintenance mutes while its window is open; what outlasts it is told then', async () => {
  const startsAt = Math.ceil(stack.host.now() / minuteMs) * minuteMs + minuteMs;
  const body = {
    name: 'move',
    matchers: ['deployment=moving'],
    windows: [{ at: new Date(startsAt).toISOString(), duration: '5m' }],
  };
  const made = await stack.api('POST', `${monitoring}/maintenance`, { body });
  expect(made.status, made.text).toBe(201);
  await stack.host.runUntil(startsAt + 30_000);
  await putFinding(stack, { deploymentId: 'moving', state: 'open' });
  await stack.host.runUntil(startsAt + 5 * minuteMs - 1000);
  expect(kinds('moving')).toEqual([]);
  await stack.host.runUntil(startsAt + 5 * minuteMs + 2 * minuteMs + 10_000);
  expect(kinds('moving')).toEqual(['firing']);
});

test('quiet hours keep what is mild for their end, and let through what is severe', async () => {
  const now = stack.host.now();
  const quietHours = { from: time(now - minuteMs), until: time(now + 10 * minuteMs) };
  await makeWebhook(stack, receiver, { name: 'night', quietHours });
  await setAlerting(stack, { defaultChannels: ['night'] });
  const atNight = (deploymentId: string) =>
    receiver
      .webhook('/night')
      .filter((one) => one.deploymentId === deploymentId)
      .map(({ kind }) => kind);
  await putFinding(stack, { deploymentId: 'mild', state: 'open', severity: 'warning' });
  await putFinding(stack, { deploymentId: 'severe', state: 'open', severity: 'critical' });
  await stack.advance('5m');
  expect([atNight('mild'), atNight('severe')]).toEqual([[], ['firing']]);
  await stack.advance('7m');
  expect([atNight('mild'), atNight('severe')]).toEqual([['firing'], ['firing']]);
});

test('mere information is told once a day, in the digest', async () => {
  const digestAt = Math.ceil(stack.host.now() / minuteMs) * minuteMs + 10 * minuteMs;
  await setAlerting(stack, { defaultChannels: ['hook'], digest: { at: time(digestAt), channels: ['hook'] } });
  const before = receiver.requests.length;
  for (const deploymentId of ['one', 'two'])
    await putFinding(stack, { deploymentId, state: 'open', kind: 'cost', severity: 'info' });
  await stack.host.runUntil(digestAt - minuteMs);
  expect(receiver.requests).toHaveLength(before);
  expect(await incidentsOf(stack, 'one')).toMatchObject([{ status: 'open', severity: 'info' }]);
  await stack.host.runUntil(digestAt + 5 * minuteMs);
  const [digest, ...others] = receiver.webhook('/hook').filter(({ kind }) => kind === 'digest');
  expect(others).toEqual([]);
  expect([...(digest?.lines ?? [])].sort()).toEqual([
    '«Cost Overrun» for bucket (one): bucket of one is public: bucket may be read by everybody',
    '«Cost Overrun» for bucket (two): bucket of two is public: bucket may be read by everybody',
  ]);
  expect(receiver.requests).toHaveLength(before + 1);
  expect(await deadLetters(stack)).toEqual({});
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentsOf, makeSlack, makeWebhook, monitoring, readIncident, setAlerting } from './alerting.ts';
import { detailsOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver, type Told } from './receivers.ts';
import { putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';
import { withAll, withoutSchedule } from './template.ts';

/** Slack is away for hours. What fires are findings, so that hours pass quickly. */
let stack: Stack;
let slack: Receiver;
let fallback: Receiver;
beforeAll(async () => {
  stack = await openStack({
    onDisk: true,
    patchTemplate: withAll(...['dispatcher', 'sweeper', 'watchdog', 'rollup'].map(withoutSchedule)),
  });
  slack = await openReceiver(() => stack.host.now());
  fallback = await openReceiver(() => stack.host.now());
  await makeWebhook(stack, fallback, { name: 'fallback' });
  await makeSlack(stack, slack, { name: 'slack', fallback: 'fallback' });
  await setAlerting(stack, { defaultChannels: ['slack'] });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([slack?.close(), fallback?.close()]);
});

const deployments = Array.from({ length: 8 }, (_, no) => `team-${no}`);
const finding = async (deploymentId: string, state: 'open' | 'resolved'): Promise<void> => {
  await putFinding(stack, { deploymentId, state });
  await stack.advance('10s');
};

/** What Slack heard of a deployment, in order. */
const heard = async (told: readonly Told[], deploymentId: string): Promise<readonly Told[]> => {
  const ids = (await incidentsOf(stack, deploymentId)).map(({ id }) => id);
  return told.filter(({ dedupeKey }) => ids.some((id) => dedupeKey.startsWith(`homeostat:${id}:`)));
};
const wordsFor = async (deploymentId: string): Promise<readonly string[]> =>
  (await heard(slack.slack(), deploymentId)).map(({ word }) => word);

const undelivered = async (): Promise<readonly Record<string, unknown>[]> => {
  const { status, body } = await stack.api('GET', `${monitoring}/notifications/undelivered`);
  expect(status).toBe(200);
  return body.items as Record<string, unknown>[];
};

/** Told before, so that Slack knows them as firing. */
const known = deployments.slice(0, 2);
/** They fire and are right again while it is away. */
const passing = deployments.slice(2, 4);
/** They fire, are right again, and fire once more. */
const turning = deployments.slice(4, 6);
const lasting = deployments.slice(6);

test('Slack is away for two hours: the fallback is told in its place, its breaker bounds the attempts, and nothing is given up (fault 11)', async () => {
  for (const one of known) await finding(one, 'open');
  expect(await Promise.all(known.map(wordsFor))).toEqual([['Firing'], ['Firing']]);
  const requestsBefore = slack.requests.length;
  await slack.become('down');
  const wentAt = stack.host.now();
  for (const one of [...passing, ...turning, ...lasting]) await finding(one, 'open');
  await stack.advance('5m');
  for (const one of [...known, ...passing, ...turning]) await finding(one, 'resolved');
  await stack.advance('5m');
  for (const one of turning) await finding(one, 'open');
  await stack.host.runUntil(wentAt + 2 * 3_600_000 - 300_000);
  const attempts = slack.requests.length - requestsBefore;
  // A first try each of six; then probes, 8 in the first quarter of an hour and one in at least 7.5 minutes from then on.
  expect(attempts).toBeGreaterThan(10);
  expect(attempts).toBeLessThanOrEqual(6 + 5 + 8 + 14);
  // Nobody even answers any more.
  await slack.become('closed');
  await stack.host.runUntil(wentAt + 2 * 3_600_000);

  for (const one of [...passing, ...turning, ...lasting]) {
    const ids = (await incidentsOf(stack, one)).map(({ id }) => id);
    const told = fallback.webhook().filter(({ incidentId }) => ids.includes(incidentId));
    const again = turning.includes(one) ? ['firing'] : [];
    const over = lasting.includes(one) ? [] : ['resolved', ...again];
    expect
      .soft(
        told.map(({ kind }) => kind),
        one,
      )
      .toEqual(['firing', ...over]);
    for (const { text } of told) expect.soft(text).toContain('In place of: slack');
    expect.soft(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  }
  expect(await undelivered()).toEqual([]);
  expect(detailsOf(stack, 'notification.undelivered')).toEqual([]);
});

test('when it is back all of it arrives, firing before resolved, each once and in order (fault 11)', async () => {
  await slack.become('up');
  // The breaker tries every quarter of an hour, and the rest follows within as much.
  await stack.advance('35m');
  const expected = { known: ['Firing', 'Resolved'], passing: ['Firing', 'Resolved'], lasting: ['Firing'] };
  for (const one of known) expect.soft(await wordsFor(one), one).toEqual(expected.known);
  for (const one of passing) expect.soft(await wordsFor(one), one).toEqual(expected.passing);
  for (const one of lasting) expect.soft(await wordsFor(one), one).toEqual(expected.lasting);
  for (const one of turning) expect.soft(await wordsFor(one), one).toEqual(['Firing', 'Resolved', 'Firing']);
  const keys = slack.slack().map(({ dedupeKey }) => dedupeKey);
  expect(new Set(keys).size).toBe(keys.length);
  for (const one of deployments) {
    const nos = (await heard(slack.slack(), one)).map(({ dedupeKey }) => Number(dedupeKey.split(':').at(-1)));
    expect(nos).toEqual([...nos].sort((left, right) => left - right));
  }
});

test('away for more than a day it is undelivered, once on the bus, visible, with the alarm up; a redrive has it told (fault 11)', async () => {
  await slack.become('down');
  const since = stack.host.now();
  await finding('night', 'open');
  await stack.advance('5m');
  await finding('night', 'resolved');
  await stack.restart({ after: '23h' });
  await stack.advance('5m');
  expect(await undelivered()).toEqual([]);
  await stack.host.runUntil(since + 24 * 3_600_000 + 30 * 60_000);
  const [incident] = await incidentsOf(stack, 'night');
  const [first, ...others] = await undelivered();
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    channelName: 'slack',
    incidentId: incident?.id,
    deploymentId: 'night',
    unsent: [{ kind: 'firing' }, { kind: 'resolved' }],
  });
  expect(detailsOf(stack, 'notification.undelivered')).toMatchObject([
    { channelName: 'slack', incidentId: incident?.id },
  ]);
  const alarmed = () => stack.lines.filter(({ source }) => source === 'alarm').map(({ text }) => text);
  expect(alarmed().join('\n')).toContain('could not be delivered');
  expect(await wordsFor('night')).toEqual([]);

  await slack.become('up');
  await stack.advance('30m');
  // Trying has ended: only a person begins anew.
  expect(await wordsFor('night')).toEqual([]);
  const redriven = await stack.api('POST', `${monitoring}/notifications/redrive`, { body: {} });
  expect(redriven.status, redriven.text).toBeLessThan(300);
  await stack.api('POST', `${monitoring}/notifications/redrive`, { body: {} });
  await stack.advance('70s');
  expect(await wordsFor('night')).toEqual(['Firing', 'Resolved']);
  expect(await undelivered()).toEqual([]);
  const told = (await readIncident(stack, incident?.id ?? '')).notifications;
  expect(told.find(({ channelName }) => channelName === 'slack')).toMatchObject({
    sent: [{ kind: 'firing' }, { kind: 'resolved' }],
    unsent: [],
    isUndelivered: false,
  });
  await stack.advance('11m');
  const depths = Object.entries(await stack.host.queues());
  expect(depths.find(([name]) => /Undelivered/.test(name))?.[1]).toMatchObject({ ready: 0 });
  expect(await deadLetters(stack)).toEqual({});
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  incidentsOf,
  makeMail,
  makeSlack,
  monitoring,
  readIncident,
  registerDeployment,
  setAlerting,
  timelineOf,
} from './alerting.ts';
import { detailsOf, makeWatchedCheck, readCheck } from './checks.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { type Mailbox, openMailbox, openReceiver, type Receiver, wordsOf } from './receivers.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack;
let target: Target;
let slack: Receiver;
let mailbox: Mailbox;
beforeAll(async () => {
  target = await openTarget();
  stack = await openStack();
  slack = await openReceiver(() => stack.host.now());
  mailbox = await openMailbox(() => stack.host.now());
  await makeSlack(stack, slack, { name: 'slack' });
  await makeMail(stack, mailbox, { name: 'mail' });
  await setAlerting(stack, { defaultChannels: ['slack', 'mail'], repeatInterval: '10m' });
  await registerDeployment(stack, 'shop');
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([target?.close(), slack?.close(), mailbox?.close()]);
});

const check = { intervalSeconds: 10, failureThreshold: 3, timeoutSeconds: 2, retries: 1 };
/** Interval × failure threshold + timeout × (retries + 1) + group wait + 5 s. */
const toldWithinMs = (10 * 3 + 2 * (1 + 1) + 5 + 5) * 1000;

let incidentId = '';
let diedAt = 0;
let acknowledgeUrl = '';

test('a target dies: one incident is in Slack and in the mail within interval × failure threshold + timeout × (retries + 1) + group wait + 5 s, and nothing more comes while nothing changes', async () => {
  const id = await makeWatchedCheck(stack, {
    name: 'home page',
    target: target.url,
    deploymentId: 'shop',
    interval: check.intervalSeconds,
    failureThreshold: check.failureThreshold,
    timeout: check.timeoutSeconds,
    retries: check.retries,
  });
  // Right after a look, so that as long as can be passes until the next one.
  const { lastChecked } = await readCheck(stack, id);
  await stack.host.runUntil(Date.parse(lastChecked ?? '') + 10_001);
  await target.become('closed');
  diedAt = stack.host.now();
  await stack.advance('4m');
  const told = [slack.slack(), mailbox.told()];
  expect(told.map(wordsOf)).toEqual([['Firing'], ['Firing']]);
  for (const [one] of told) {
    expect((one?.at ?? Number.NaN) - diedAt).toBeLessThanOrEqual(toldWithinMs);
    expect((one?.at ?? Number.NaN) - diedAt).toBeGreaterThan(20_000);
    expect(one?.text).toContain('home page');
    expect(one?.text).toContain('shop');
    expect(one?.text).toContain('critical');
  }
  const [incident, ...others] = await incidentsOf(stack, 'shop');
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ status: 'open', severity: 'critical', firing: 1, resolved: 0 });
  incidentId = incident?.id ?? '';
  expect(told.map(([one]) => one?.dedupeKey)).toEqual([
    `homeostat:${incidentId}:1`,
    `homeostat:${incidentId}:1`,
  ]);
  acknowledgeUrl = slack.slack()[0]?.links.acknowledge ?? '';
});

test('the signed link in the Slack message opens a page that changes nothing; its form acknowledges, once, and both channels hear who has it', async () => {
  expect(acknowledgeUrl).toMatch(new RegExp(`^${stack.host.url}${monitoring}/act/`));
  // Whoever prefetches links opens them, too.
  for (const method of ['GET', 'HEAD', 'GET']) await fetch(acknowledgeUrl, { method });
  await stack.advance('2m');
  expect(await readIncident(stack, incidentId)).toMatchObject({ status: 'open', acknowledgedBy: null });
  expect(slack.slack()).toHaveLength(1);

  const page = await (await fetch(acknowledgeUrl)).text();
  const once = /name="once" value="([0-9a-f]{24})"/.exec(page)?.[1] ?? '';
  expect(page).toContain('Acknowledge this incident?');
  const post = () =>
    fetch(acknowledgeUrl, { method: 'POST', body: new URLSearchParams({ once, name: 'Ada' }) });
  expect((await post()).status).toBe(200);
  expect((await post()).status).toBe(200);
  await stack.advance('30s');
  expect(await readIncident(stack, incidentId)).toMatchObject({
    status: 'acknowledged',
    acknowledgedBy: 'link:slack (Ada)',
  });
  for (const told of [slack.slack(), mailbox.told()]) {
    expect(wordsOf(told)).toEqual(['Firing', 'Acknowledged']);
    expect(told[1]?.text).toContain('link:slack (Ada)');
  }
  const forged = `${acknowledgeUrl.slice(0, -3)}AAA`;
  expect((await fetch(forged, { method: 'POST', body: new URLSearchParams({ once }) })).status).toBe(403);
});

test('it recovers: both hear of the end with the downtime in it, nothing was told twice, and timeline, events and audit say the same', async () => {
  // Longer than reminders would wait, had nobody acknowledged it.
  await stack.advance('15m');
  expect(slack.slack()).toHaveLength(2);
  await target.become('up');
  await stack.advance('2m');
  const incident = await readIncident(stack, incidentId);
  expect(incident).toMatchObject({ status: 'resolved', firing: 0, resolved: 1, reopenings: 0 });
  // From the third failure to the second success, after four, two, half and fifteen minutes.
  expect(incident.duration).toBeGreaterThan(20 * 60);
  expect(incident.duration).toBeLessThan(23 * 60);
  for (const told of [slack.slack(), mailbox.told()]) {
    expect(wordsOf(told)).toEqual(['Firing', 'Acknowledged', 'Resolved']);
    const [, minutes, seconds = 0] = /Downtime[\s*:]*(\d+) min(?: (\d+) s)?/.exec(told[2]?.text ?? '') ?? [];
    expect(Number(minutes) * 60 + Number(seconds)).toBe(Math.round(incident.duration ?? Number.NaN));
    expect(new Set(told.map(({ dedupeKey }) => dedupeKey)).size).toBe(3);
  }
  const entries = await timelineOf(stack, incidentId);
  expect(entries.map(({ kind }) => kind)).toEqual([
    'opened',
    'joined',
    'told',
    'acknowledged',
    'cleared',
    'resolved',
    'told',
  ]);
  const changed = detailsOf(stack, 'incident.changed').filter((one) => one.incidentId === incidentId);
  expect(changed.map(({ change, by, status }) => [change, by, status])).toEqual([
    ['opened', null, 'open'],
    ['acknowledged', 'link:slack (Ada)', 'acknowledged'],
    ['resolved', null, 'resolved'],
  ]);
  const alerts = detailsOf(stack, 'alert.state_changed');
  expect(alerts.map(({ from, to, ruleName }) => [from, to, ruleName])).toEqual([
    ['inactive', 'firing', 'Service Down'],
    ['firing', 'resolved', 'Service Down'],
  ]);
  const all = [...changed, ...alerts].map(({ id }) => id);
  expect(new Set(all).size).toBe(all.length);
  const audit = await stack.api('GET', `${monitoring}/audit?kind=incident`);
  expect(audit.body.items).toMatchObject([
    { by: 'link:slack (Ada)', action: 'acknowledged', subjectId: incidentId },
  ]);
  const events = await stack.api('GET', `${monitoring}/alerts/events?deploymentId=shop`);
  expect(events.body.items).toMatchObject([{ ruleName: 'Service Down', state: 'resolved' }]);
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeSlack, monitoring, setAlerting } from './alerting.ts';
import { changesOf, makeCheck, statusOf, stopBetweenSlots } from './checks.ts';
import {
  makePolicy,
  makeServiceCheck,
  onlyRemediation,
  openHealing,
  openServices,
  readRemediation,
  registerWith,
  remediationsOf,
  type Service,
  type Services,
} from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import type { Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withVariable } from './template.ts';

/** What holds a remedy back; everywhere something falls for real, and a restart would put it right. */
const whole = ['w1', 'w2', 'w3', 'w4', 'w5'];
const limited = ['l1', 'l2', 'l3'];
const names = [...whole, ...limited, 'stopped', 'manual', 'worked-on', 'behind', 'flapping'];
let services: Services;
let stack: Stack;
let slack: Receiver;
let canary: Target;
beforeAll(async () => {
  services = await openServices(names);
  canary = await openTarget();
  stack = await openHealing(services.processes, {
    patchTemplate: withVariable('runner', 'HOMEOSTAT_CANARIES', canary.address),
  });
  slack = await openReceiver(() => stack.host.now());
  await makeSlack(stack, slack, { name: 'slack' });
  await setAlerting(stack, { defaultChannels: ['slack'], repeatInterval: '12h', groupInterval: '1m' });
  const only = (environment: string, more: Record<string, unknown> = {}) =>
    makePolicy(stack, { name: `of ${environment}`, selector: { environments: [environment] }, ...more });
  await only('test');
  await only('limited', { limits: { max_count: 2 } });
  await only('manual', { unhealthy: { approval: 'manual' } });
  await only('flapping', { brakes: { flaps_per_day: 2, cooldown: 0, attempts_per_hour: 10 } });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([services?.close(), slack?.close(), canary?.close()]);
});
let heardBefore = 0;
beforeEach(() => {
  heardBefore = slack.slack().length;
});
const heard = (): string =>
  slack
    .slack()
    .slice(heardBefore)
    .map(({ text }) => text)
    .join('\n');

/** A deployment with one service of the same name, looked at and well. */
const standing = async (name: string, environment = 'test'): Promise<readonly [Service, string]> => {
  const service = services.of(name);
  await registerWith(stack, name, [name], { environment });
  const check = await makeServiceCheck(stack, service, name);
  await stack.advance('40s');
  await stopBetweenSlots(stack, check);
  return [service, check];
};

const restartsOf = (of: readonly string[]): readonly number[] =>
  of.map((name) => services.of(name).restarts());

test('half of a deployment fails at once: nothing is restarted, and people are told why (fault 15)', async () => {
  await registerWith(stack, 'whole', whole);
  let last = '';
  for (const name of whole) last = await makeServiceCheck(stack, services.of(name), 'whole');
  await stack.advance('40s');
  await stopBetweenSlots(stack, last);
  for (const name of whole.slice(0, 3)) services.of(name).fall();
  await stack.advance('2m');
  expect(restartsOf(whole)).toEqual([0, 0, 0, 0, 0]);
  const held = await remediationsOf(stack, 'whole');
  expect(held.map(({ status, holds }) => [status, ...holds.map(({ brake }) => brake)])).toEqual([
    ['held', 'mass_failure'],
    ['held', 'mass_failure'],
    ['held', 'mass_failure'],
  ]);
  expect(heard()).toContain('3 of 5 checks of whole fail at once');
  for (const name of whole) services.of(name).repair();
  await stack.advance('40s');
});

test('three resources are in need and two are allowed: none is touched, not the first two; when two are in need, both are', async () => {
  for (const name of limited) await registerWith(stack, name, [name], { environment: 'limited' });
  let last = '';
  for (const name of limited) last = await makeServiceCheck(stack, services.of(name), name);
  await stack.advance('40s');
  await stopBetweenSlots(stack, last);
  for (const name of limited) services.of(name).fall();
  await stack.advance('3m');
  expect(restartsOf(limited)).toEqual([0, 0, 0]);
  for (const name of limited) {
    const { status, holds } = await onlyRemediation(stack, name);
    expect([status, ...holds.map(({ brake }) => brake)], name).toEqual(['held', 'blast_radius']);
  }
  expect(heard()).toContain('3 resources are in need or changed within an hour, and the policy allows 2');

  for (const name of limited) services.of(name).repair();
  await stack.advance('1m');
  for (const name of limited.slice(1)) services.of(name).fall();
  await stack.advance('2m');
  expect(restartsOf(limited)).toEqual([0, 1, 1]);
  for (const name of limited.slice(1))
    expect((await remediationsOf(stack, name)).map(({ status }) => status)).toEqual(['held', 'succeeded']);

  // Two were changed within the hour: a third would be one too many.
  services.of('l1').fall();
  await stack.advance('2m');
  expect(restartsOf(limited)).toEqual([0, 1, 1]);
  services.of('l1').repair();
  await stack.advance('40s');
});

test('somebody stops everything: what falls then is held and told; resumed, the next one is restarted', async () => {
  const [service, check] = await standing('stopped');
  const stop = `${monitoring}/remediation/stop`;
  expect((await stack.api('POST', stop, { body: { reason: 'the sale' } })).body).toMatchObject({
    isOn: true,
    by: 'admin',
  });
  service.fall();
  await stack.advance('2m');
  expect(service.restarts()).toBe(0);
  expect(await onlyRemediation(stack, 'stopped')).toMatchObject({
    status: 'held',
    holds: [{ brake: 'stop_switch', reason: expect.stringContaining('the sale') }],
  });
  expect(heard()).toContain('the sale');

  expect((await stack.api('DELETE', stop)).body).toMatchObject({ isOn: false });
  service.repair();
  await stack.advance('1m');
  expect(await statusOf(stack, check)).toBe('healthy');
  service.fall();
  await stack.advance('2m');
  expect(service.restarts()).toBe(1);
  expect((await remediationsOf(stack, 'stopped')).map(({ status }) => status)).toEqual(['held', 'succeeded']);
  const audit = await stack.api('GET', `${monitoring}/audit?kind=remediation`);
  expect((audit.body.items as { action: string }[]).map(({ action }) => action)).toEqual([
    'resumed',
    'stopped',
  ]);
});

test('while the monitor is blind nothing is healed: what falls then is unknown, and what waited for approval is held (fault 14)', async () => {
  const [service] = await standing('manual', 'manual');
  const before = restartsOf(names);
  service.fall();
  await stack.advance('2m');
  const plan = await onlyRemediation(stack, 'manual');
  expect(plan).toMatchObject({ status: 'waiting' });
  const known = await Promise.all(names.map((name) => remediationsCount(name)));

  await services.hide();
  await canary.become('closed');
  await stack.advance('2m');
  expect(await Promise.all(names.map((name) => remediationsCount(name)))).toEqual(known);
  expect((await stack.api('POST', `${monitoring}/plans/${plan.id}/approve`)).status).toBe(200);
  await stack.advance('1m');
  expect(restartsOf(names)).toEqual(before);
  const { status, holds } = await readRemediation(stack, plan.id);
  expect(['held', 'approved']).toContain(status);
  expect(holds.map(({ brake }) => brake).sort()).toEqual(['monitor_blind', 'unknown_status']);
  await services.show();
  await canary.become('up');
  service.repair();
  await stack.advance('2m');
  expect(restartsOf(names)).toEqual(before);
});

const remediationsCount = async (name: string): Promise<number> =>
  (await remediationsOf(stack, whole.includes(name) ? 'whole' : name)).length;

test('in a maintenance nothing is restarted; what is still down when it ends is restarted then', async () => {
  const [service] = await standing('worked-on');
  const startsAt = Math.ceil(stack.host.now() / 60_000) * 60_000;
  const windows = [{ at: new Date(startsAt).toISOString(), duration: '10m' }];
  const body = { name: 'new disks', matchers: ['deployment=worked-on'], windows };
  const made = await stack.api('POST', `${monitoring}/maintenance`, { body });
  expect(made.status, made.text).toBe(201);
  await stack.host.runUntil(startsAt + 5_000);
  service.fall();
  await stack.advance('7m');
  expect(service.restarts()).toBe(0);
  expect(await onlyRemediation(stack, 'worked-on')).toMatchObject({
    status: 'running',
    holds: [{ brake: 'maintenance', reason: expect.stringContaining('new disks') }],
  });
  await stack.advance('5m');
  expect(service.restarts()).toBe(1);
  expect(await onlyRemediation(stack, 'worked-on')).toMatchObject({ status: 'succeeded', holds: [] });
});

test('what is down behind a parent that is down is not restarted; what is still down when the parent is back is', async () => {
  const router = await openTarget();
  const service = services.of('behind');
  await registerWith(stack, 'behind', ['behind']);
  await makeCheck(stack, {
    name: 'router',
    target: router.url,
    deploymentId: 'behind',
    retries: 0,
    interval: '20s',
  });
  const check = await makeServiceCheck(stack, service, 'behind', { parent: 'router' });
  await stack.advance('1m');
  await stopBetweenSlots(stack, check);
  await router.become('closed');
  service.fall();
  await stack.advance('3m');
  expect(service.restarts()).toBe(0);
  expect(await remediationsOf(stack, 'behind')).toEqual([]);
  await router.become('up');
  await stack.advance('3m');
  expect(service.restarts()).toBe(1);
  expect(await onlyRemediation(stack, 'behind')).toMatchObject({ status: 'succeeded' });
  expect(changesOf(stack, check).at(-1)).toBe('unhealthy → healthy');
  await router.close();
});

test('what is put right and falls again is restarted twice a day and no more: then people are told', async () => {
  const [service] = await standing('flapping', 'flapping');
  for (const round of [1, 2]) {
    service.fall();
    await stack.advance('2m');
    expect(service.restarts()).toBe(round);
  }
  service.fall();
  await stack.advance('3m');
  expect(service.restarts()).toBe(2);
  const all = await remediationsOf(stack, 'flapping');
  expect(all.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'held']);
  expect(all[2]?.holds).toMatchObject([
    { brake: 'flapping', reason: expect.stringContaining('put right twice within a day and is wrong again') },
  ]);
  expect(heard()).toContain('put right twice within a day');
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

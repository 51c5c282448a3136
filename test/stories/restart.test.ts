import { afterEach, expect, test } from 'vitest';
import { incidents, makeWebhook, setAlerting } from './alerting.ts';
import {
  changes,
  changesOf,
  checksPath,
  distinctChangesOf,
  makeWatchedCheck,
  readCheck,
  resultsOf,
  statusOf,
} from './checks.ts';
import { deadLetters } from './queues.ts';
import { openReceiver } from './receivers.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withAll, withoutPermission } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  stack = undefined;
  target = undefined;
});

test('a host stopped between two failures and killed between two successes goes on where it was, and tells nothing twice', async () => {
  stack = await openStack({ onDisk: true });
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { target: target.url });
  await target.become('failing');
  await stack.advance('20s');
  const before = await stack.api('GET', `${checksPath}/${id}`);
  await stack.restart();
  expect((await stack.api('GET', `${checksPath}/${id}`)).body).toEqual(before.body);
  await stack.advance('10s');
  expect(await statusOf(stack, id)).toBe('unhealthy');
  await target.become('up');
  await stack.advance('10s');
  await stack.killAndRestart();
  expect(await statusOf(stack, id)).toBe('unhealthy');
  await stack.advance('10s');
  expect(await statusOf(stack, id)).toBe('healthy');
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy', 'unhealthy → healthy']);
  expect(await deadLetters(stack)).toEqual({});
});

test('killed after the bus took an event and before its publisher knew, it is told again with the same id and never lost (fault 3)', async () => {
  const killing = Promise.withResolvers<void>();
  let killed = false;
  stack = await openStack({
    onDisk: true,
    onEvent(event) {
      if (killed || (event.detail as { to?: string }).to !== 'unhealthy') return;
      killed = true;
      killing.resolve(stack?.killAndRestart());
    },
  });
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { target: target.url });
  await target.become('failing');
  const under = stack.advance('30s').catch(() => {});
  await killing.promise;
  await under;
  expect(await statusOf(stack, id)).toBe('unhealthy');
  // The slot's message was not finished: it comes again after its 70 seconds of invisibility.
  await stack.advance('2m');
  expect(distinctChangesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
  expect(changesOf(stack, id).at(-1)).toBe('healthy → unhealthy');
  await target.become('up');
  await stack.advance('1m');
  expect(distinctChangesOf(stack, id)).toEqual([
    'unknown → healthy',
    'healthy → unhealthy',
    'unhealthy → healthy',
  ]);
  expect(await deadLetters(stack)).toEqual({});
});

test('killed while it probes, the slot is a gap as if it had never run, and counting goes on after it (fault 3)', async () => {
  stack = await openStack({ onDisk: true });
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { target: target.url });
  await target.become('failing');
  await stack.advance('20s');
  await target.become('hanging');
  const hung = target.hung(1);
  const under = stack.advance('10s').catch(() => {});
  await hung;
  const killedAt = stack.host.now();
  await stack.killAndRestart({ after: '2s' });
  await under;
  await target.become('failing');
  expect(await statusOf(stack, id)).toBe('healthy');
  const times = (await resultsOf(stack, id)).map(({ at }) => Date.parse(at));
  expect(times.filter((at) => at > killedAt - 10_000)).toEqual([]);
  await stack.advance('10s');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'unhealthy' });
  await stack.advance('2m');
  expect((await resultsOf(stack, id)).map(({ at }) => Date.parse(at))).not.toContain(killedAt);
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
  expect(await deadLetters(stack)).toEqual({});
});

test('changes that the bus refused are kept through a restart, and told once the bus takes them (fault 16)', async () => {
  stack = await openStack({
    onDisk: true,
    // The watchdog would tell it, if one of its ticks fell into this minute.
    patchTemplate: withAll(
      withoutPermission('runner', 'Bus', 'events:PutEvents'),
      withoutPermission('watchdog', 'Bus', 'events:PutEvents'),
    ),
  });
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { target: target.url });
  await target.become('failing');
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('unhealthy');
  expect(changesOf(stack, id)).toEqual([]);
  await stack.restart({ patchTemplate: () => {} });
  await stack.advance('1m');
  expect(distinctChangesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
});

test('minutes in which nothing ran are neither failure nor success: the status is unknown meanwhile, and counting goes on (fault 17)', async () => {
  stack = await openStack({ onDisk: true });
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { target: target.url });
  await target.become('failing');
  await stack.advance('20s');
  const stoppedAt = stack.host.now();
  await stack.restart({ after: '5m' });
  const startedAt = stack.host.now();
  // Slots that were on their way when it stopped are delivered now, too late to be looked at.
  await stack.host.settle();
  expect(await readCheck(stack, id)).toMatchObject({
    status: 'unknown',
    reason: expect.stringMatching(/^no result since \d{4}-/),
  });
  await stack.advance('3m');
  const times = (await resultsOf(stack, id)).map(({ at }) => Date.parse(at));
  expect(times.filter((at) => at > stoppedAt && at < startedAt)).toEqual([]);
  expect(await statusOf(stack, id)).toBe('unhealthy');
  // Between them the watchdog may have told the silence, if one of its ticks fell into these minutes.
  const told = changes(stack, id).map(({ to }) => to);
  expect(told.filter((to) => to !== 'unknown')).toEqual(['healthy', 'unhealthy']);
  const turned = changes(stack, id).at(-1)?.at ?? '';
  // Two failures before and one after make three.
  expect(times.filter((at) => at >= startedAt && at < Date.parse(turned))).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

test('killed while an incident gathers its alerts, and killed again while a receiver answers, the incident is told under the same key and its end after it (fault 3)', async () => {
  stack = await openStack({ onDisk: true });
  target = await openTarget();
  const open = stack;
  let killing: Promise<void> | undefined;
  const receiver = await openReceiver(
    () => open.host.now(),
    // The host is gone before the first answer comes.
    () => {
      const isFirst = killing === undefined;
      if (isFirst) killing = open.killAndRestart();
      return isFirst ? killing : undefined;
    },
  );
  try {
    await makeWebhook(stack, receiver, { name: 'hook' });
    await setAlerting(stack, { defaultChannels: ['hook'] });
    await makeWatchedCheck(stack, {
      target: target.url,
      failureThreshold: 1,
      successThreshold: 1,
      retries: 0,
    });
    await target.become('failing');
    await stack.advance('6s');
    expect(stack.events('check.status_changed').length).toBeGreaterThan(1);
    await stack.killAndRestart();
    await stack.advance('30s').catch(() => {});
    await killing;
    await stack.advance('3m');
    const told = () => receiver.webhook('/hook').map(({ kind, id }) => `${kind} ${id}`);
    expect(receiver.requests.length).toBeGreaterThan(1);
    expect(new Set(told()).size).toBe(1);
    expect(told()[0]).toMatch(/^firing /);
    await target.become('up');
    await stack.advance('2m');
    expect([...new Set(told())].map((one) => one.split(' ')[0])).toEqual(['firing', 'resolved']);
    expect(await incidents(stack)).toMatchObject([{ status: 'resolved', reopenings: 0 }]);
    expect(await deadLetters(stack)).toEqual({});
  } finally {
    await receiver.close();
  }
});

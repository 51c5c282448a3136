import { afterEach, expect, test } from 'vitest';
import { changes, changesOf, makeCheck, makeWatchedCheck, readCheck } from './checks.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withAll, withoutSchedule } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  stack = undefined;
  target = undefined;
});

test('when nothing ticks any more a check is unknown as soon as it is read, and the watchdog tells it once; with the ticks it comes back (fault 17)', async () => {
  stack = await openStack({ onDisk: true });
  target = await openTarget();
  const id = await makeWatchedCheck(stack, { target: target.url });
  await stack.restart({ patchTemplate: withAll(withoutSchedule('dispatcher'), withoutSchedule('watchdog')) });
  // The slots of this minute and the next were sent before.
  await stack.advance('2m');
  const last = (await readCheck(stack, id)).lastChecked ?? '';
  expect(stack.host.now() - Date.parse(last)).toBeLessThan(110_000);
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });
  const staleAt = Date.parse(last) + 110_000;
  await stack.host.runUntil(staleAt);
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });
  await stack.host.runUntil(staleAt + 1);
  const silent = { status: 'unknown', reason: `no result since ${last}`, lastChecked: last };
  expect(await readCheck(stack, id)).toMatchObject(silent);
  await stack.advance('10m');
  expect(changesOf(stack, id)).toEqual(['unknown → healthy']);

  await stack.restart({ patchTemplate: withoutSchedule('dispatcher') });
  await stack.advance('5m');
  expect(changes(stack, id).slice(1)).toMatchObject([
    {
      from: 'healthy',
      to: 'unknown',
      reason: `no result since ${last}`,
      at: new Date(staleAt + 1).toISOString(),
      id: `${id}@${staleAt + 1}`,
    },
  ]);
  await stack.advance('15m');
  expect(changes(stack, id)).toHaveLength(2);
  expect(await readCheck(stack, id)).toMatchObject(silent);

  await stack.restart({ patchTemplate: () => {} });
  await stack.advance('3m');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unknown', 'unknown → healthy']);
  expect(await deadLetters(stack)).toEqual({});
  expect(await unpublished(stack)).toEqual([]);
});

test('what a run could write and not tell, the watchdog tells once the bus takes it (faults 4 and 10)', async () => {
  let isDown = true;
  stack = await openStack({
    patchTemplate: withoutSchedule('dispatcher'),
    faults: ({ functionName, action }) =>
      isDown && ['runner', 'watchdog'].includes(functionName) && action === 'PutEvents'
        ? 'drop-request'
        : undefined,
  });
  target = await openTarget();
  await target.become('closed');
  const id = await makeCheck(stack, { target: target.url, interval: '15m', retries: 0, failureThreshold: 1 });
  // The runner tries until its message is a dead letter: then only the watchdog is left.
  await stack.advance('8m');
  expect(Object.keys(await deadLetters(stack))).toContainEqual(expect.stringContaining('SlotsDead'));
  const waiting = Object.entries(await stack.host.queues()).filter(([name]) => /Slots[0-9A-F]{8}/.test(name));
  expect(waiting.map(([, { ready, delayed, inFlight }]) => ready + delayed + inFlight)).toEqual([0]);
  expect(await readCheck(stack, id)).toMatchObject({ status: 'unhealthy' });
  expect(changesOf(stack, id)).toEqual([]);
  isDown = false;
  await stack.advance('5m');
  expect(changesOf(stack, id)).toEqual(['unknown → unhealthy']);
  await stack.advance('10m');
  expect(changesOf(stack, id)).toHaveLength(1);
});

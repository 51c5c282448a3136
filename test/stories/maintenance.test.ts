import { afterEach, expect, test } from 'vitest';
import {
  changes,
  changesOf,
  checksPath,
  makeCheck,
  makeWatchedCheck,
  readCheck,
  resultsOf,
  statusOf,
} from './checks.ts';
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

const uptimeOf = async (open: Stack, id: string): Promise<Readonly<Record<string, unknown>>> => {
  const { body } = await open.api('GET', `${checksPath}/${id}/uptime`);
  const [day] = body.periods as Readonly<Record<string, unknown>>[];
  return day ?? {};
};

test('trouble in a maintenance window is recorded, neither told nor counted against the uptime, and told if it outlasts the window', async () => {
  const open = await openStack();
  stack = open;
  target = await openTarget();
  const check = { name: 'shop', type: 'http', target: target.url, interval: '10s', retries: 0 };
  const id = await makeWatchedCheck(open, check);
  const startsAt = open.host.now() + 60_000;
  const maintenance = [{ at: new Date(startsAt).toISOString(), duration: '5m' }];
  await open.api('PUT', `${checksPath}/${id}`, { body: { ...check, maintenance } });
  await open.host.runUntil(startsAt + 1_000);
  await target.become('failing');
  await open.host.runUntil(startsAt + 120_000);
  expect(await readCheck(open, id)).toMatchObject({
    status: 'unhealthy',
    reason: 'expected status 200-299, got 503',
  });
  expect((await resultsOf(open, id)).at(-1)?.status).toBe('unhealthy');
  const turnedAt = (await readCheck(open, id)).statusSince;
  await open.host.runUntil(startsAt + 299_000);
  expect(changesOf(open, id)).toEqual(['unknown → healthy']);
  expect(await uptimeOf(open, id)).toMatchObject({ uptimePercent: 100, downtimeSeconds: 0 });

  await open.host.runUntil(startsAt + 312_000);
  expect(changes(open, id).slice(1)).toMatchObject([{ from: 'healthy', to: 'unhealthy', at: turnedAt }]);
  await open.advance('60s');
  await target.become('up');
  await open.advance('30s');
  expect(changesOf(open, id)).toEqual(['unknown → healthy', 'healthy → unhealthy', 'unhealthy → healthy']);
  const { maintenanceSeconds, downtimeSeconds } = await uptimeOf(open, id);
  expect(maintenanceSeconds).toBe(300);
  // What failed after the window, in its slots of ten seconds.
  expect(downtimeSeconds).toBeGreaterThanOrEqual(60);
  expect(downtimeSeconds).toBeLessThanOrEqual(80);
});

test('a weekly window follows the clocks of its time zone: on the night they are put back, 03:30 in Berlin is 02:30 UTC', async () => {
  stack = await openStack({
    startsAt: Date.parse('2026-10-25T01:30:00Z'),
    patchTemplate: withAll(withoutSchedule('sweeper'), withoutSchedule('watchdog')),
  });
  target = await openTarget();
  const id = await makeCheck(stack, {
    name: 'nightly',
    target: target.url,
    interval: '2m',
    retries: 0,
    failureThreshold: 1,
    successThreshold: 1,
    maintenance: [{ weekdays: ['sun'], from: '03:30', until: '04:30', timeZone: 'Europe/Berlin' }],
  });
  // By summer time 01:40 would be in the window, by the time that holds 02:40 is.
  const timeline = [
    ['01:40', 'up', 'healthy', ['healthy']],
    ['01:44', 'failing', 'unhealthy', ['unhealthy']],
    ['02:35', 'up', 'healthy', ['healthy']],
    ['02:40', 'failing', 'unhealthy', []],
    ['03:29', 'failing', 'unhealthy', []],
    ['03:33', 'failing', 'unhealthy', ['unhealthy']],
  ] as const;
  let told = 0;
  for (const [until, conduct, status, news] of timeline) {
    await target.become(conduct);
    await stack.host.runUntil(`2026-10-25T${until}:00Z`);
    const all = changes(stack, id).map(({ to }) => to);
    expect.soft([await statusOf(stack, id), all.slice(told)], until).toEqual([status, news]);
    told = all.length;
  }
});

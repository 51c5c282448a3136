import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoring } from './alerting.ts';
import type { Account } from './aws-account.ts';
import { ecsService } from './aws-ecs.ts';
import { optedIn } from './aws-state.ts';
import { makeCheck } from './checks.ts';
import { kindsOf, recordOf, remediationsOf } from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { openRemedying, registerIn, switchOff } from './remedying.ts';
import type { Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

/** A service that answers slowly while it has too few tasks for its load gets more, and gives them back later. */
let stack: Stack;
let account: Account;
let target: Target;
/** How many tasks the load needs. */
let needed = 2;
const service = () => {
  const found = account.services.get('prod/web');
  if (!found) throw new Error('there is no service');
  return found;
};
const follow = (): Promise<void> => target.become(service().desired < needed ? 'slow' : 'up');
const load = (tasks: number): Promise<void> => {
  needed = tasks;
  return follow();
};

beforeAll(async () => {
  ({ stack, account } = await openRemedying());
  // Far above what a quick answer takes on a busy machine, and below a second, from which on a check is degraded.
  target = await openTarget({ slowlyMs: 600 });
  account.services.set('prod/web', ecsService('prod/web', { tags: optedIn }));
  account.groups.set('workers', { min: 1, max: 10, desired: 2, tags: optedIn });
  account.onDone(async ({ operation }) => {
    if (operation === 'UpdateService') await follow();
  });
  await registerIn(stack, 'shop', [
    { name: 'web', type: 'ecs-service', id: 'prod/web' },
    { name: 'workers', type: 'auto-scaling-group', id: 'workers' },
  ]);
  await makeCheck(stack, {
    name: 'page',
    target: target.url,
    deploymentId: 'shop',
    interval: '30s',
    retries: 0,
  });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([account?.close(), target?.close()]);
});

type Body = Readonly<Record<string, unknown>>;
const rule = (name: string, kind: string, more: Body): Body => ({
  deploymentId: 'shop',
  name,
  target: { kind, resource: name },
  series: 'check.response_time_ms',
  window: '1m',
  min: 2,
  scaleOutCooldown: '2m',
  scaleInCooldown: '5m',
  ...more,
});
const stepped = rule('web', 'ecs-service', {
  max: 6,
  steps: [
    { from: 450, change: 2 },
    { to: 300, change: -1 },
  ],
});
const make = async (body: Body): Promise<string> => {
  const made = await stack.api('POST', `${monitoring}/scaling`, { body });
  expect(made.status, made.text).toBe(201);
  return String(made.body.id);
};
const scalings = (): readonly unknown[] =>
  account.asked
    .filter(({ operation }) => operation === 'UpdateService')
    .map(({ input }) => input.desiredCount);

test('a quick service stays at its minimum, a slow one grows by the step, and shrinks one by one after the cooldown', async () => {
  await make(stepped);
  await stack.advance('3m');
  expect(scalings()).toEqual([]);

  await load(4);
  await stack.advance('4m');
  expect(service().desired).toBe(4);
  expect(scalings()).toEqual([4]);
  const [grown] = await remediationsOf(stack, 'shop');
  expect(grown).toMatchObject({ status: 'succeeded', workflow: 'scale', madeBy: 'scaling:web' });
  const record = await recordOf(stack, grown?.id ?? '');
  expect(kindsOf(record)).toEqual(['planned', 'started', 'call', 'applied', 'verified', 'verified', 'ended']);
  expect(record[0]?.text).toContain('avg of check.response_time_ms');

  await load(2);
  await stack.advance('12m');
  expect(scalings()).toEqual([4, 3, 2]);
  const ended = (await remediationsOf(stack, 'shop')).map(({ startedAt }) => Date.parse(startedAt));
  const gaps = ended.slice(1).map((at, no) => (at - (ended[no] ?? 0)) / 60_000);
  for (const minutes of gaps) expect(minutes).toBeGreaterThanOrEqual(5);
});

test('a dry run tells what a rule would have done over the last hour, draws it, and changes nothing', async () => {
  const before = scalings().length;
  const { body } = await stack.api('POST', `${monitoring}/scaling/dry-run`, {
    body: { rule: stepped, hours: 1 },
  });
  const points = body.points as readonly { readonly change: string; readonly desired: number }[];
  const changes = points.filter(({ change }) => change !== 'none').map(({ desired }) => desired);
  expect(changes).toEqual([4, 3, 2]);
  const { body: list } = await stack.api('GET', `${monitoring}/scaling`);
  const [{ id } = { id: '' }] = list.items as readonly { readonly id: string }[];
  const chart = await stack.api('GET', `${monitoring}/scaling/${id}/chart.svg?hours=1`);
  expect(chart.text).toMatch(/^<svg/);
  expect(scalings()).toHaveLength(before);
});

test('while somebody stopped healing nothing is scaled; afterwards it grows to its maximum and no further', async () => {
  await switchOff(stack, true);
  await load(100);
  const before = scalings().length;
  await stack.advance('3m');
  expect(scalings()).toHaveLength(before);
  const held = (await remediationsOf(stack, 'shop')).at(-1);
  expect(held).toMatchObject({ status: 'held', holds: [{ brake: 'stop_switch' }] });
  await switchOff(stack, false);
  await stack.advance('7m');
  expect(scalings().slice(before)).toEqual([4, 6]);
});

test('a group follows its target in proportion, and one that is protected from scaling in does not shrink', async () => {
  await make(rule('workers', 'auto-scaling-group', { max: 5, targetValue: 200, scaleInProtection: true }));
  await stack.advance('4m');
  expect(account.groups.get('workers')?.desired).toBe(5);
  await load(2);
  await stack.advance('8m');
  expect(account.groups.get('workers')?.desired).toBe(5);
  expect(service().desired).toBeLessThan(6);
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

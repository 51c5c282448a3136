import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault, FaultableCall } from '../../infra/local/gateway/faults.ts';
import {
  changes,
  checksPath,
  detailsOf,
  distinctChangesOf,
  makeCheck,
  readCheck,
  resultsOf,
} from './checks.ts';
import { unpublished } from './published.ts';
import { deadLetters, send } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { shardOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';
import { withAll, withoutSchedule } from './template.ts';

/** Functions die at a call of our choice. Only these stories send slots, so that they alone decide what runs. */
let stack: Stack;
let target: Target;
type Plan = { readonly functionName: string; readonly at: number; readonly fault: Fault };
let plan: Plan | undefined;
let struck: FaultableCall | undefined;
beforeAll(async () => {
  target = await openTarget();
  stack = await openStack({
    patchTemplate: withAll(...['dispatcher', 'sweeper', 'notifier', 'watchdog'].map(withoutSchedule)),
    faults(call) {
      const isMeant = call.functionName === plan?.functionName && call.countInInvocation === plan.at;
      if (!isMeant) return undefined;
      const { fault } = plan as Plan;
      plan = undefined;
      struck = call;
      return fault;
    },
  });
});
afterAll(async () => {
  await stack?.close();
  await target?.close();
});

/** Does something during which the function dies at its `at`-th call; what that call was, undefined when it made fewer. */
const dying = async (
  functionName: string,
  at: number,
  fault: Fault,
  work: () => Promise<unknown>,
): Promise<FaultableCall | undefined> => {
  [plan, struck] = [{ functionName, at, fault }, undefined];
  await work();
  await stack.host.settle();
  plan = undefined;
  return struck;
};

const isoOf = (at: number): string => new Date(at).toISOString();

/** The queues show a message again ten seconds after its function's minute, and after what gathering took. */
const untilRedelivered = () => stack.advance('80s');

test.each(['kill-before', 'kill'] as const)(
  'a runner that dies at any of its calls (%s) leaves, after redelivery, either its slot’s result and change or neither; the next slot then tells the change once (fault 3)',
  async (fault) => {
    const thresholds = { failureThreshold: 1, successThreshold: 1, retries: 0, interval: '15s' };
    const id = await makeCheck(stack, { name: fault, target: target.url, ...thresholds });
    await stack.advance('3m');
    const shard = (await shardOf(stack, id)) ?? '';
    const runSlot = async (): Promise<number> => {
      await stack.advance('15s');
      const slotAt = stack.host.now();
      await send(stack, 'Slots', [JSON.stringify({ kind: 'slot', shard, slotAt, planVersion: 1 })]);
      await stack.host.settle();
      return slotAt;
    };
    await runSlot();
    let expected = distinctChangesOf(stack, id);
    expect(expected).toEqual(['unknown → healthy']);
    const outcomes: string[] = [];

    for (let at = 1; at <= 30; at++) {
      const [from, to] = at % 2 === 1 ? ['healthy', 'unhealthy'] : ['unhealthy', 'healthy'];
      await target.become(to === 'healthy' ? 'up' : 'failing');
      const toldBefore = changes(stack, id).length;
      let slotAt = 0;
      const call = await dying('runner', at, fault, async () => {
        slotAt = await runSlot();
      });
      await untilRedelivered();
      const results = (await resultsOf(stack, id)).filter((result) => result.at === isoOf(slotAt));
      const news = changes(stack, id)
        .slice(toldBefore)
        .map(({ id: eventId }) => eventId);
      const wasRun = results.length > 0;
      const what = `${at}: ${call?.action ?? 'none'}`;
      expect
        .soft(
          results.map(({ status }) => status),
          what,
        )
        .toEqual(wasRun ? [to] : []);
      expect.soft(new Set(news), what).toEqual(new Set(wasRun ? [`${id}@${slotAt}`] : []));
      outcomes.push(wasRun ? 'run' : 'gap');

      // Whatever became of that slot, the next one leaves all as if nothing had happened.
      const nextAt = await runSlot();
      expected = [...expected, `${from} → ${to}`];
      expect.soft(distinctChangesOf(stack, id), what).toEqual(expected);
      expect.soft(await readCheck(stack, id), what).toMatchObject({
        status: to,
        statusSince: isoOf(wasRun ? slotAt : nextAt),
      });
      if (call === undefined) break;
    }
    // Head and plan are read, and perhaps the results written, before it is killed without a trace of the slot.
    const firstRun = outcomes.indexOf('run');
    expect(outcomes).toEqual([
      ...Array.from({ length: firstRun }, () => 'gap'),
      ...Array.from({ length: outcomes.length - firstRun }, () => 'run'),
    ]);
    expect(firstRun).toBe(fault === 'kill' ? 2 : 3);
    // Read twice, keep results, read what waits, write, tell, clear: and the run that was not killed.
    expect(outcomes.length).toBeGreaterThanOrEqual(8);
    expect(await deadLetters(stack)).toEqual({});
    await stack.api('DELETE', `${checksPath}/${id}`);
    await stack.advance('10s');
  },
);

test('a projector that dies after any of its calls while a check moves leaves it, after redelivery, in one shard with its status (fault 3)', async () => {
  await target.become('failing');
  const check = {
    name: 'moving',
    type: 'http',
    target: target.url,
    failureThreshold: 1,
    retries: 0,
  };
  const id = await makeCheck(stack, { ...check, interval: '15m' });
  await stack.advance('10s');
  const { statusSince } = await readCheck(stack, id);
  expect(distinctChangesOf(stack, id)).toEqual(['unknown → unhealthy']);
  let calls = 0;
  for (let at = 1; at <= 60; at++) {
    const interval = at % 2 === 1 ? 600 : 900;
    const changedAt = stack.host.now();
    const call = await dying('projector', at, 'kill', async () => {
      await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check, interval } });
      // A batch of changes waits a second for more.
      await stack.advance('2s');
    });
    await untilRedelivered();
    const what = `${at}: ${call?.action ?? 'none'}`;
    expect.soft(await shardOf(stack, id), what).toBe(`home.public.${interval}.0`);
    const { lastChecked, ...standing } = await readCheck(stack, id);
    expect.soft(standing, what).toMatchObject({ status: 'unhealthy', statusSince, interval });
    // It was looked at after the change, whoever had died before that.
    expect.soft(Date.parse(lastChecked ?? ''), what).toBeGreaterThan(changedAt);
    if (call === undefined) break;
    calls = at;
  }
  expect(calls).toBeGreaterThanOrEqual(15);
  expect(distinctChangesOf(stack, id)).toEqual(['unknown → unhealthy']);
  expect(await deadLetters(stack)).toEqual({});
  expect(await unpublished(stack)).toEqual([]);
});

test('the keeper of deployment statuses that dies after any of its calls has, after redelivery and a tick of the sweeper, told each change of the deployment under one id (fault 3)', async () => {
  await target.become('up');
  const thresholds = { failureThreshold: 1, successThreshold: 1, retries: 0, interval: '15m' };
  const body = { deploymentId: 'whole', blueprintId: 'b1', environment: 'test' };
  expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
  const id = await makeCheck(stack, {
    ...thresholds,
    deploymentId: 'whole',
    name: 'part',
    target: target.url,
  });
  await stack.advance('10s');
  const ofWhole = () =>
    detailsOf(stack, 'deployment.status_changed').filter((detail) => detail.deploymentId === 'whole');
  const before = new Set(ofWhole().map((detail) => detail.id));
  const expected: string[] = [];
  let calls = 0;
  for (let at = 1; at <= 30; at++) {
    const to = at % 2 === 1 ? 'unhealthy' : 'healthy';
    await target.become(to === 'healthy' ? 'up' : 'failing');
    const call = await dying('evaluator', at, 'kill', async () => {
      await stack.api('POST', `${checksPath}/${id}/run`);
      // A batch of changes waits two seconds for more.
      await stack.advance('3s');
    });
    await untilRedelivered();
    await stack.host.invoke('sweeper', { scheduledAt: isoOf(stack.host.now()) });
    await stack.host.settle();
    expected.push(to);
    const told = new Map(ofWhole().map((detail) => [detail.id, String(detail.to)]));
    const news = [...told].flatMap(([event, status]) => (before.has(event) ? [] : [status]));
    const what = `${at}: ${call?.action ?? 'none'}`;
    expect.soft(news, what).toEqual(expected);
    const { body: whole } = await stack.api('GET', '/api/monitoring/deployments/whole');
    expect.soft(whole.status, what).toBe(to);
    if (call === undefined) break;
    calls = at;
  }
  expect(calls).toBeGreaterThanOrEqual(5);
  expect(await deadLetters(stack)).toEqual({});
});

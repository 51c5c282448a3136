import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault, FaultableCall } from '../../infra/local/gateway/faults.ts';
import { incidentsOf, makeWebhook, setAlerting } from './alerting.ts';
import { detailsOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';
import { withAll, withoutSchedule } from './template.ts';

/** Whoever tells dies at a call of our choice: while something fires, and again while it is resolved. */
let stack: Stack;
let receiver: Receiver;
type Plan = { readonly functionName: string; readonly at: number; readonly fault: Fault };
let plan: Plan | undefined;
let struck: FaultableCall | undefined;
beforeAll(async () => {
  stack = await openStack({
    patchTemplate: withAll(...['dispatcher', 'sweeper', 'watchdog', 'rollup'].map(withoutSchedule)),
    faults(call) {
      const isMeant = call.functionName === plan?.functionName && call.countInInvocation === plan.at;
      if (!isMeant) return undefined;
      const { fault } = plan as Plan;
      plan = undefined;
      struck = call;
      return fault;
    },
  });
  receiver = await openReceiver(() => stack.host.now());
  for (const name of ['one', 'other']) await makeWebhook(stack, receiver, { name });
  await setAlerting(stack, { defaultChannels: ['one', 'other'] });
});
afterAll(async () => {
  await stack?.close();
  await receiver?.close();
});

/** Does something during which the function dies at its `at`-th call, once; what that was, undefined when it made fewer. */
const dying = async (
  functionName: string,
  at: number,
  fault: Fault,
  work: () => Promise<unknown>,
): Promise<FaultableCall | undefined> => {
  [plan, struck] = [{ functionName, at, fault }, undefined];
  await work();
  plan = undefined;
  return struck;
};

/** Messages are visible again seventy seconds after they were taken; the notifier comes each minute. */
const untilRedelivered = () => stack.advance('100s');

type Heard = { readonly kinds: readonly string[]; readonly repeats: number };

/** What a channel heard of a deployment, repeats of a dedupe key left out and counted. */
const heardBy = (channel: string, deploymentId: string): Heard => {
  const told = receiver.webhook(`/${channel}`).filter((one) => one.deploymentId === deploymentId);
  const distinct = [...new Map(told.map((one) => [one.id, one])).values()];
  return { kinds: distinct.map(({ kind }) => kind), repeats: told.length - distinct.length };
};

/** Without a fault. */
const expected = ['firing', 'resolved'];

const expectTold = async (deploymentId: string, what: string, faultsOfSend: number): Promise<void> => {
  const found = await incidentsOf(stack, deploymentId);
  expect.soft(found, what).toMatchObject([{ status: 'resolved', firing: 0, resolved: 1, reopenings: 0 }]);
  for (const channel of ['one', 'other']) {
    const { kinds, repeats } = heardBy(channel, deploymentId);
    expect.soft(kinds, `${what}, ${channel}`).toEqual(expected);
    // Between a receiver's answer and the note of it: nobody could know. Never more than once a death.
    expect.soft(repeats, `${what}, ${channel}`).toBeLessThanOrEqual(faultsOfSend);
  }
  const events = [...detailsOf(stack, 'alert.state_changed'), ...detailsOf(stack, 'incident.changed')].filter(
    (detail) => detail.deploymentId === deploymentId,
  );
  const distinct = new Map(events.map((detail) => [detail.id, detail.to ?? detail.change]));
  expect.soft([...distinct.values()].sort(), what).toEqual(['firing', 'opened', 'resolved', 'resolved']);
};

/** Before a call is mostly after the one before it: a few of them show that it makes no difference. */
const steps = { kill: 1, 'kill-before': 4 } as const;

test.each([
  ['evaluator', 'kill', 0],
  ['evaluator', 'kill-before', 0],
  ['incidents', 'kill', 1],
  ['incidents', 'kill-before', 1],
] as const)(
  'the function %s dies at any of its calls (%s) while something fires, and again while it is resolved: one incident, told as if nothing had happened, at most the same once more (fault 3)',
  async (functionName, fault, repeats) => {
    let calls = 0;
    for (let at = 1; at <= 60; at += steps[fault]) {
      const deploymentId = `${functionName}-${fault}-${at}`;
      const actions: string[] = [];
      for (const state of ['open', 'resolved'] as const) {
        const call = await dying(functionName, at, fault, async () => {
          await putFinding(stack, { deploymentId, state });
          await stack.advance('10s');
        });
        if (call) actions.push(call.action);
        await untilRedelivered();
      }
      await expectTold(deploymentId, `${at}: ${actions.join(', ')}`, repeats * actions.length);
      if (actions.length === 0) break;
      calls = at;
    }
    expect(calls).toBeGreaterThanOrEqual(8);
    expect(await deadLetters(stack)).toEqual({});
  },
);

test.each(['kill', 'kill-before'] as const)(
  'the notifier dies at any of its calls (%s) while it sends what receivers did not take before: nothing is lost, nothing out of order (fault 3)',
  async (fault) => {
    let calls = 0;
    for (let at = 1; at <= 80; at += steps[fault]) {
      const deploymentId = `notifier-${fault}-${at}`;
      await receiver.become('down');
      await putFinding(stack, { deploymentId, state: 'open' });
      await stack.advance('10s');
      await putFinding(stack, { deploymentId, state: 'resolved' });
      await stack.advance('10s');
      await receiver.become('up');
      const call = await dying('notifier', at, fault, () => stack.advance('61s'));
      // The claim of the dead lasts half a minute.
      await stack.advance('2m');
      await expectTold(deploymentId, `${at}: ${call?.action ?? 'none'}`, 1);
      if (call === undefined) break;
      calls = at;
    }
    expect(calls).toBeGreaterThanOrEqual(20);
    // A tick is not repeated: the next minute's does what was left.
    const dead = Object.keys(await deadLetters(stack));
    expect(dead.filter((name) => !name.includes('MissedTicks'))).toEqual([]);
  },
);

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultableCall } from '../../infra/local/gateway/faults.ts';
import { monitoring } from './alerting.ts';
import { checksPath, stopBetweenSlots } from './checks.ts';
import {
  makePolicy,
  makeServiceCheck,
  onlyRemediation,
  openHealing,
  openServices,
  type RemediationView,
  recordOf,
  registerWith,
  type Services,
} from './healing.ts';
import { deadLetters } from './queues.ts';
import type { Stack } from './stack.ts';

/** A step dies at a call of our choice. People ask for the restarts, so that nothing but the workflow decides what runs. */
const steps = ['remedy-gate', 'remedy-apply', 'remedy-verify', 'remedy-close'] as const;
const mostCalls = 30;
const nameOf = (step: string, at: number): string => `${step.slice(7)}${at}`;
const names = [...steps, 'remedy-responder', 'remedy-planner'].flatMap((step) =>
  Array.from({ length: mostCalls }, (_, at) => nameOf(step, at + 1)),
);

let services: Services;
let stack: Stack;
let plan: { readonly functionName: string; readonly at: number } | undefined;
let struck: FaultableCall | undefined;
beforeAll(async () => {
  services = await openServices(names);
  stack = await openHealing(services.processes, {
    faults(call) {
      if (call.functionName !== plan?.functionName || call.countInInvocation !== plan.at) return undefined;
      [plan, struck] = [undefined, call];
      return 'kill';
    },
  });
});
afterAll(async () => {
  await stack?.close();
  await services?.close();
});
afterEach(() => {
  plan = undefined;
});

const lastStruck = (): FaultableCall | undefined => struck;

/** What calls people: an open finding about the remedy. */
const callsPeople = async (deploymentId: string): Promise<boolean> => {
  const path = `${monitoring}/findings?deploymentId=${deploymentId}&kind=remediation&state=open`;
  const answer = await stack.api('GET', path);
  expect(answer.status, answer.text).toBe(200);
  return (answer.body.items as unknown[]).length > 0;
};

type Ended = {
  readonly call: FaultableCall | undefined;
  readonly restarts: number;
  readonly remediation: RemediationView;
  readonly people: boolean;
};

/** Asks for a restart during which `step` dies right after its `at`-th call, once. */
const restartedDying = async (step: (typeof steps)[number], at: number): Promise<Ended> => {
  const name = nameOf(step, at);
  const resources = [{ name, type: 'process', id: name }];
  const body = { deploymentId: name, environment: 'test', resources };
  expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
  [plan, struck] = [{ functionName: step, at }, undefined];
  const asked = await stack.api('POST', `/api/monitoring/remediate/${name}`, {
    body: { action: 'restart', approve: true },
  });
  expect(asked.status, asked.text).toBe(202);
  await stack.advance('1m');
  plan = undefined;
  const remediation = await onlyRemediation(stack, name);
  const restarts = services.of(name).restarts();
  return { call: lastStruck(), restarts, remediation, people: await callsPeople(name) };
};

test.each(['remedy-gate', 'remedy-verify', 'remedy-close'] as const)(
  'the step %s dies after any of its calls: it is done again, the restart happened once and is found good (fault 3)',
  async (step) => {
    let calls = 0;
    for (let at = 1; at <= mostCalls; at++) {
      const { call, restarts, remediation, people } = await restartedDying(step, at);
      const what = `${at}: ${call?.action ?? 'none'}`;
      expect.soft([restarts, remediation.status, people], what).toEqual([1, 'succeeded', false]);
      const record = await recordOf(stack, remediation.id);
      for (const once of ['started', 'applied', 'ended'])
        expect.soft(record.filter(({ kind }) => kind === once).length, `${what}: ${once}`).toBe(1);
      if (call === undefined) break;
      calls = at;
    }
    expect(calls).toBeGreaterThanOrEqual(4);
    expect(calls).toBeLessThan(mostCalls);
    expect(await deadLetters(stack)).toEqual({});
  },
);

test('the step that applies dies after any of its calls: it is never begun a second time, and where nobody knows whether it was done, or nobody saw that it helped, a person is called (fault 3)', async () => {
  const outcomes: string[] = [];
  for (let at = 1; at <= mostCalls; at++) {
    const { call, restarts, remediation, people } = await restartedDying('remedy-apply', at);
    const what = `${at}: ${call?.action ?? 'none'}`;
    if (call === undefined) {
      expect.soft([restarts, remediation.status, people], what).toEqual([1, 'succeeded', false]);
      break;
    }
    expect.soft(restarts, what).toBeLessThanOrEqual(1);
    expect.soft(people, what).toBe(true);
    outcomes.push(`${remediation.status} ${restarts}`);
    // Whatever is asked of the steps afterwards, it is over.
    const input = { planHash: remediation.id, attempt: 1, execution: 'again' };
    for (const step of steps) await stack.host.invoke(step, input);
    expect.soft(services.of(nameOf('remedy-apply', at)).restarts(), what).toBe(restarts);
    expect.soft(await onlyRemediation(stack, nameOf('remedy-apply', at)), what).toMatchObject({
      status: remediation.status,
    });
  }
  // First nothing was begun, then nobody knows, then it was done and nobody saw whether it helped.
  expect([...new Set(outcomes)]).toEqual(['failed 0', 'unknown 0', 'unknown 1', 'failed 1']);
});

/** Of many calls every third shows as much, and a check is slow to fail. */
test.each([
  ['responder', 3],
  ['planner', 1],
] as const)(
  'the %s dies after any of its calls while a service falls: it is restarted once, whenever that is (fault 3)',
  async (functionName, step) => {
    await makePolicy(stack, { name: functionName, selector: { environments: [functionName] } });
    let calls = 0;
    for (let at = 1; at <= mostCalls; at += step) {
      const name = nameOf(`remedy-${functionName}`, at);
      const service = services.of(name);
      await registerWith(stack, name, [name], { environment: functionName });
      const check = await makeServiceCheck(stack, service, name, { failureThreshold: 1 });
      await stack.advance('20s');
      await stopBetweenSlots(stack, check);
      [plan, struck] = [{ functionName, at }, undefined];
      service.fall();
      await stack.advance('3m');
      plan = undefined;
      const call = lastStruck();
      const what = `${at}: ${call?.action ?? 'none'}`;
      const { status } = await onlyRemediation(stack, name);
      expect.soft([service.restarts(), status], what).toEqual([1, 'succeeded']);
      await stack.api('DELETE', `${checksPath}/${check}`);
      if (call === undefined) break;
      calls = at;
    }
    expect(calls).toBeGreaterThanOrEqual(1);
    expect(await deadLetters(stack)).toEqual({});
  },
);

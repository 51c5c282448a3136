import { afterEach, expect, test } from 'vitest';
import { monitoring } from './alerting.ts';
import {
  onlyRemediation,
  openHealing,
  openServices,
  readRemediation,
  registerWith,
  type Services,
} from './healing.ts';
import { deadLetters } from './queues.ts';
import type { Stack } from './stack.ts';

let services: Services | undefined;
let stack: Stack | undefined;
afterEach(async () => {
  await stack?.close();
  await services?.close();
  stack = undefined;
  services = undefined;
});

/** A stack on disk whose whole host dies when `functionName` made its call `at`, and is started again; then what became. */
const dyingAt = async (functionName: string, at: number) => {
  services = await openServices(['web']);
  const death = Promise.withResolvers<void>();
  let isDead = false;
  stack = await openHealing(services.processes, {
    onDisk: true,
    faults(call) {
      if (isDead || call.functionName !== functionName || call.countInInvocation !== at) return undefined;
      isDead = true;
      death.resolve(stack?.killAndRestart());
      return 'kill';
    },
  });
  const body = {
    deploymentId: 'shop',
    environment: 'test',
    resources: [{ name: 'web', type: 'process', id: 'web' }],
  };
  expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
  const wish = { body: { action: 'restart', approve: true } };
  expect((await stack.api('POST', '/api/monitoring/remediate/shop', wish)).status).toBe(202);
  const under = stack.advance('3m').catch(() => {});
  await death.promise;
  await under;
  expect(isDead).toBe(true);
  await stack.advance('10m');
  const { status } = await onlyRemediation(stack, 'shop');
  const found = await stack.api('GET', `${monitoring}/findings?kind=remediation&state=open`);
  expect(await deadLetters(stack)).toEqual({});
  return { status, restarts: services.of('web').restarts(), people: (found.body.items as unknown[]).length };
};

test.each([
  ['remedy-gate', 3],
  ['remedy-verify', 2],
  ['remedy-close', 3],
] as const)(
  'the host dies in the middle of the step %s (call %i) and is started again: the workflow goes on, and the restart happens once (fault 3)',
  async (functionName, at) => {
    expect(await dyingAt(functionName, at)).toEqual({ status: 'succeeded', restarts: 1, people: 0 });
  },
);

test.each([
  [2, 'before anything was begun', 'failed'],
  [6, 'after the change was noted as begun', 'unknown'],
  [9, 'after it was made', 'unknown'],
] as const)(
  'the host dies at call %i of the step that applies (%s) and is started again: it is %s, not begun a second time, and a person is called (fault 3)',
  async (at, _, expected) => {
    const { status, restarts, people } = await dyingAt('remedy-apply', at);
    expect(restarts).toBeLessThanOrEqual(expected === 'unknown' ? 1 : 0);
    expect([status, people]).toEqual([expected, 1]);
  },
);

test('the host is restarted while a plan waits for people: the link still opens, and approved it is done once (fault 18)', async () => {
  services = await openServices(['web']);
  stack = await openHealing(services.processes, { onDisk: true });
  await registerWith(stack, 'shop', ['web']);
  const asked = await stack.api('POST', '/api/monitoring/remediate/shop', { body: { action: 'restart' } });
  expect(asked.status, asked.text).toBe(202);
  const hash = String(asked.body.planHash);
  await stack.advance('1m');
  expect(await readRemediation(stack, hash)).toMatchObject({ status: 'waiting' });
  await stack.killAndRestart({ after: '5m' });
  expect((await stack.api('POST', `${monitoring}/plans/${hash}/approve`)).status).toBe(200);
  await stack.advance('2m');
  expect(await readRemediation(stack, hash)).toMatchObject({ status: 'succeeded', attempt: 1 });
  expect(services.of('web').restarts()).toBe(1);
  expect(await deadLetters(stack)).toEqual({});
});

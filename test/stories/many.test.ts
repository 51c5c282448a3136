import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  incidentsOf,
  makeWebhook,
  monitoring,
  readIncident,
  registerDeployment,
  setAlerting,
} from './alerting.ts';
import { checksPath } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack;
let receiver: Receiver;
let [most, few]: readonly Target[] = [];
beforeAll(async () => {
  [most, few] = [await openTarget(), await openTarget()];
  stack = await openStack();
  receiver = await openReceiver(() => stack.host.now());
  await makeWebhook(stack, receiver, { name: 'hook' });
  await setAlerting(stack, { defaultChannels: ['hook'] });
  await registerDeployment(stack, 'fleet');
  await registerDeployment(stack, 'elsewhere');
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([most?.close(), few?.close(), receiver?.close()]);
});

const check = (no: number) => ({
  name: `part ${no}`,
  type: 'http',
  deploymentId: 'fleet',
  target: (no < 180 ? most : few)?.url,
  interval: '30s',
  retries: 0,
  failureThreshold: 1,
  successThreshold: 1,
});

const define = async (from: number): Promise<void> => {
  const changes = Array.from({ length: 100 }, (_, no) => ({
    op: 'put',
    kind: 'check',
    definition: check(from + no),
  }));
  const answer = await stack.api('POST', `${monitoring}/apply`, { body: { changes } });
  expect(answer.status, answer.text).toBe(200);
};

test('200 checks of one deployment fail: one incident and one message; who joins later does so silently, and one update after the group interval counts them all (fault 15)', async () => {
  await define(0);
  await define(100);
  await stack.advance('2m');
  const { body } = await stack.api('GET', `${checksPath}?deploymentId=fleet&status=healthy&limit=200`);
  expect(body.items).toHaveLength(200);

  await most?.become('failing');
  await stack.advance('45s');
  const kinds = () => receiver.webhook().map(({ kind }) => kind);
  expect(kinds()).toEqual(['firing']);
  const toldAt = receiver.requests[0]?.at ?? Number.NaN;
  await few?.become('failing');
  await stack.host.runUntil(toldAt + 290_000);
  expect(kinds()).toEqual(['firing']);
  const [incident, ...others] = await incidentsOf(stack, 'fleet');
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ status: 'open', firing: 200, resolved: 0 });

  // Incidents are woken by the minute.
  await stack.host.runUntil(toldAt + 300_000 + 70_000);
  expect(kinds()).toEqual(['firing', 'update']);
  const [first, update] = receiver.webhook();
  expect(first?.firing).toBeGreaterThanOrEqual(80);
  expect(update).toMatchObject({ firing: 200, resolved: 0, incidentId: incident?.id });
  expect(update?.alerts).toHaveLength(10);
});

test('when all are well again that is told once', async () => {
  await most?.become('up');
  await few?.become('up');
  await stack.advance('2m');
  const told = receiver.webhook();
  expect(told.map(({ kind }) => kind)).toEqual(['firing', 'update', 'resolved']);
  expect(told[2]).toMatchObject({ status: 'resolved', firing: 0, resolved: 200 });
  expect(new Set(told.map(({ incidentId }) => incidentId)).size).toBe(1);
  await stack.advance('15m');
  expect(receiver.requests).toHaveLength(3);
  const incident = await readIncident(stack, told[0]?.incidentId ?? '');
  expect(incident).toMatchObject({ status: 'resolved', firing: 0, resolved: 200 });
  expect(await deadLetters(stack)).toEqual({});
});

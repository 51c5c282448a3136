import { createHash } from 'node:crypto';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BusEvent } from '../../infra/local/events/bus.ts';
import { incidentsOf, makeWebhook, setAlerting } from './alerting.ts';
import { stopBetweenSlots } from './checks.ts';
import {
  makePolicy,
  makeServiceCheck,
  onlyRemediation,
  openHealing,
  openServices,
  recordOf,
  registerWith,
  type Service,
  type Services,
} from './healing.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import type { Stack } from './stack.ts';

/** Everything that is told is told again, twice over and in any order: of each event, and of each step of a workflow. */
let services: Services;
let stack: Stack;
let receiver: Receiver;
beforeAll(async () => {
  services = await openServices(['told', 'stepped', 'ended']);
  stack = await openHealing(services.processes);
  receiver = await openReceiver(() => stack.host.now());
  await makeWebhook(stack, receiver);
  await setAlerting(stack, { defaultChannels: ['webhook'], repeatInterval: '12h' });
  await makePolicy(stack);
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([services?.close(), receiver?.close()]);
});

/** Repeatable, and alike for nobody. */
const shuffled = <T>(all: readonly T[], seed: number): readonly T[] =>
  all
    .map((one, index) => [createHash('sha256').update(`${seed} ${index}`).digest('hex'), one] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, one]) => one);

/** What the bus took of the remedy, once more. */
const tellAgain = async (events: readonly BusEvent[]): Promise<void> => {
  const [bus] = stack.host.stack.ofType('AWS::Events::EventBus');
  if (!bus) throw new Error('the stack has no bus');
  const client = new EventBridgeClient(stack.host.aws);
  try {
    for (const event of events) {
      const entry = { Source: event.source, DetailType: event['detail-type'] };
      const Entries = [
        { ...entry, EventBusName: stack.host.stack.refOf(bus), Detail: JSON.stringify(event.detail) },
      ];
      expect((await client.send(new PutEventsCommand({ Entries }))).FailedEntryCount).toBe(0);
    }
  } finally {
    client.destroy();
  }
  await stack.host.settle();
};

const answered = [
  'check.status_changed',
  'deployment.status_changed',
  'finding.changed',
  'plan.decided',
  'remediation.changed',
];
const eventsOf = (deploymentId: string): readonly BusEvent[] =>
  stack
    .events()
    .filter(
      (event) =>
        answered.includes(event['detail-type']) &&
        (event.detail as { deploymentId?: string }).deploymentId === deploymentId,
    );

type Step = 'remedy-gate' | 'remedy-apply' | 'remedy-verify' | 'remedy-close';

/** Each step once more, as a state machine would have it; none of them may throw. */
const stepAgain = async (planHash: string, order: readonly Step[]): Promise<void> => {
  for (const step of order)
    await stack.host.invoke(step, { planHash, attempt: 1, execution: `again:${planHash}` });
};

const standing = async (deploymentId: string): Promise<Service> => {
  const service = services.of(deploymentId);
  await registerWith(stack, deploymentId, [deploymentId]);
  const check = await makeServiceCheck(stack, service, deploymentId);
  await stack.advance('40s');
  await stopBetweenSlots(stack, check);
  return service;
};

/** For two minutes everything that was told so far is told again every ten seconds, and each of these steps done twice more. */
const healedAmid = async (deploymentId: string, order: readonly Step[], seed: number): Promise<Service> => {
  const service = await standing(deploymentId);
  service.fall();
  for (let round = 0; round < 12; round++) {
    await stack.advance('10s');
    const events = eventsOf(deploymentId);
    await tellAgain(shuffled([...events, ...events].slice(-12), seed + round));
    const [hash] = events.flatMap(({ detail }) => (detail as { planHash?: string }).planHash ?? []);
    if (hash !== undefined) await stepAgain(hash, shuffled([...order, ...order], seed + round));
  }
  await stack.advance('1m');
  return service;
};

test.each([
  ['told', 'every event', [], 1],
  ['stepped', 'every event, and every step but the end', ['remedy-gate', 'remedy-apply', 'remedy-verify'], 2],
] as const)(
  'a service (%s) is healed while %s comes again and again, in any order: it is restarted once and found well, and everybody hears of it once (faults 1 and 2)',
  async (deploymentId, _, order, seed) => {
    const service = await healedAmid(deploymentId, order, seed);
    expect(service.restarts()).toBe(1);
    const { id, status } = await onlyRemediation(stack, deploymentId);
    expect(status).toBe('succeeded');
    const kinds = (await recordOf(stack, id)).map(({ kind }) => kind);
    for (const once of ['planned', 'started', 'call', 'applied', 'ended'])
      expect(
        kinds.filter((kind) => kind === once),
        once,
      ).toHaveLength(1);
    expect(await incidentsOf(stack, deploymentId)).toMatchObject([{ status: 'resolved', firing: 0 }]);
    const heard = receiver.webhook().filter((one) => one.deploymentId === deploymentId);
    expect(heard.map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
    expect(await deadLetters(stack)).toEqual({});
  },
);

test('the end of a workflow comes before its time: what was not begun is not begun any more, nothing is done twice, and a person hears of it (fault 2)', async () => {
  const service = await healedAmid('ended', ['remedy-close', 'remedy-apply', 'remedy-gate'], 3);
  expect(service.restarts()).toBeLessThanOrEqual(1);
  const { id, status } = await onlyRemediation(stack, 'ended');
  expect(['failed', 'unknown']).toContain(status);
  const kinds = (await recordOf(stack, id)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
  await stack.advance('6m');
  const heard = receiver.webhook().filter((one) => one.deploymentId === 'ended');
  expect(heard.flatMap(({ alerts }) => alerts.map(({ rule }) => rule))).toContain('Remediation Failed');
});

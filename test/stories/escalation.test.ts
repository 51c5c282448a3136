import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  act,
  incidentsOf,
  makeWebhook,
  readIncident,
  setAlerting,
  timelineOf,
  tuneBuiltin,
} from './alerting.ts';
import { detailsOf } from './checks.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';

let stack: Stack;
let receiver: Receiver;
beforeAll(async () => {
  stack = await openStack();
  receiver = await openReceiver(() => stack.host.now());
  for (const name of ['team', 'lead']) await makeWebhook(stack, receiver, { name });
  await setAlerting(stack, { defaultChannels: ['team'], repeatInterval: '20m' });
  await tuneBuiltin(stack, 'Compliance Violation', {
    escalation: [{ after: '5m', channels: ['lead'], severity: 'critical' }],
  });
});
afterAll(async () => {
  await stack?.close();
  await receiver?.close();
});

const heard = (channel: 'team' | 'lead', deploymentId: string) =>
  receiver
    .webhook(`/${channel}`)
    .filter((one) => one.deploymentId === deploymentId)
    .map(({ kind, severity }) => `${kind} ${severity}`);

const open = async (deploymentId: string): Promise<string> => {
  await putFinding(stack, { deploymentId, state: 'open', severity: 'warning' });
  await stack.advance('10s');
  return (await incidentsOf(stack, deploymentId)).at(-1)?.id ?? '';
};

test('what nobody acknowledges for five minutes goes to the next channel too, and is more severe from then on; reminders go to both, and so does the end', async () => {
  const id = await open('alone');
  await stack.advance('4m');
  expect([heard('team', 'alone'), heard('lead', 'alone')]).toEqual([['firing warning'], []]);
  await stack.advance('130s');
  expect([heard('team', 'alone'), heard('lead', 'alone')]).toEqual([
    ['firing warning', 'escalated critical'],
    ['escalated critical'],
  ]);
  expect(await readIncident(stack, id)).toMatchObject({ severity: 'critical', escalationStep: 1 });
  await stack.advance('22m');
  const told = ['escalated critical', 'reminder critical'];
  expect([heard('team', 'alone'), heard('lead', 'alone')]).toEqual([['firing warning', ...told], told]);
  await putFinding(stack, { deploymentId: 'alone', state: 'resolved', severity: 'warning' });
  await stack.advance('30s');
  expect(heard('lead', 'alone')).toEqual([...told, 'resolved critical']);
  expect((await timelineOf(stack, id)).map(({ kind }) => kind)).toEqual([
    ...['opened', 'joined', 'told', 'escalated', 'told'],
    ...['cleared', 'resolved', 'told'],
  ]);
});

test('an acknowledgement stops escalation and reminders; withdrawn, they begin anew', async () => {
  const id = await open('taken');
  await act(stack, id, 'acknowledge', { text: 'on it' });
  await stack.advance('30m');
  expect([heard('team', 'taken'), heard('lead', 'taken')]).toEqual([
    ['firing warning', 'acknowledged warning'],
    [],
  ]);
  await act(stack, id, 'unacknowledge');
  await stack.advance('4m');
  expect(heard('lead', 'taken')).toEqual([]);
  await stack.advance('130s');
  expect(heard('lead', 'taken')).toEqual(['escalated critical']);
  await putFinding(stack, { deploymentId: 'taken', state: 'resolved', severity: 'warning' });
  await stack.advance('30s');
});

test('what is acknowledged, over, and fires again within minutes is the same incident, unacknowledged and armed anew', async () => {
  const id = await open('again');
  await act(stack, id, 'acknowledge');
  await stack.advance('1m');
  await putFinding(stack, { deploymentId: 'again', state: 'resolved', severity: 'warning' });
  await stack.advance('2m');
  expect(await open('again')).toBe(id);
  expect(await readIncident(stack, id)).toMatchObject({
    status: 'open',
    acknowledgedBy: null,
    reopenings: 1,
  });
  await stack.advance('7m');
  expect([heard('team', 'again'), heard('lead', 'again')]).toEqual([
    ['firing warning', 'acknowledged warning', 'resolved warning', 'firing warning', 'escalated critical'],
    ['escalated critical'],
  ]);
  const changes = detailsOf(stack, 'incident.changed')
    .filter(({ incidentId }) => incidentId === id)
    .map(({ change }) => change);
  expect(changes).toEqual(['opened', 'acknowledged', 'resolved', 'reopened', 'escalated']);
});

test('a person has the next step taken at once', async () => {
  const id = await open('urgent');
  await act(stack, id, 'escalate', { text: 'this is bad' });
  await stack.advance('20s');
  expect(heard('lead', 'urgent')).toEqual(['escalated critical']);
  await stack.advance('8m');
  expect(heard('lead', 'urgent')).toEqual(['escalated critical']);
  const [entry] = (await timelineOf(stack, id)).filter(({ kind }) => kind === 'escalated');
  expect(entry?.by).toBe('admin');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Faults } from '../../infra/local/gateway/faults.ts';
import {
  incidents,
  incidentsOf,
  makeRule,
  makeWebhook,
  monitoring,
  registerDeployment,
  setAlerting,
  tuneBuiltin,
} from './alerting.ts';
import { checksPath, detailsOf, makeWatchedCheck } from './checks.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { type OwnPayload, openReceiver, type Receiver } from './receivers.ts';
import { putAlarm, putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

/** Rules of each type over driven minutes. */
let stack: Stack;
let receiver: Receiver;
let target: Target;
let faults: Faults = () => undefined;
beforeAll(async () => {
  target = await openTarget({ slowlyMs: 300 });
  stack = await openStack({ faults: (call) => faults(call) });
  receiver = await openReceiver(() => stack.host.now());
  await makeWebhook(stack, receiver, { name: 'hook' });
  await setAlerting(stack, { defaultChannels: ['hook'] });
  // It would fire beside the rules of these stories.
  await tuneBuiltin(stack, 'Service Down', { isActive: false });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([target?.close(), receiver?.close()]);
});

const told = (deploymentId: string | null): readonly OwnPayload[] =>
  receiver.webhook('/hook').filter((one) => one.deploymentId === deploymentId);

/** `from → to` of the alerts of a rule, with the seconds since an instant. */
const statesOf = (ruleName: string) =>
  detailsOf(stack, 'alert.state_changed')
    .filter((detail) => detail.ruleName === ruleName)
    .map(({ from, to, at }) => ({ change: `${from} → ${to}`, at: Date.parse(String(at)) }));

const watched = async (deploymentId: string, fields: Readonly<Record<string, unknown>> = {}) => {
  await registerDeployment(stack, deploymentId);
  return makeWatchedCheck(stack, {
    name: 'page',
    deploymentId,
    target: target.url,
    retries: 0,
    timeout: '5s',
    ...fields,
  });
};
const remove = (id: string) => stack.api('DELETE', `${checksPath}/${id}`);

/** Rules are judged every thirty seconds, of what was seen up to then. */
const tickMs = 30_000;

test('a performance rule is pending while answers are slow, fires after `for`, and is resolved when they are quick again', async () => {
  const id = await watched('slow');
  await makeRule(stack, {
    deploymentId: 'slow',
    name: 'page is slow',
    type: 'performance',
    condition: { above: '200ms', recovery: '180ms', window: '1m', aggregate: 'avg' },
    for: '1m',
  });
  await stack.advance('1m');
  expect(statesOf('page is slow')).toEqual([]);
  await target.become('slow');
  const slowAt = stack.host.now();
  await stack.advance('3m');
  const [pending, firing, ...others] = statesOf('page is slow');
  expect([pending?.change, firing?.change, others]).toEqual(['inactive → pending', 'pending → firing', []]);
  // Half of a minute's answers are enough for the average; never at the first slow one.
  expect((pending?.at ?? 0) - slowAt).toBeGreaterThanOrEqual(tickMs - 10_000);
  expect((pending?.at ?? 0) - slowAt).toBeLessThanOrEqual(60_000 + 2 * tickMs);
  const waited = (firing?.at ?? 0) - (pending?.at ?? 0);
  expect(waited).toBeGreaterThanOrEqual(60_000);
  expect(waited).toBeLessThanOrEqual(60_000 + 2 * tickMs);
  await target.become('up');
  await stack.advance('3m');
  expect(statesOf('page is slow').map(({ change }) => change)).toEqual([
    'inactive → pending',
    'pending → firing',
    'firing → resolved',
  ]);
  expect(told('slow').map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
  expect(told('slow')[0]?.alerts).toMatchObject([{ rule: 'page is slow', subject: 'page' }]);
  await remove(id);
});

test('an error rate between recovery and bound keeps what fires and starts nothing; a composite follows both of its rules; what they would have done before is what they did', async () => {
  const id = await watched('failing', { failureThreshold: 20 });
  const rule = { deploymentId: 'failing', type: 'error_rate' };
  const condition = { above: 60, recovery: 20, window: '1m' };
  const ruleId = await makeRule(stack, { ...rule, name: 'too many errors', condition });
  await makeRule(stack, { ...rule, name: 'any error', condition: { above: 0, window: '1m' } });
  await makeRule(stack, {
    deploymentId: 'failing',
    name: 'both',
    type: 'composite',
    condition: { all: ['too many errors', 'any error'] },
  });
  const changes = (name: string) => statesOf(name).map(({ change }) => change);
  /** One slot each: three of six fail, or all do. */
  const pattern = async (slots: readonly ('up' | 'failing')[]) => {
    for (const conduct of slots) {
      await target.become(conduct);
      await stack.advance('10s');
    }
  };
  const half = ['up', 'failing', 'up', 'failing', 'up', 'failing'] as const;
  const all = ['failing', 'failing', 'failing', 'failing', 'failing', 'failing'] as const;
  const none = ['up', 'up', 'up', 'up', 'up', 'up'] as const;
  await pattern([...half, ...half]);
  expect(changes('too many errors')).toEqual([]);
  expect(changes('any error')).toEqual(['inactive → firing']);
  await pattern([...all, ...all]);
  expect(changes('too many errors')).toEqual(['inactive → firing']);
  expect(changes('both')).toEqual(['inactive → firing']);
  await pattern([...half, ...half]);
  expect(changes('too many errors')).toEqual(['inactive → firing']);
  await pattern([...none, ...none, ...none]);
  expect(changes('too many errors')).toEqual(['inactive → firing', 'firing → resolved']);
  expect(changes('both')).toEqual(['inactive → firing', 'firing → resolved']);
  expect(await incidentsOf(stack, 'failing')).toHaveLength(1);
  const kinds = told('failing').map(({ kind }) => kind);
  expect([kinds.at(0), kinds.at(-1)]).toEqual(['firing', 'resolved']);

  const backtest = await stack.api('POST', `${monitoring}/alerts/backtest`, { body: { ruleId, days: 1 } });
  expect(backtest.status, backtest.text).toBe(200);
  const [span, ...others] = backtest.body.spans as readonly { from: string; to: string | null }[];
  expect(others).toEqual([]);
  const [fired, resolved] = statesOf('too many errors').map(({ at }) => at);
  expect(Math.abs(Date.parse(span?.from ?? '') - (fired ?? 0))).toBeLessThanOrEqual(2 * 60_000);
  expect(Math.abs(Date.parse(span?.to ?? '') - (resolved ?? 0))).toBeLessThanOrEqual(2 * 60_000);
  await remove(id);
});

test('a rule of the type absence fires when nobody looks any more, and is resolved by the next look', async () => {
  const id = await watched('unseen');
  await makeRule(stack, {
    deploymentId: 'unseen',
    name: 'nobody looks',
    type: 'absence',
    condition: { window: '1m' },
  });
  await stack.advance('2m');
  expect(statesOf('nobody looks')).toEqual([]);
  faults = ({ functionName }) => (functionName === 'runner' ? 'kill-before' : undefined);
  await stack.advance('2m');
  faults = () => undefined;
  expect(statesOf('nobody looks').map(({ change }) => change)).toEqual(['inactive → firing']);
  expect(told('unseen').map(({ kind }) => kind)).toEqual(['firing']);
  await stack.advance('2m');
  expect(statesOf('nobody looks').map(({ change }) => change)).toEqual([
    'inactive → firing',
    'firing → resolved',
  ]);
  expect(told('unseen').map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
  await remove(id);
});

test('alarms that a team has in CloudWatch join one incident, and so does its end; findings become alerts as severe as they are', async () => {
  await makeRule(stack, {
    deploymentId: '*',
    name: 'alarms of AWS',
    type: 'external',
    condition: { sources: ['cloudwatch'] },
    groupBy: 'rule',
  });
  await stack.advance('5s');
  await putAlarm(stack, 'orders-5xx', 'ALARM');
  await stack.advance('1s');
  await putAlarm(stack, 'orders-latency', 'ALARM');
  await stack.advance('30s');
  const [incident, ...others] = await incidents(stack, '&status=open');
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ deploymentId: null, firing: 2 });
  await putAlarm(stack, 'orders-5xx', 'OK');
  await putAlarm(stack, 'orders-latency', 'OK');
  await stack.advance('30s');
  const heard = told(null).map(({ kind, firing, resolved }) => [kind, firing, resolved]);
  expect([heard[0]?.[0], heard.at(-1)]).toEqual(['firing', ['resolved', 0, 2]]);

  await putFinding(stack, { deploymentId: 'found', state: 'open', kind: 'drift', severity: 'critical' });
  await putFinding(stack, { deploymentId: 'found', state: 'open', kind: 'idle', severity: 'error' });
  await stack.advance('30s');
  expect(told('found').map(({ kind, severity, firing }) => [kind, severity, firing])).toEqual([
    ['firing', 'critical', 1],
  ]);
  await putFinding(stack, { deploymentId: 'found', state: 'resolved', kind: 'drift', severity: 'critical' });
  await stack.advance('30s');
  expect(told('found').map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
});

test('all events were as the published schemas say', async () => {
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service as RealService, startService } from '../../infra/local/demo/service.ts';
import { incidentsOf, makeSlack, monitoring, readIncident, setAlerting, timelineOf } from './alerting.ts';
import { changesOf, detailsOf, makeCheck, readCheck, stopBetweenSlots } from './checks.ts';
import {
  kindsOf,
  makePolicy,
  makeServiceCheck,
  onlyRemediation,
  openHealing,
  openServices,
  recordOf,
  registerWith,
  type Services,
} from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver, wordsOf } from './receivers.ts';
import type { Stack } from './stack.ts';

/** From a failure to its end: healed, or told to people. */
let services: Services;
let real: RealService;
let stack: Stack;
let slack: Receiver;
const folder = mkdtempSync(join(tmpdir(), 'homeostat-real-'));
beforeAll(async () => {
  services = await openServices(['worker']);
  real = await startService(folder);
  const { restart, pidFile } = real;
  stack = await openHealing({ ...services.processes, web: { restart, pidFile } });
  slack = await openReceiver(() => stack.host.now());
  await makeSlack(stack, slack, { name: 'slack' });
  await setAlerting(stack, { defaultChannels: ['slack'], repeatInterval: '12h' });
  await makePolicy(stack);
});
afterAll(async () => {
  await stack?.close();
  await real?.kill();
  await Promise.all([services?.close(), slack?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

test('a process is killed: after three failures it is restarted once, looked at thirty seconds later, and what was found, decided, done and proved stands in the record, in the incident and in the metrics', async () => {
  await registerWith(stack, 'shop', ['web']);
  const check = { name: 'web', target: real.url, deploymentId: 'shop', failureThreshold: 3, retries: 0 };
  const id = await makeCheck(stack, check);
  await stack.advance('1m');
  await stopBetweenSlots(stack, id);
  const firstPid = await real.pid();
  await real.kill();
  await stack.advance('20s');
  expect(await real.pid()).toBeUndefined();
  await stack.advance('2m');

  const newPid = await real.pid();
  expect(newPid).toBeGreaterThan(1);
  expect(newPid).not.toBe(firstPid);
  expect(await (await fetch(real.url)).text()).toBe(`the process ${newPid} is well\n`);
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unhealthy', 'unhealthy → healthy']);
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });

  const healed = await onlyRemediation(stack, 'shop');
  expect(healed).toMatchObject({ status: 'succeeded', attempt: 1, madeBy: 'policy:healing', holds: [] });
  const record = await recordOf(stack, healed.id);
  expect(kindsOf(record)).toEqual(['planned', 'started', 'call', 'applied', 'verified', 'verified', 'ended']);
  const [planned, started, call, applied, , , ended] = record;
  const verified = record.find(({ kind, after }) => kind === 'verified' && after === null);
  expect(planned).toMatchObject({ by: 'policy:healing', text: expect.stringContaining('web is unhealthy') });
  expect(started).toMatchObject({ by: 'policy:healing', before: { pid: null, hasPidFile: true } });
  expect(call?.call).toMatchObject({ service: 'process', operation: 'restart web' });
  expect(applied?.durationMs).toBeGreaterThanOrEqual(0);
  expect(verified?.text).toContain('healthy since: web');
  expect(secondsBetween(applied?.at ?? '', verified?.at ?? '')).toBe(30);
  expect(ended).toMatchObject({
    text: expect.stringMatching(/^succeeded: /),
    before: { pid: null },
    after: { isRunning: true, pid: newPid },
  });
  // Five seconds to settle, then thirty to the first look.
  expect(ended?.durationMs).toBe(35_000);

  const [incident, ...others] = await incidentsOf(stack, 'shop');
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ status: 'resolved', firing: 0, resolved: 1 });
  const timeline = (await timelineOf(stack, incident?.id ?? '')).map(({ kind, text }) =>
    kind === 'remediation' ? text.slice(0, text.indexOf(':')) : kind,
  );
  expect(timeline).toEqual([
    'Remedy planned',
    'Applied',
    'opened',
    'joined',
    'told',
    'cleared',
    'resolved',
    'told',
    'Verified',
    'Remediation over',
  ]);
  expect(wordsOf(slack.slack())).toEqual(['Firing', 'Resolved']);
  const told = detailsOf(stack, 'remediation.changed').map(({ status }) => status);
  expect(told[0]).toBe('running');
  expect(told.at(-1)).toBe('succeeded');
  const metrics = await stack.api('GET', '/metrics');
  expect(metrics.text).toMatch(/^remediations_total\{action="process-restart",outcome="succeeded"\} 1$/m);
  expect(metrics.text).toMatch(/^remediation_duration_seconds_sum\{workflow="heal"\} 35$/m);
});

test('what no restart helps is restarted three times, each time after a longer wait; then people are told once that the remedy failed, and nothing more is tried', async () => {
  const worker = services.of('worker');
  await registerWith(stack, 'batch', ['worker']);
  const id = await makeServiceCheck(stack, worker, 'batch');
  await stack.advance('1m');
  await stopBetweenSlots(stack, id);
  const heardBefore = slack.slack().length;
  worker.breakForGood();
  await stack.advance('25m');
  expect(worker.restarts()).toBe(3);
  const failed = await onlyRemediation(stack, 'batch');
  expect(failed).toMatchObject({ status: 'failed', attempt: 3 });
  const record = await recordOf(stack, failed.id);
  const startedAt = record.filter(({ kind }) => kind === 'started').map(({ at }) => at);
  const retriedAt = record.filter(({ kind }) => kind === 'retry').map(({ at }) => at);
  expect(retriedAt.map((at, no) => secondsBetween(at, startedAt[no + 1] ?? ''))).toEqual([30, 60]);
  const incidents = await incidentsOf(stack, 'batch');
  expect(incidents).toMatchObject([{ status: 'open', firing: 2 }]);
  const { alerts } = await readIncident(stack, incidents[0]?.id ?? '');
  expect(alerts.map(({ ruleName }) => ruleName).sort()).toEqual(['Remediation Failed', 'Service Down']);
  const found = await stack.api('GET', `${monitoring}/findings?deploymentId=batch`);
  expect(found.body.items).toMatchObject([{ kind: 'remediation', state: 'open', resource: 'worker' }]);
  const calling = slack.slack().slice(heardBefore);
  expect(calling.filter(({ text }) => text.includes('Remediation Failed'))).toHaveLength(1);
  expect(calling.at(-1)?.text).toContain('The remediation of worker did not help');

  worker.repair();
  await stack.advance('10m');
  expect(await incidentsOf(stack, 'batch')).toMatchObject([{ status: 'resolved', firing: 0, resolved: 2 }]);
  expect(worker.restarts()).toBe(3);
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

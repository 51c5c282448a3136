import { createServer } from 'node:net';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SlotMessage } from '../../shared/health/message.ts';
import { readHead, unfoldedResults, writePlan } from '../../shared/health/telemetry.ts';
import { entry } from '../domain/health/builders.ts';
import { openTargets } from '../domain/health/servers.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sqsEvent } from './queues.ts';

let cloud: Cloud;
let canary: number;
const targets = openTargets();
beforeAll(async () => {
  canary = await targets.closedPort();
  cloud = await startCloud({ HOMEOSTAT_CANARIES: `127.0.0.1:${canary}` });
});
beforeEach(() => {
  cloud.arrived.length = 0;
});
afterAll(async () => {
  await cloud.close();
  await targets.close();
});

const handle = async (event: SQSEvent): Promise<SQSBatchResponse> =>
  (await (await import('../../functions/runner/handler.ts')).handler(event)) as SQSBatchResponse;

test('a runner that reaches neither its targets nor a canary tells that it is blind, not that they are down (fault 14)', async () => {
  const shard = 'home.public.10.0';
  const closed = await targets.closedPort();
  const entries = [1, 2, 3].map((no) =>
    entry(no, { type: 'tcp', target: `127.0.0.1:${closed}`, retries: 0, failureThreshold: 1 }),
  );
  await writePlan(cloud.telemetry, { shard, planVersion: 1, nextNo: 4, entries }, 'plan');
  const now = Date.now();
  const slot = (slotAt: number): SlotMessage => ({ kind: 'slot', shard, slotAt, planVersion: 1 });

  await handle(sqsEvent([slot(now - 2000)]));
  expect(cloud.arrived.map(({ type, detail }) => [type, detail.id])).toEqual([
    ['monitor.blind', `blind:home.public@${now - 2000}:started`],
  ]);
  const [results] = (await unfoldedResults(cloud.telemetry, shard, now - 2001)).results;
  expect(results?.seen.map(({ status, isBlind }) => [status, isBlind])).toEqual(
    Array.from({ length: 3 }, () => ['unknown', true]),
  );

  // The way out is back, the targets are not: now they are down.
  const back = createServer();
  await new Promise<void>((done) => back.listen(canary, '127.0.0.1', done));
  await handle(sqsEvent([slot(now - 1000)]));
  expect(cloud.arrived.slice(1).map(({ type }) => type)).toEqual([
    'monitor.blind',
    'check.status_changed',
    'check.status_changed',
    'check.status_changed',
  ]);
  const states = [...(await readHead(cloud.telemetry, shard)).checks.values()];
  expect(states.map(({ status }) => status)).toEqual(['unhealthy', 'unhealthy', 'unhealthy']);
  await new Promise((done) => back.close(done));
});

test('a slow shard waits for many hanging targets at once', async () => {
  const shard = 'home.slow.10.0';
  const hanging = await targets.tcp(() => {});
  const entries = Array.from({ length: 60 }, (_, at) =>
    entry(at + 1, { target: `http://127.0.0.1:${hanging}/`, retries: 0, timeoutSeconds: 1 }),
  );
  await writePlan(cloud.telemetry, { shard, planVersion: 1, nextNo: 61, entries }, 'plan');
  const startedAt = performance.now();
  await handle(sqsEvent([{ kind: 'slot', shard, slotAt: Date.now(), planVersion: 1 }]));
  // Twenty at once, as in the other shards, would take three seconds.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  const [results] = (await unfoldedResults(cloud.telemetry, shard, 0)).results;
  expect(results?.seen.filter(({ timedOut }) => timedOut)).toHaveLength(60);
});

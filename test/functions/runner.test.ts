import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NowMessage, SlotMessage } from '../../shared/health/message.ts';
import type { PlanEntry } from '../../shared/health/plan.ts';
import { readHead, readPlan, unfoldedResults, writePlan } from '../../shared/health/telemetry.ts';
import { entry } from '../domain/health/builders.ts';
import { openTargets } from '../domain/health/servers.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sqsEvent } from './queues.ts';

let cloud: Cloud;
let targets: ReturnType<typeof openTargets>;
let shards = 0;
let shard: string;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  targets = openTargets();
  shard = `home.public.10.${shards++}`;
  cloud.arrived.length = 0;
  cloud.bus = 'open';
});
afterEach(() => targets.close());

const handle = async (event: SQSEvent): Promise<SQSBatchResponse> =>
  (await (await import('../../functions/runner/handler.ts')).handler(event)) as SQSBatchResponse;

const plan = async (...entries: readonly Partial<PlanEntry>[]) => {
  const { planVersion } = await readPlan(cloud.telemetry, shard);
  const all = entries.map((given, at) => entry(at + 1, { retries: 0, timeoutSeconds: 1, ...given }));
  await writePlan(
    cloud.telemetry,
    { shard, planVersion: planVersion + 1, nextNo: all.length + 1, entries: all },
    `plan-${planVersion}`,
  );
};

/** A slot of the shard that began so many seconds ago. */
const slotNow = (secondsAgo = 0): SlotMessage => ({
  kind: 'slot',
  shard,
  slotAt: Date.now() - secondsAgo * 1000,
  planVersion: 1,
});
const statuses = async () =>
  Object.fromEntries(
    [...(await readHead(cloud.telemetry, shard)).checks].map(([no, { status }]) => [no, status]),
  );

describe('the runner, by its handler', () => {
  test('probes a slot, keeps its results, and tells what changed', async () => {
    const up = await targets.http((_request, response) => response.end());
    const down = await targets.closedPort();
    await plan(
      { target: `http://127.0.0.1:${up}/` },
      { type: 'tcp', target: `127.0.0.1:${down}`, failureThreshold: 1 },
      { target: `http://127.0.0.1:${up}/`, paused: true },
    );
    const message = slotNow();
    expect(await handle(sqsEvent([message]))).toEqual({ batchItemFailures: [] });
    expect(await statuses()).toEqual({ 1: 'healthy', 2: 'unhealthy' });
    const [results] = (await unfoldedResults(cloud.telemetry, shard, message.slotAt - 1)).results;
    expect(results?.seen.map(({ no, status }) => [no, status])).toEqual([
      [1, 'healthy'],
      [2, 'unhealthy'],
    ]);
    expect(cloud.arrived.map(({ type, detail }) => [type, detail])).toEqual([
      ['check.status_changed', expect.objectContaining({ name: 'check-1', from: 'unknown', to: 'healthy' })],
      [
        'check.status_changed',
        expect.objectContaining({ to: 'unhealthy', reason: `connect ECONNREFUSED 127.0.0.1:${down}` }),
      ],
    ]);
    expect((await readHead(cloud.telemetry, shard)).outbox).toEqual([]);
  });

  test('a message that comes twice is probed once and told once (fault 1)', async () => {
    let asked = 0;
    const port = await targets.http((_request, response) => {
      asked++;
      response.end();
    });
    await plan({ target: `http://127.0.0.1:${port}/` });
    const message = slotNow();
    await handle(sqsEvent([message]));
    await handle(sqsEvent([message]));
    expect(asked).toBe(1);
    expect(cloud.arrived).toHaveLength(1);
  });

  test('two runs of one slot at once are told once', async () => {
    const port = await targets.http((_request, response) => response.end());
    await plan({ target: `http://127.0.0.1:${port}/` });
    const message = slotNow();
    const answers = await Promise.all([handle(sqsEvent([message])), handle(sqsEvent([message]))]);
    expect(answers).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    expect(new Set(cloud.arrived.map(({ detail }) => detail.id)).size).toBe(1);
    expect((await readHead(cloud.telemetry, shard)).outbox).toEqual([]);
  });

  test('a slot that is long past is not probed: a gap, neither failure nor uptime', async () => {
    let asked = 0;
    const port = await targets.http((_request, response) => {
      asked++;
      response.end();
    });
    await plan({ target: `http://127.0.0.1:${port}/` });
    expect(await handle(sqsEvent([slotNow(11)]))).toEqual({ batchItemFailures: [] });
    expect(asked).toBe(0);
    expect(await statuses()).toEqual({});
  });

  test('while the bus is away the message comes again, and nothing is lost (fault 3)', async () => {
    const port = await targets.http((_request, response) => response.end());
    await plan({ target: `http://127.0.0.1:${port}/` });
    const message = slotNow();
    cloud.bus = 'down';
    expect(await handle(sqsEvent([message]))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(await statuses()).toEqual({ 1: 'healthy' });
    cloud.bus = 'open';
    expect(await handle(sqsEvent([message]))).toEqual({ batchItemFailures: [] });
    expect(cloud.arrived.map(({ detail }) => (detail as { to: string }).to)).toEqual(['healthy']);
  });

  test('a message that announces a newer plan than there is comes again', async () => {
    await plan({ target: 'http://127.0.0.1:9/' });
    const answer = await handle(sqsEvent([{ ...slotNow(), planVersion: 2 }]));
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }]);
  });

  test.each([
    '',
    'null',
    '{}',
    '{"kind":"slot"}',
    '{"kind":"slot","shard":"../x","slotAt":1,"planVersion":1}',
    '{"kind":"now","shard":"home.public.10.0","planVersion":1,"at":1,"runId":"a#b"}',
  ])('the poison message %j comes again, to end in the dead-letter queue (fault 10)', async (body) => {
    expect(await handle(sqsEvent([body]))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  });
});

describe('a run at once', () => {
  const now = (given: Partial<NowMessage> = {}): NowMessage => ({
    kind: 'now',
    shard,
    at: Date.now(),
    runId: 'run-1',
    planVersion: 1,
    ...given,
  });

  test('looks at the named checks alone and leaves the slots to come', async () => {
    const port = await targets.http((_request, response) => response.end());
    await plan({ target: `http://127.0.0.1:${port}/` }, { target: `http://127.0.0.1:${port}/` });
    await handle(sqsEvent([now({ nos: [2] })]));
    expect(await statuses()).toEqual({ 2: 'healthy' });
    expect((await readHead(cloud.telemetry, shard)).slotAt).toBe(0);
  });

  test('for what is unseen does nothing once it was looked at, until it changes', async () => {
    let asked = 0;
    const port = await targets.http((_request, response) => {
      asked++;
      response.end();
    });
    const target = `http://127.0.0.1:${port}/`;
    await plan({ target });
    const unseen = { nos: [1], unseenOnly: true } as const;
    await handle(sqsEvent([now({ ...unseen })]));
    await handle(sqsEvent([now({ ...unseen, runId: 'run-2' })]));
    expect(asked).toBe(1);
    await plan({ target, revision: 2 });
    await handle(sqsEvent([now({ ...unseen, runId: 'run-3', planVersion: 2 })]));
    expect(asked).toBe(2);
  });

  test('counts even when a slot without its check was folded after its instant', async () => {
    const port = await targets.http((_request, response) => response.end());
    const target = `http://127.0.0.1:${port}/`;
    await plan({ target });
    const message = slotNow();
    await handle(sqsEvent([message]));
    await plan({ target }, { target });
    await handle(sqsEvent([now({ at: message.slotAt - 1, nos: [2], planVersion: 2 })]));
    expect(await statuses()).toEqual({ 1: 'healthy', 2: 'healthy' });
  });
});

test('the runner inside the VPC is the same runner', async () => {
  const port = await targets.http((_request, response) => response.end());
  shard = `home.vpc.10.${shards++}`;
  await plan({ target: `http://127.0.0.1:${port}/` });
  const { handler } = await import('../../functions/vpc-runner/handler.ts');
  await handler(sqsEvent([slotNow()]));
  expect(await statuses()).toEqual({ 1: 'healthy' });
});

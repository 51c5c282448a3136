import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { type Messaging, startMessaging } from '../../../infra/local/messaging/messaging.ts';
import { writeSmallStack } from './small-stack.ts';

/** The small stack with its queue first in, first out, each message five seconds late; a poller that takes `batchSize`. */
const ordered =
  (batchSize: number) =>
  ({ Resources }: RawTemplate): void => {
    const fifo = { FifoQueue: true, ContentBasedDeduplication: false };
    const groups = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    const { Work, Dead, Poller } = Resources as Record<string, { Properties: Record<string, unknown> }>;
    if (!Work || !Dead || !Poller) throw new Error('the small stack has changed');
    const { QueueName: _work, ...work } = Work.Properties;
    Work.Properties = { ...work, ...fifo, ...groups, DelaySeconds: 5 };
    Dead.Properties = { ...fifo };
    const { MaximumBatchingWindowInSeconds: _window, ...poller } = Poller.Properties;
    Poller.Properties = { ...poller, BatchSize: batchSize };
  };

let host: Host;
let sqs: SQSClient;
const undo: (() => unknown)[] = [];

const start = async (batchSize: number, dataDir?: string): Promise<void> => {
  const stack = writeSmallStack(ordered(batchSize));
  undo.push(() => stack.remove());
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: 'driven',
    catchUp: false,
    ...(dataDir && { dataDir }),
  });
  const { endpoint, region, credentials } = host.aws;
  sqs = new SQSClient({ endpoint, region, credentials, maxAttempts: 1 });
  undo.push(
    () => host.stop(),
    () => sqs.destroy(),
  );
};
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

let sentSoFar = 0;
const send = async (...messages: readonly [group: string, order: unknown][]): Promise<void> => {
  const answer = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: `${host.aws.endpoint}/000000000000/Small-Work.fifo`,
      Entries: messages.map(([MessageGroupId, order], at) => ({
        Id: String(at),
        MessageBody: JSON.stringify(order),
        MessageGroupId,
        MessageDeduplicationId: String(++sentSoFar),
      })),
    }),
  );
  expect(answer.Failed ?? []).toEqual([]);
};
const noted = async (sk: string): Promise<number | undefined> => {
  const order = [
    'DynamoDB_20120810.GetItem',
    'dynamodb',
    { TableName: 'Small-Items', Key: { pk: { S: 'notes' }, sk: { S: sk } } },
  ];
  const { body } = (await host.invoke('worker', { aws: order })) as {
    body: { Item?: { at: { N: string } } };
  };
  return body.Item === undefined ? undefined : Number(body.Item.at.N);
};

test('a message waits for the delay of its queue, in driven time, and no longer', async () => {
  await start(10);
  const sentAt = host.now();
  await send(['a', { note: 'one' }]);
  await host.advance('4999ms');
  expect(await noted('one')).toBeUndefined();
  await host.advance('1ms');
  expect(await noted('one')).toBe(sentAt + 5_000);
});

test('what failed holds up its own group until it comes again or lies in the dead letters, and no other group', async () => {
  await start(1);
  const sentAt = host.now();
  await send(['a', { throw: 'poison' }], ['a', { note: 'after it' }], ['b', { note: 'beside it' }]);
  await host.advance('14s');
  expect(await noted('beside it')).toBe(sentAt + 5_000);
  expect(await noted('after it')).toBeUndefined();
  // Two receives of ten seconds each, then the queue gives it up.
  await host.advance('1m');
  expect(await noted('after it')).toBe(sentAt + 25_000);
  expect(await host.messagesIn('Small-Dead.fifo')).toEqual(['{"throw":"poison"}']);
});

test('a restart keeps what was in flight locked, and the order', async () => {
  const folder = writeSmallStack();
  undo.push(() => folder.remove());
  const { dataDir } = folder;
  await start(1, dataDir);
  const sentAt = host.now();
  await send(['a', { throw: 'first' }], ['a', { note: 'second' }]);
  await host.advance('6s');
  await host.kill();
  const stack = writeSmallStack(ordered(1));
  undo.push(() => stack.remove());
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    dataDir,
    clock: 'driven',
    startsAt: sentAt + 6_000,
    catchUp: false,
  });
  await host.settle();
  expect(await noted('second')).toBeUndefined();
  await host.advance('1m');
  expect(await noted('second')).toBe(sentAt + 25_000);
});

test('one batch carries several messages of a group, in the order in which they were sent, and tells which group', async () => {
  const messaging = await startMessaging(
    { dataDir: undefined, region: 'us-east-1', driven: undefined },
    () => {},
  );
  try {
    await queueOf(messaging, {});
    for (const [group, body] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
      ['a', '4'],
    ] as const)
      await sendTo(messaging, group, body);
    const batch = await messaging.receive('own.fifo', 10);
    const ofGroup = (name: string) =>
      batch.filter(({ attributes }) => attributes.MessageGroupId === name).map(({ body }) => body);
    expect({ a: ofGroup('a'), b: ofGroup('b') }).toEqual({ a: ['1', '3', '4'], b: ['2'] });
    // While they are in flight nothing more of their groups is handed out, but what is of another.
    await sendTo(messaging, 'a', '5');
    await sendTo(messaging, 'c', '6');
    expect((await messaging.receive('own.fifo', 10)).map(({ body }) => body)).toEqual(['6']);
    // Given back together, they come again as they were sent, before what came later.
    const handles = batch.filter(({ attributes }) => attributes.MessageGroupId === 'a');
    await Promise.all(handles.map(({ receiptHandle }) => messaging.hide('own.fifo', receiptHandle, 0)));
    await messaging.state();
    expect((await messaging.receive('own.fifo', 10)).map(({ body }) => body)).toEqual(['1', '3', '4', '5']);
  } finally {
    await messaging.close();
  }
});

const queueOf = (messaging: Messaging, attributes: Record<string, string>): Promise<void> =>
  messaging.createQueue({
    name: 'own.fifo',
    arn: 'arn:aws:sqs:us-east-1:000000000000:own.fifo',
    url: 'http://127.0.0.1/000000000000/own.fifo',
    attributes: { FifoQueue: 'true', ...attributes },
  });
const sendTo = async (messaging: Messaging, group: string, body: string): Promise<void> => {
  const { statusCode } = await messaging.http({
    method: 'POST',
    url: '/',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(
      JSON.stringify({
        QueueUrl: 'http://127.0.0.1/000000000000/own.fifo',
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: body,
      }),
    ),
  });
  expect(statusCode).toBe(200);
};

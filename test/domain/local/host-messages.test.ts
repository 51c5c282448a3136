import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Host, type HostLine, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

const stack = writeSmallStack();
const lines: HostLine[] = [];
let host: Host;

beforeAll(async () => {
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: 'driven',
    catchUp: false,
    log: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await host.stop();
  stack.remove();
});

/** One signed call as an SDK makes it, by the host's own key. */
const aws = async (target: string, service: string, body: unknown): Promise<Record<string, unknown>> => {
  const answer = await fetch(host.aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${host.aws.credentials.accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
};
const send = (order: unknown, DelaySeconds = 0) =>
  aws('AmazonSQS.SendMessage', 'sqs', {
    QueueUrl: `${host.aws.endpoint}/000000000000/work`,
    MessageBody: JSON.stringify(order),
    DelaySeconds,
  });
const noted = async (sk: string): Promise<number | undefined> => {
  const { Item } = await aws('DynamoDB_20120810.GetItem', 'dynamodb', {
    TableName: 'Small-Items',
    Key: { pk: { S: 'notes' }, sk: { S: sk } },
  });
  const at = (Item as { at: { N: string } } | undefined)?.at.N;
  return at === undefined ? undefined : Number(at);
};
const depths = async () => {
  const { work, dead } = await host.queues();
  return { work, dead };
};
const empty = { ready: 0, delayed: 0, inFlight: 0 };

test('a message waits for its batch window and is then handled at that very instant', async () => {
  const sentAt = host.now();
  await send({ note: 'windowed' });
  await host.settle();
  expect(await noted('windowed')).toBeUndefined();
  await host.advance('1s');
  expect(await noted('windowed')).toBe(sentAt + 1000);
});

test('a delayed message becomes receivable when its delay is over', async () => {
  const sentAt = host.now();
  await send({ note: 'delayed' }, 90);
  await host.advance('2m');
  expect(await noted('delayed')).toBe(sentAt + 91_000);
});

test('of a batch only the messages that failed come again, after the visibility timeout', async () => {
  const sentAt = host.now();
  await send({ note: 'good neighbour' });
  await send({ throw: 'poison' });
  await host.advance('1s');
  expect(await noted('good neighbour')).toBe(sentAt + 1000);
  expect((await depths()).work).toEqual({ ready: 0, delayed: 0, inFlight: 1 });
});

test('a message that failed as often as its queue allows lies in the dead letters, and the alarm says so (fault 10)', async () => {
  await host.advance('1m');
  expect(await depths()).toEqual({ work: empty, dead: { ready: 1, delayed: 0, inFlight: 0 } });
  expect(await host.messagesIn('dead')).toEqual(['{"throw":"poison"}']);
  expect(lines).toContainEqual({ level: 'error', source: 'alarm', text: 'Work that failed (1 in dead)' });
});

test('a function that runs past its timeout is ended, and the next invocation finds a new one', async () => {
  await expect(host.invoke('worker', { spin: true })).rejects.toThrow('Task timed out after 2.00 seconds');
  expect(await host.invoke('worker', {})).toHaveProperty('now', host.now());
});

test('a function that ends its process fails that invocation only', async () => {
  await expect(host.invoke('worker', { exit: true })).rejects.toThrow('ended with exit code 1');
  expect(await host.invoke('worker', {})).toHaveProperty('now', host.now());
});

test("a function's error arrives with its own name", async () => {
  await expect(host.invoke('worker', { throw: 'too far' })).rejects.toThrow('RangeError: too far');
});

test('a function sees the variables of the template and those of Lambda, and nothing of this machine', async () => {
  const { environment } = (await host.invoke('worker', {})) as { environment: string[] };
  expect(environment.filter((name) => !name.startsWith('AWS_'))).toEqual([
    'BUS',
    'HOMEOSTAT_ADMIN_TOKEN',
    'ITEMS',
    'LAMBDA_TASK_ROOT',
    'POWERTOOLS_SERVICE_NAME',
    'TOKEN',
    'TZ',
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
  ]);
});

test('an event reaches the queue of a matching rule before PutEvents answers, others go nowhere', async () => {
  const entry = (DetailType: string) => ({
    Source: 'small',
    DetailType,
    Detail: '{"n":1}',
    EventBusName: 'bus',
  });
  const answer = await aws('AWSEvents.PutEvents', 'events', {
    Entries: [entry('thing.made'), entry('other')],
  });
  expect(answer.FailedEntryCount).toBe(0);
  const heard = (await host.messagesIn('heard')).map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatchObject({
    'detail-type': 'thing.made',
    source: 'small',
    account: '000000000000',
    region: 'us-east-1',
    detail: { n: 1 },
  });
});

test('an event whose detail is no JSON object is refused alone', async () => {
  const answer = await aws('AWSEvents.PutEvents', 'events', {
    Entries: [
      { Source: 'small', DetailType: 'thing.bad', Detail: '[1]', EventBusName: 'bus' },
      { Source: 'small', DetailType: 'thing.good', Detail: '{}', EventBusName: 'bus' },
    ],
  });
  expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }, {}] });
});

test('a generated secret follows its rules, and is the admin token', async () => {
  const answer = await aws('secretsmanager.GetSecretValue', 'secretsmanager', { SecretId: 'Small-Token' });
  expect(answer.SecretString).toBe(host.token);
  expect(host.token).toMatch(/^[A-Za-z0-9]{48}$/);
});

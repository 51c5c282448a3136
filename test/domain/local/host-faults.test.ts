import { afterEach, expect, test } from 'vitest';
import type { FaultableCall, Faults } from '../../../infra/local/gateway/faults.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

const stack = writeSmallStack();
let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
/** Early in a minute, for the stack's schedule writes an item at the end of each. */
const startsAt = Date.UTC(2026, 5, 1, 12, 0, 5);

const start = async (faults: Faults): Promise<Host> => {
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: 'driven',
    catchUp: false,
    startsAt,
    faults,
  });
  return host;
};

const table = 'Small-Items';
const putItem = (sk: string) => [
  'DynamoDB_20120810.PutItem',
  'dynamodb',
  { TableName: table, Item: { pk: { S: 'notes' }, sk: { S: sk } } },
];
const event = (DetailType: string) => [
  'AWSEvents.PutEvents',
  'events',
  { Entries: [{ Source: 'small', DetailType, Detail: '{}', EventBusName: 'bus' }] },
];
const asHost = async (at: Host, service: string, target: string, body: unknown): Promise<unknown> => {
  const answer = await fetch(at.aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${at.aws.credentials.accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify(body),
  });
  return answer.json();
};
const stored = async (at: Host): Promise<readonly string[]> => {
  const answer = await asHost(at, 'dynamodb', 'DynamoDB_20120810.Scan', { TableName: table });
  return (answer as { Items: { sk: { S: string } }[] }).Items.map(({ sk }) => sk.S).sort();
};
/** Breaks the n-th call of the function, and notes what it was asked about. */
const atCall = (n: number, fault: ReturnType<Faults>, asked: FaultableCall[] = []): Faults => {
  return (call) => {
    asked.push(call);
    return call.count === n ? fault : undefined;
  };
};

test('faults are asked about each call of a function, with its number, and about none of the host’s own', async () => {
  const asked: FaultableCall[] = [];
  const at = await start(atCall(0, undefined, asked));
  await at.invoke('worker', { each: [putItem('a'), event('thing.made')] });
  await at.invoke('worker', { each: [putItem('b')] });
  expect(await stored(at)).toEqual(['a', 'b']);
  const call = { functionName: 'worker', service: 'dynamodb', action: 'PutItem' };
  const resource = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
  expect(asked).toEqual([
    { ...call, resource, count: 1, countInInvocation: 1 },
    {
      functionName: 'worker',
      service: 'events',
      action: 'PutEvents',
      resource: 'arn:aws:events:us-east-1:000000000000:event-bus/bus',
      count: 2,
      countInInvocation: 2,
    },
    { ...call, resource, count: 3, countInInvocation: 1 },
  ]);
});

test.each([
  ['dynamodb', putItem('a'), 'ThrottlingException', 400],
  ['events', event('thing.made'), 'ThrottlingException', 400],
])(
  'a throttled call to %s does nothing and is answered as the service answers it',
  async (_, one, code, status) => {
    const at = await start(atCall(1, 'throttle'));
    expect(await at.invoke('worker', { each: [one] })).toEqual([
      { status, body: expect.objectContaining({ __type: expect.stringContaining(`#${code}`) }) },
    ]);
    expect(await stored(at)).toEqual([]);
    expect(await at.messagesIn('heard')).toEqual([]);
  },
);

test('a dropped request took no effect, and the caller hears nothing', async () => {
  const at = await start(atCall(1, 'drop-request'));
  expect(await at.invoke('worker', { each: [putItem('a'), putItem('b')] })).toEqual([
    expect.stringMatching(/^cut: /),
    expect.objectContaining({ status: 200 }),
  ]);
  expect(await stored(at)).toEqual(['b']);
});

test('a lost answer belongs to a call that took effect', async () => {
  const at = await start(atCall(1, 'lose-answer'));
  expect(await at.invoke('worker', { each: [event('thing.made'), putItem('b')] })).toEqual([
    expect.stringMatching(/^cut: /),
    expect.objectContaining({ status: 200 }),
  ]);
  expect(await at.messagesIn('heard')).toHaveLength(1);
});

test.each([
  ['kill', ['a', 'b']],
  ['kill-before', ['a']],
] as const)(
  '%s ends the instance at that call, its message comes again after the visibility timeout, and goes through (fault 3)',
  async (fault, leftByTheFirst) => {
    const at = await start(atCall(2, fault));
    const order = { each: [putItem('a'), putItem('b'), putItem('c')] };
    await asHost(at, 'sqs', 'AmazonSQS.SendMessage', {
      QueueUrl: `${at.aws.endpoint}/000000000000/work`,
      MessageBody: JSON.stringify(order),
    });
    await at.advance('1s');
    expect(await stored(at)).toEqual(leftByTheFirst);
    expect((await at.queues()).work).toEqual({ ready: 0, delayed: 0, inFlight: 1 });
    await at.advance('11s');
    expect(await stored(at)).toEqual(['a', 'b', 'c']);
    expect((await at.queues()).work).toEqual({ ready: 0, delayed: 0, inFlight: 0 });
  },
);

test('whoever waits for an instance that is killed hears that it ended, and the next call finds another', async () => {
  const at = await start(atCall(1, 'kill'));
  await expect(at.invoke('worker', { each: [putItem('a')] })).rejects.toThrow(/Runtime\.ExitError/);
  expect(await at.invoke('worker', { each: [putItem('b')] })).toEqual([
    expect.objectContaining({ status: 200 }),
  ]);
  expect(await stored(at)).toEqual(['a', 'b']);
});

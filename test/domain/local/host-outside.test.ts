import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, type HostLine, type HostOptions, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

/** What a stack tells people and is told by AWS: topics, e-mail through SES, the default bus of the account. */

type Resource = { Type: string; Properties: Record<string, unknown> };
const onCall = 'arn:aws:sns:us-east-1:000000000000:on-call';

const withTopic = ({ Resources }: RawTemplate): void => {
  const resources = Resources as Record<string, Resource>;
  resources.OnCall = {
    Type: 'AWS::SNS::Topic',
    Properties: { TopicName: 'on-call', DisplayName: 'Small alerts' },
  };
  resources.Mail = {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'OnCall' }, Protocol: 'email', Endpoint: 'team@example.com' },
  };
  resources.Quiet = { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'quiet' } };
};
const withDefaultRule = ({ Resources }: RawTemplate): void => {
  const { Rule } = Resources as Record<string, Resource>;
  if (!Rule) throw new Error('the small stack has changed');
  Rule.Properties = {
    ...Rule.Properties,
    EventBusName: undefined,
    EventPattern: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
  };
};
const allowing =
  (statement: Record<string, unknown>) =>
  ({ Resources }: RawTemplate): void => {
    const role = (Resources as Record<string, Resource>).WorkerRole;
    const [own] = (role?.Properties.Policies ?? []) as { PolicyDocument: { Statement: unknown[] } }[];
    own?.PolicyDocument.Statement.push({ Effect: 'Allow', ...statement });
  };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const start = async (
  changes: readonly ((template: RawTemplate) => void)[],
  options: Partial<HostOptions> = {},
): Promise<{ readonly host: Host; readonly lines: HostLine[] }> => {
  const stack = writeSmallStack((template) => {
    for (const change of changes) change(template);
  });
  const lines: HostLine[] = [];
  const host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: 'driven',
    catchUp: false,
    log: (line) => lines.push(line),
    ...options,
  });
  undo.push(
    () => stack.remove(),
    () => host.stop(),
  );
  return { host, lines };
};
const clientOf = ({ aws: { endpoint, region, credentials } }: Host) => ({
  endpoint,
  region,
  credentials,
  maxAttempts: 1,
});

test('what a topic tells by e-mail is shown in place of being sent, with subject, text and addressee', async () => {
  const { host, lines } = await start([withTopic]);
  const sns = new SNSClient(clientOf(host));
  await sns.send(
    new PublishCommand({ TopicArn: onCall, Subject: 'FIRING: home page', Message: 'it is 503\nsince 12:00' }),
  );
  expect(lines.filter(({ source }) => source === 'topic')).toEqual([
    {
      level: 'info',
      source: 'topic',
      text: 'Small alerts, to team@example.com (not delivered on one machine): FIRING: home page: it is 503\nsince 12:00',
    },
  ]);
  expect(lines.map(({ text }) => text)).toContain(
    'what topics tell team@example.com is not delivered on one machine: alerts and alarms are shown here instead',
  );
});

test('a topic that nobody subscribed to by e-mail shows what it was told all the same', async () => {
  const { host, lines } = await start([withTopic]);
  const sns = new SNSClient(clientOf(host));
  await sns.send(new PublishCommand({ TopicArn: onCall.replace('on-call', 'quiet'), Message: 'hello' }));
  expect(lines.filter(({ source }) => source === 'topic').map(({ text }) => text)).toEqual([
    'quiet, nobody subscribed by e-mail or SMS: hello',
  ]);
});

test('a queue gets the messages of a topic that its filter policy lets through', async () => {
  const { host } = await start([withTopic]);
  const sns = new SNSClient(clientOf(host));
  await sns.send(
    new SubscribeCommand({
      TopicArn: onCall,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:heard',
      Attributes: {
        RawMessageDelivery: 'true',
        FilterPolicy: JSON.stringify({ severity: ['critical', 'error'] }),
      },
    }),
  );
  for (const severity of ['critical', 'info']) {
    const MessageAttributes = { severity: { DataType: 'String', StringValue: severity } };
    await sns.send(new PublishCommand({ TopicArn: onCall, Message: `a ${severity} one`, MessageAttributes }));
  }
  expect(await host.messagesIn('heard')).toEqual(['a critical one']);
});

const publish = (TopicArn: string) => [
  '',
  'sns',
  new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn, Message: 'hello' }).toString(),
];

test('a function tells only the topics that its role names', async () => {
  const { host } = await start([
    withTopic,
    allowing({ Sid: 'Tell', Action: ['sns:Publish'], Resource: onCall }),
  ]);
  expect(await host.invoke('worker', { aws: publish(onCall) })).toMatchObject({ status: 200 });
  const refused = await host.invoke('worker', { aws: publish(onCall.replace('on-call', 'quiet')) });
  expect(refused).toMatchObject({ status: 403 });
});

test('an event for no bus by name is one for the default bus, whose rules take what AWS tells there', async () => {
  const { host } = await start([withDefaultRule]);
  const events = new EventBridgeClient(clientOf(host));
  const entry = (Source: string) => ({
    Source,
    DetailType: 'CloudWatch Alarm State Change',
    Detail: JSON.stringify({ alarmName: 'orders-5xx', state: { value: 'ALARM' } }),
    Resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-5xx'],
  });
  const answer = await events.send(
    new PutEventsCommand({ Entries: [entry('aws.cloudwatch'), entry('somebody.else')] }),
  );
  expect(answer.FailedEntryCount).toBe(0);
  const heard = (await host.messagesIn('heard')).map((text) => JSON.parse(text) as unknown);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatchObject({
    source: 'aws.cloudwatch',
    resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-5xx'],
    detail: { alarmName: 'orders-5xx', state: { value: 'ALARM' } },
  });
});

test('no function speaks in the name of a service of AWS, although its role may put events', async () => {
  const { host } = await start([
    withDefaultRule,
    allowing({ Sid: 'Default', Action: ['events:PutEvents'], Resource: '*' }),
  ]);
  const entry = { Source: 'aws.cloudwatch', DetailType: 'CloudWatch Alarm State Change', Detail: '{}' };
  const answer = await host.invoke('worker', {
    aws: ['AWSEvents.PutEvents', 'events', { Entries: [entry] }],
  });
  expect(answer).toMatchObject({
    body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] },
  });
  expect(await host.messagesIn('heard')).toEqual([]);
});

/** An account of AWS that takes everything, and what it was asked. */
const account = async () => {
  const asked: { readonly url: string; readonly authorization: string; readonly body: string }[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    asked.push({
      url: request.url ?? '',
      authorization: request.headers.authorization ?? '',
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"MessageId":"1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  return {
    asked,
    awsAccount: {
      region: 'eu-central-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }),
    },
  };
};
const mail = (from: string) => ({
  post: [
    '/v2/email/outbound-emails',
    'ses',
    {
      FromEmailAddress: from,
      Destination: { ToAddresses: ['team@example.com'] },
      Content: { Simple: { Subject: { Data: 'FIRING' }, Body: { Text: { Data: 'it is 503' } } } },
    },
  ],
});
const identity = (name: string) => `arn:aws:ses:us-east-1:000000000000:identity/${name}`;
const maySend = allowing({
  Sid: 'Mail',
  Action: ['ses:SendEmail'],
  Resource: [identity('example.com'), identity('alerts@other.example')],
});

test('an e-mail through SES goes on to the account whose credentials were given, under its own signature', async () => {
  const { asked, awsAccount } = await account();
  const { host } = await start([maySend], { awsAccount });
  expect(await host.invoke('worker', mail('Homeostat <alerts@example.com>'))).toMatchObject({ status: 200 });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.url).toBe('/v2/email/outbound-emails');
  expect(asked[0]?.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/ses\/aws4_request/);
  expect(JSON.parse(asked[0]?.body ?? '{}')).toMatchObject({
    FromEmailAddress: 'Homeostat <alerts@example.com>',
  });
});

test('without credentials SES says which to give, and the e-mail is not taken', async () => {
  const { host } = await start([maySend]);
  const answer = await host.invoke('worker', mail('alerts@example.com'));
  expect(answer).toMatchObject({ status: 400, errorType: 'NoAwsCredentials' });
  expect(JSON.stringify(answer)).toContain('AWS_ACCESS_KEY_ID');
});

test.each([
  ['an address of a domain that the role names', 'alerts@example.com', 200],
  ['an address that the role names', 'alerts@other.example', 200],
  ['another address of a domain of which it names one only', 'root@other.example', 403],
  ['a domain that ends like one it names', 'alerts@not-example.com', 403],
])('a function may send as %s', async (_, from, status) => {
  const { awsAccount } = await account();
  const { host } = await start([maySend], { awsAccount });
  expect(await host.invoke('worker', mail(from))).toMatchObject({ status });
});

test('a topic of a real account is told there, in the region of its ARN', async () => {
  const { asked, awsAccount } = await account();
  const theirs = 'arn:aws:sns:us-west-2:111122223333:on-call';
  const { host } = await start([allowing({ Sid: 'Theirs', Action: ['sns:Publish'], Resource: theirs })], {
    awsAccount,
  });
  expect(await host.invoke('worker', { aws: publish(theirs) })).toMatchObject({ status: 200 });
  expect(asked[0]?.authorization).toContain('/us-west-2/sns/aws4_request');
});

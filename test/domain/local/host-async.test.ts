import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

/** Events that start a function: one an invocation, again when it fails, and kept when it failed for good. */

type Resource = { Type: string; Properties: Record<string, unknown> };
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const withListener =
  (mayKeep: boolean) =>
  ({ Resources }: RawTemplate): void => {
    const resources = Resources as Record<string, Resource>;
    delete resources.Tick;
    const worker = resources.Worker;
    if (!worker) throw new Error('the small stack has changed');
    const Version = '2012-10-17';
    resources.Listener = {
      ...worker,
      Properties: {
        ...worker.Properties,
        FunctionName: 'listener',
        Role: arnOf('ListenerRole'),
        Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'listener' } },
      },
    };
    const send = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf('Dead') };
    const trusting = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'lambda.amazonaws.com' },
    };
    resources.ListenerRole = {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version, Statement: [trusting] },
        Policies: mayKeep ? [{ PolicyName: 'Own', PolicyDocument: { Version, Statement: [send] } }] : [],
      },
    };
    resources.Heeding = {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['team'] },
        // What it is told to do is its order.
        Targets: [{ Id: 'listener', Arn: arnOf('Listener'), InputPath: '$.detail' }],
      },
    };
    resources.Heeded = {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf('Listener'),
        Principal: 'events.amazonaws.com',
        SourceArn: arnOf('Heeding'),
      },
    };
    resources.Patience = {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Listener' },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 21_600,
        DestinationConfig: { OnFailure: { Destination: arnOf('Dead') } },
      },
    };
  };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const start = async (mayKeep = true): Promise<Host> => {
  const stack = writeSmallStack(withListener(mayKeep));
  undo.push(() => stack.remove());
  const host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false });
  undo.push(() => host.stop());
  return host;
};
const tell = ({ aws: { endpoint, region, credentials } }: Host, detail: object) =>
  new EventBridgeClient({ endpoint, region, credentials }).send(
    new PutEventsCommand({
      Entries: [{ Source: 'team', DetailType: 'told', Detail: JSON.stringify(detail) }],
    }),
  );

test('an event whose function fails comes twice more, a minute and two later, and is kept then', async () => {
  const host = await start();
  await tell(host, { throw: 'cannot' });
  await host.advance('179s');
  expect(await host.messagesIn('dead')).toEqual([]);
  await host.advance('1s');
  const [kept, ...others] = (await host.messagesIn('dead')).map((text) => JSON.parse(text));
  expect(others).toEqual([]);
  expect(kept).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { throw: 'cannot' },
    responsePayload: { errorType: 'RangeError', errorMessage: 'cannot' },
  });
});

test('an event whose function succeeds is kept nowhere', async () => {
  const host = await start();
  await tell(host, {});
  await host.advance('5m');
  expect(await host.messagesIn('dead')).toEqual([]);
});

test('a function that may not send to its failure destination loses the event, and that is told', async () => {
  const host = await start(false);
  await tell(host, { throw: 'cannot' });
  await host.advance('5m');
  expect(await host.messagesIn('dead')).toEqual([]);
  expect(host.calls().filter(({ allowed }) => !allowed)).toContainEqual(
    expect.objectContaining({ caller: 'listener', action: 'sqs:SendMessage' }),
  );
});

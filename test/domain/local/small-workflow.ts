import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, type HostLine, type HostOptions, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

/** State machines for the small stack, beside its function `worker`. */

type Resource = { Type: string; Properties: Record<string, unknown> };
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

export const workerArn = 'arn:aws:lambda:us-east-1:000000000000:function:Small-Worker';
export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:flow';
export const executionArn = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:flow:${name}`;

/** Adds the machine `flow`, with a role that may call the worker unless `mayInvoke` is false. */
export const withMachine =
  (definition: object, { mayInvoke = true, trusted = 'states.amazonaws.com' } = {}) =>
  ({ Resources }: RawTemplate): void => {
    const resources = Resources as Record<string, Resource>;
    const Version = '2012-10-17';
    resources.FlowRole = {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version,
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: trusted } }],
        },
        Policies: mayInvoke
          ? [
              {
                PolicyName: 'Own',
                PolicyDocument: {
                  Version,
                  Statement: [
                    {
                      Sid: 'Steps',
                      Effect: 'Allow',
                      Action: 'lambda:InvokeFunction',
                      Resource: arnOf('Worker'),
                    },
                  ],
                },
              },
            ]
          : [],
      },
    };
    resources.Flow = {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: 'flow',
        RoleArn: arnOf('FlowRole'),
        DefinitionString: JSON.stringify(definition),
      },
    };
  };

export type FlowOptions = NonNullable<Parameters<typeof withMachine>[1]> & {
  readonly clock?: HostOptions['clock'];
  /** Without the schedule of the small stack, for long times. */
  readonly withoutTick?: true;
  readonly change?: (template: RawTemplate) => void;
};

/** Hosts the small stack with this machine; `undo` takes how to stop it. */
export const hostFlow = async (
  undo: (() => unknown)[],
  definition: object,
  options: FlowOptions = {},
): Promise<{ readonly host: Host; readonly lines: HostLine[] }> => {
  const stack = writeSmallStack((template) => {
    withMachine(definition, options)(template);
    if (options.withoutTick) delete template.Resources.Tick;
    options.change?.(template);
  });
  undo.push(() => stack.remove());
  const lines: HostLine[] = [];
  const host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: options.clock ?? 'driven',
    catchUp: false,
    log: (line) => lines.push(line),
  });
  undo.push(() => host.stop());
  return { host, lines };
};

export const begin = (host: Host, name: string, input: unknown = {}) =>
  clientOf(host).send(
    new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
  );

/** A task that calls the worker with this order. */
export const task = (order: unknown, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: workerArn, Payload: order },
  ...more,
});
/** A task that waits for somebody to answer its token, which it keeps in the table of the stack. */
export const tokenTask = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: {
    FunctionName: workerArn,
    Payload: { 'put.$': "States.Array('tokens', $$.Task.Token)" },
  },
  ...more,
});

export const clientOf = ({ aws: { endpoint, region, credentials } }: Host): SFNClient =>
  new SFNClient({ endpoint, region, credentials, maxAttempts: 1 });

export const describe = (host: Host, name: string) =>
  clientOf(host).send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));

/** Names of the states that were entered, in order. */
export const entered = async (host: Host, name: string): Promise<readonly string[]> => {
  const { events = [] } = await clientOf(host).send(
    new GetExecutionHistoryCommand({ executionArn: executionArn(name) }),
  );
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
};

/** Sort keys of the items that the worker put under this partition key. */
export const keysUnder = async (host: Host, pk: string): Promise<readonly string[]> => {
  const answer = await fetch(host.aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': 'DynamoDB_20120810.Query',
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${host.aws.credentials.accessKeyId}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify({
      TableName: 'Small-Items',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
    }),
  });
  const { Items } = (await answer.json()) as { Items: { sk: { S: string } }[] };
  return Items.map(({ sk }) => sk.S);
};

/** Looks again and again until there is something; for what happens in real time. */
export const eventually = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  const endsAt = performance.now() + 10_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > endsAt) throw new Error('it did not come in ten seconds');
    await pause(20);
  }
};

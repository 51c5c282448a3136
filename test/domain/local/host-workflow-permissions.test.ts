import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { createActivity } from '../../../infra/local/time/activity.ts';
import { createAgenda } from '../../../infra/local/time/agenda.ts';
import { drivenClock } from '../../../infra/local/time/clock.ts';
import { createEngine } from '../../../infra/local/workflows/engine.ts';
import type { Execution } from '../../../infra/local/workflows/execution.ts';
import { openExecutions } from '../../../infra/local/workflows/store.ts';
import {
  begin,
  clientOf,
  describe,
  executionArn,
  hostFlow,
  keysUnder,
  machineArn,
  task,
  tokenTask,
} from './small-workflow.ts';

/** Who may do what with state machines, and who hears what became of an execution. */

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const start = (definition: object, options: Parameters<typeof hostFlow>[2] = {}) =>
  hostFlow(undo, definition, options);

type Resource = { Type: string; Properties: Record<string, unknown> };
const allowing =
  (...statements: readonly object[]) =>
  ({ Resources }: RawTemplate): void => {
    const role = (Resources as Record<string, Resource>).WorkerRole;
    const [own] = (role?.Properties.Policies ?? []) as { PolicyDocument: { Statement: unknown[] } }[];
    own?.PolicyDocument.Statement.push(...statements.map((statement) => ({ Effect: 'Allow', ...statement })));
  };
const pause = { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 60, End: true } } };
const states = (operation: string, input: object) => [`AWSStepFunctions.${operation}`, 'states', input];

test('a machine whose role may not call the function fails the task, and the missing statement is told', async () => {
  const { host, lines } = await start(
    {
      StartAt: 'Look',
      States: {
        Look: task(
          { note: 'never' },
          { Catch: [{ ErrorEquals: ['Lambda.AWSLambdaException'], Next: 'No' }], End: true },
        ),
        No: { Type: 'Succeed' },
      },
    },
    { mayInvoke: false },
  );
  await begin(host, 'refused');
  await host.settle();
  expect((await describe(host, 'refused')).output).toContain('lambda:InvokeFunction');
  expect(await keysUnder(host, 'notes')).toEqual([]);
  expect(lines.map(({ text }) => text).join('\n')).toContain('"Action":"lambda:InvokeFunction"');
});

test('each call of a function by a machine is recorded with the statement that allowed it', async () => {
  const { host } = await start({ StartAt: 'Look', States: { Look: task({}, { End: true }) } });
  await begin(host, 'allowed');
  await host.settle();
  expect(host.calls()).toContainEqual(
    expect.objectContaining({
      caller: 'state machine flow',
      action: 'lambda:InvokeFunction',
      statementSid: 'Steps',
      allowed: true,
    }),
  );
});

test('a machine whose role does not trust Step Functions stops the start', async () => {
  await expect(start(pause, { trusted: 'lambda.amazonaws.com' })).rejects.toThrow(
    /Flow cannot run: .*may not sts:AssumeRole/,
  );
});

test('a function starts, looks at and stops executions only as its role says', async () => {
  const { host } = await start(pause, {
    change: allowing(
      { Action: 'states:StartExecution', Resource: machineArn },
      { Action: 'states:DescribeExecution', Resource: executionArn('*') },
    ),
  });
  const started = await host.invoke('worker', {
    aws: states('StartExecution', { stateMachineArn: machineArn, name: 'own' }),
  });
  expect(started).toMatchObject({ status: 200, body: { executionArn: executionArn('own') } });
  const own = { executionArn: executionArn('own') };
  expect(await host.invoke('worker', { aws: states('DescribeExecution', own) })).toMatchObject({
    body: { status: 'RUNNING' },
  });
  expect(await host.invoke('worker', { aws: states('StopExecution', own) })).toMatchObject({
    body: {
      __type: expect.stringContaining('AccessDeniedException'),
      message: expect.stringContaining('may not states:StopExecution'),
    },
  });
});

const asked = { StartAt: 'Ask', States: { Ask: tokenTask({ End: true }) } };
const answering = (taskToken: string | undefined) =>
  states('SendTaskSuccess', { taskToken, output: '"yes"' });

test('who answers a token needs leave for the machine that it belongs to', async () => {
  const { host } = await start(asked, {
    change: allowing({ Action: 'states:SendTaskSuccess', Resource: machineArn }),
  });
  await begin(host, 'asked');
  await host.settle();
  const [token] = await keysUnder(host, 'tokens');
  expect(await host.invoke('worker', { aws: answering(token) })).toMatchObject({ status: 200 });
  await host.settle();
  expect(await describe(host, 'asked')).toMatchObject({ status: 'SUCCEEDED', output: '"yes"' });
});

test('leave for another machine answers no token', async () => {
  const { host } = await start(asked, {
    change: allowing({ Action: 'states:SendTaskSuccess', Resource: `${machineArn}-other` }),
  });
  await begin(host, 'asked');
  await host.settle();
  const [token] = await keysUnder(host, 'tokens');
  expect(await host.invoke('worker', { aws: answering(token) })).toMatchObject({
    body: { message: expect.stringContaining(`"Resource":"${machineArn}"`) },
  });
  expect((await describe(host, 'asked')).status).toBe('RUNNING');
});

test('what becomes of an execution is told on the default bus, as Step Functions tells it', async () => {
  const { host } = await start(pause, {
    change({ Resources }) {
      const { Rule } = Resources as Record<string, Resource>;
      Object.assign(Rule?.Properties ?? {}, {
        EventBusName: undefined,
        EventPattern: {
          source: ['aws.states'],
          'detail-type': ['Step Functions Execution Status Change'],
          detail: { stateMachineArn: [machineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED'] },
        },
      });
    },
  });
  const startedAt = host.now();
  await begin(host, 'aborted', { asked: 1 });
  await begin(host, 'ended');
  await host.advance('10s');
  await clientOf(host).send(
    new StopExecutionCommand({ executionArn: executionArn('aborted'), error: 'Switched', cause: 'by ada' }),
  );
  await host.advance('1m');
  const heard = (await host.messagesIn('heard')).map((text) => JSON.parse(text));
  expect(heard.map(({ source, resources }) => [source, resources])).toEqual([
    ['aws.states', [executionArn('aborted')]],
    ['aws.states', [executionArn('ended')]],
  ]);
  expect(heard[0].detail).toMatchObject({
    executionArn: executionArn('aborted'),
    stateMachineArn: machineArn,
    name: 'aborted',
    status: 'ABORTED',
    startDate: startedAt,
    stopDate: startedAt + 10_000,
    input: '{"asked":1}',
    output: null,
    error: 'Switched',
    cause: 'by ada',
  });
  expect(heard[1].detail).toMatchObject({ status: 'SUCCEEDED', output: '{}', error: null });
});

test('an end that nobody heard, for the host was killed just then, is told by the next host', async () => {
  const store = openExecutions(undefined);
  const machine = {
    logicalId: 'Flow',
    name: 'flow',
    arn: machineArn,
    roleArn: 'arn:aws:iam::000000000000:role/flow',
    definition: '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}',
  };
  const engine = (tell: (execution: Execution) => Promise<void>) => {
    const clock = drivenClock(Date.UTC(2026, 0, 1));
    const activity = createActivity();
    const call = () => Promise.resolve(undefined);
    const made = createEngine({
      store,
      clock,
      agenda: createAgenda(clock),
      activity,
      call,
      tell,
      onFault() {},
    });
    return { made, activity };
  };
  const before = engine(() => Promise.reject(new Error('the bus is gone')));
  before.made.start(machine, 'unheard', '{}');
  await before.activity.idle();
  before.made.close();
  const heard: string[] = [];
  for (const _ of ['the next host', 'the one after']) {
    const next = engine(async ({ name, status }) => void heard.push(`${name} ${status}`));
    next.made.takeUp();
    await next.activity.idle();
  }
  expect(heard).toEqual(['unheard SUCCEEDED']);
});

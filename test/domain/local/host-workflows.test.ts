import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import {
  begin,
  clientOf,
  describe,
  entered,
  executionArn,
  hostFlow,
  machineArn,
  task,
  workerArn,
} from './small-workflow.ts';

/** What a state machine does with its states, on the driven clock. */

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const start = (definition: object, options: Parameters<typeof hostFlow>[2] = {}) =>
  hostFlow(undo, definition, options);

const waits = (seconds: number) => ({
  StartAt: 'Pause',
  States: { Pause: { Type: 'Wait', Seconds: seconds, End: true } },
});
const fails = { Type: 'Fail', Error: 'Failed', Cause: 'it was not caught' };
const caught = (...ErrorEquals: string[]) => [{ ErrorEquals, ResultPath: '$.failure', Next: 'Caught' }];
const outputOf = (text: string | undefined): Record<string, unknown> => JSON.parse(text ?? 'null');

test('an execution goes from task to wait to its end, and a wait takes as long as it says', async () => {
  const { host } = await start({
    StartAt: 'Look',
    States: {
      Look: task({ 'note.$': '$.note' }, { ResultPath: '$.looked', Next: 'Pause' }),
      Pause: { Type: 'Wait', SecondsPath: '$.seconds', Next: 'Done' },
      Done: { Type: 'Succeed' },
    },
  });
  const startsAt = host.now();
  await begin(host, 'one', { note: 'seen', seconds: 90 });
  await host.advance('89s');
  expect((await describe(host, 'one')).status).toBe('RUNNING');
  await host.advance('1s');
  const ended = await describe(host, 'one');
  expect(ended.status).toBe('SUCCEEDED');
  expect(ended.stopDate?.getTime()).toBe(startsAt + 90_000);
  expect(outputOf(ended.output)).toMatchObject({ seconds: 90, looked: { StatusCode: 200 } });
  expect(await entered(host, 'one')).toEqual(['Look', 'Pause', 'Done']);
});

test('choices, loops and intrinsic functions lead where the language says', async () => {
  const { host } = await start({
    StartAt: 'Count',
    States: {
      Count: {
        Type: 'Pass',
        Parameters: { 'count.$': 'States.MathAdd($.count, 1)', 'name.$': "States.Format('{}!', $.name)" },
        Next: 'Enough',
      },
      Enough: {
        Type: 'Choice',
        Choices: [{ Variable: '$.count', NumericGreaterThanEquals: 3, Next: 'Done' }],
        Default: 'Pause',
      },
      Pause: { Type: 'Wait', Seconds: 1, Next: 'Count' },
      Done: { Type: 'Succeed', OutputPath: '$.name' },
    },
  });
  await begin(host, 'loop', { count: 0, name: 'a' });
  await host.advance('2s');
  expect(outputOf((await describe(host, 'loop')).output)).toBe('a!!!');
});

test('a task sees the id, name, input and start of its execution, and the state that it is', async () => {
  const { host } = await start({
    StartAt: 'Look',
    States: {
      Look: {
        Type: 'Pass',
        Parameters: {
          'id.$': '$$.Execution.Id',
          'name.$': '$$.Execution.Name',
          'asked.$': '$$.Execution.Input.asked',
          'startedAt.$': '$$.Execution.StartTime',
          'state.$': '$$.State.Name',
          'machine.$': '$$.StateMachine.Name',
        },
        End: true,
      },
    },
  });
  const startedAt = new Date(host.now()).toISOString();
  await begin(host, 'seen', { asked: 'what' });
  await host.settle();
  expect(outputOf((await describe(host, 'seen')).output)).toEqual({
    id: executionArn('seen'),
    name: 'seen',
    asked: 'what',
    startedAt,
    state: 'Look',
    machine: 'flow',
  });
});

test('an error of the function reaches Catch by its own name, with what Lambda tells of it', async () => {
  const { host } = await start({
    StartAt: 'Break',
    States: {
      Break: task({ throw: 'too far' }, { Catch: caught('RangeError'), Next: 'Missed' }),
      Missed: fails,
      Caught: { Type: 'Succeed' },
    },
  });
  await begin(host, 'broken');
  await host.settle();
  const { status, output } = await describe(host, 'broken');
  expect(status).toBe('SUCCEEDED');
  const failure = outputOf(output).failure as { Error: string; Cause: string };
  expect(failure.Error).toBe('RangeError');
  expect(outputOf(failure.Cause)).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
});

test('a function that is not caught fails its execution with its error', async () => {
  const { host, lines } = await start({
    StartAt: 'Break',
    States: { Break: task({ throw: 'too far' }, { Catch: caught('TypeError'), End: true }), Caught: fails },
  });
  await begin(host, 'broken');
  await host.settle();
  expect(await describe(host, 'broken')).toMatchObject({ status: 'FAILED', error: 'RangeError' });
  expect(lines.filter(({ source }) => source === 'flow').map(({ text }) => text)).toEqual([
    expect.stringMatching(/^execution broken FAILED: RangeError: /),
  ]);
});

test('retries come after their intervals, as often as they may, and then Catch takes the error', async () => {
  const { host } = await start({
    StartAt: 'Break',
    States: {
      Break: task(
        { throw: 'again' },
        {
          Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 }],
          Catch: caught('States.ALL'),
          End: true,
        },
      ),
      Caught: { Type: 'Succeed' },
    },
  });
  const startsAt = host.now();
  await begin(host, 'again');
  await host.advance('1m');
  const { events = [] } = await clientOf(host).send(
    new GetExecutionHistoryCommand({ executionArn: executionArn('again') }),
  );
  const tried = events.filter(({ type }) => type === 'TaskScheduled');
  expect(tried.map(({ timestamp }) => Number(timestamp) - startsAt)).toEqual([0, 2_000, 8_000]);
  expect((await describe(host, 'again')).status).toBe('SUCCEEDED');
});

test('a path that leads nowhere fails the execution, and nothing catches that', async () => {
  const { host } = await start({
    StartAt: 'Look',
    States: {
      Look: task({ 'note.$': '$.missing' }, { Catch: caught('States.ALL'), End: true }),
      Caught: { Type: 'Succeed' },
    },
  });
  await begin(host, 'lost');
  await host.settle();
  expect(await describe(host, 'lost')).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining('$.missing'),
  });
});

test('the same name with the same input is the same execution while it runs; otherwise the name is taken', async () => {
  const { host } = await start(waits(60));
  const first = await begin(host, 'once', { a: 1 });
  expect((await begin(host, 'once', { a: 1 })).executionArn).toBe(first.executionArn);
  await expect(begin(host, 'once', { a: 2 })).rejects.toThrow(
    expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
  );
  await host.advance('60s');
  expect(await entered(host, 'once')).toEqual(['Pause']);
  await expect(begin(host, 'once', { a: 1 })).rejects.toThrow(
    expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
  );
});

test('a name is free again ninety days after its execution ended', async () => {
  const { host } = await start(waits(60), { withoutTick: true });
  await begin(host, 'quarterly');
  await host.advance('60s');
  await host.advance('90d');
  await expect(begin(host, 'quarterly')).rejects.toThrow();
  await host.advance('1s');
  await begin(host, 'quarterly');
  expect((await describe(host, 'quarterly')).status).toBe('RUNNING');
});

test.each([
  ['a name with a slash', { name: 'a/b' }, 'InvalidName'],
  ['a name of 81 characters', { name: 'a'.repeat(81) }, 'InvalidName'],
  ['input that is not JSON', { input: '{' }, 'InvalidExecutionInput'],
  ['a machine that is not there', { stateMachineArn: `${machineArn}s` }, 'StateMachineDoesNotExist'],
])('%s starts nothing', async (_, change, name) => {
  const { host } = await start(waits(60));
  const starting = clientOf(host).send(
    new StartExecutionCommand({ stateMachineArn: machineArn, name: 'one', ...change }),
  );
  await expect(starting).rejects.toThrow(expect.objectContaining({ name }));
  const { executions } = await clientOf(host).send(
    new ListExecutionsCommand({ stateMachineArn: machineArn }),
  );
  expect(executions).toEqual([]);
});

test('an execution that is stopped is aborted with the reason, and goes no further', async () => {
  const { host } = await start({
    StartAt: 'Pause',
    States: {
      Pause: { Type: 'Wait', Seconds: 60, Next: 'Look' },
      Look: task({ note: 'never' }, { End: true }),
    },
  });
  await begin(host, 'stopped');
  await host.advance('10s');
  const stopping = { executionArn: executionArn('stopped'), error: 'Switched', cause: 'by a person' };
  await clientOf(host).send(new StopExecutionCommand(stopping));
  await host.advance('2m');
  const stopped = await describe(host, 'stopped');
  expect(stopped).toMatchObject({ status: 'ABORTED', error: 'Switched', cause: 'by a person' });
  expect(await entered(host, 'stopped')).toEqual(['Pause']);
  const again = await clientOf(host).send(new StopExecutionCommand(stopping));
  expect(again.stopDate).toEqual(stopped.stopDate);
});

test('an execution that takes longer than its machine allows has timed out', async () => {
  const { host } = await start({ ...waits(60), TimeoutSeconds: 30 });
  await begin(host, 'slow');
  await host.advance('30s');
  expect((await describe(host, 'slow')).status).toBe('TIMED_OUT');
});

test('executions are listed latest first, by status and in pages', async () => {
  const { host } = await start(waits(60));
  for (const name of ['a', 'b', 'c']) await begin(host, name);
  await clientOf(host).send(new StopExecutionCommand({ executionArn: executionArn('b') }));
  const list = async (more: object) => {
    const answer = await clientOf(host).send(
      new ListExecutionsCommand({ stateMachineArn: machineArn, ...more }),
    );
    return { names: answer.executions?.map(({ name }) => name), next: answer.nextToken };
  };
  expect(await list({ statusFilter: 'RUNNING' })).toEqual({ names: ['c', 'a'], next: undefined });
  const first = await list({ maxResults: 2 });
  expect(first.names).toEqual(['c', 'b']);
  expect(await list({ maxResults: 2, nextToken: first.next })).toEqual({ names: ['a'], next: undefined });
});

test('a state that hands on more than 256 KiB ends its execution, as in AWS', async () => {
  const { host } = await start({
    StartAt: 'Grow',
    States: {
      Grow: { Type: 'Pass', Parameters: { 'a.$': '$.text', 'b.$': '$.text' }, End: true },
    },
  });
  await begin(host, 'large', { text: 'x'.repeat(140_000) });
  await host.settle();
  expect(await describe(host, 'large')).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
  });
});

test('a task may name its function as its resource, and gets its input as it is', async () => {
  const { host } = await start({
    StartAt: 'Look',
    States: { Look: { Type: 'Task', Resource: workerArn, InputPath: '$.order', End: true } },
  });
  await begin(host, 'direct', { order: { note: 'direct' } });
  await host.settle();
  expect(outputOf((await describe(host, 'direct')).output)).toHaveProperty('environment');
});

test.each([
  ['Map', { StartAt: 'M', States: { M: { Type: 'Map', End: true } } }, /Flow: Map \(state M\) is not hosted/],
  [
    'a task of another service',
    {
      StartAt: 'S',
      States: { S: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } },
    },
    /Flow: the task arn:aws:states:::sqs:sendMessage \(state S\) is not hosted/,
  ],
])('%s stops the start with its name', async (_, definition, message) => {
  await expect(start(definition)).rejects.toThrow(message);
});

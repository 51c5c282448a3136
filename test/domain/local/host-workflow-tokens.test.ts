import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import type { Host } from '../../../infra/local/host.ts';
import {
  begin,
  clientOf,
  describe,
  entered,
  eventually,
  hostFlow,
  keysUnder,
  task,
  tokenTask,
} from './small-workflow.ts';

/** Tasks that wait for somebody to answer their token, and how long tasks wait. */

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const start = (definition: object, options: Parameters<typeof hostFlow>[2] = {}) =>
  hostFlow(undo, definition, options);

const ask = (more: object = {}) => ({
  StartAt: 'Ask',
  States: {
    Ask: tokenTask({
      ResultPath: '$.answer',
      Catch: [
        { ErrorEquals: ['States.TaskFailed'], ResultPath: '$.failure', Next: 'Failed' },
        { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Late' },
      ],
      Next: 'Answered',
      ...more,
    }),
    Answered: { Type: 'Succeed' },
    Failed: { Type: 'Succeed' },
    Late: { Type: 'Succeed' },
  },
});
const succeed = (host: Host, taskToken: string, output: unknown) =>
  clientOf(host).send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
const tokenOf = async (host: Host): Promise<string> => {
  await host.settle();
  const [token = ''] = await keysUnder(host, 'tokens');
  return token;
};
const named = (name: string) => expect.objectContaining({ name });

test('a task waits for its token, however long, and what answers it is its result', async () => {
  const { host } = await start(ask());
  await begin(host, 'asked');
  const token = await tokenOf(host);
  await host.advance('10m');
  expect((await describe(host, 'asked')).status).toBe('RUNNING');
  await succeed(host, token, { by: 'ada' });
  await host.settle();
  const { status, output } = await describe(host, 'asked');
  expect({ status, output: JSON.parse(output ?? '') }).toEqual({
    status: 'SUCCEEDED',
    output: { answer: { by: 'ada' } },
  });
});

test('a token is answered once: for the second it does not exist any more', async () => {
  const { host } = await start(ask());
  await begin(host, 'asked');
  const token = await tokenOf(host);
  const answers = await Promise.allSettled([succeed(host, token, 1), succeed(host, token, 2)]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await host.settle();
  await expect(succeed(host, token, 3)).rejects.toThrow(named('TaskTimedOut'));
  expect(await entered(host, 'asked')).toEqual(['Ask', 'Answered']);
});

test('a token that was never given out is invalid', async () => {
  const { host } = await start(ask());
  await expect(succeed(host, 'bm9uc2Vuc2U', 1)).rejects.toThrow(named('InvalidToken'));
});

test('a task that somebody fails is caught by the error that was given', async () => {
  const { host } = await start(ask());
  await begin(host, 'refused');
  const taskToken = await tokenOf(host);
  await clientOf(host).send(new SendTaskFailureCommand({ taskToken, error: 'Refused', cause: 'not today' }));
  await host.settle();
  const { output } = await describe(host, 'refused');
  expect(JSON.parse(output ?? '')).toEqual({ failure: { Error: 'Refused', Cause: 'not today' } });
  expect(await entered(host, 'refused')).toEqual(['Ask', 'Failed']);
});

test('a task that nobody answers times out when its input says, which is not what States.TaskFailed means', async () => {
  const { host } = await start(ask({ TimeoutSecondsPath: '$.seconds' }));
  await begin(host, 'unanswered', { seconds: 3600 });
  const token = await tokenOf(host);
  await host.advance('3599s');
  expect((await describe(host, 'unanswered')).status).toBe('RUNNING');
  await host.advance('1s');
  const { output } = await describe(host, 'unanswered');
  expect(JSON.parse(output ?? '')).toMatchObject({ failure: { Error: 'States.Timeout' } });
  expect(await entered(host, 'unanswered')).toEqual(['Ask', 'Late']);
  await expect(succeed(host, token, 1)).rejects.toThrow(named('TaskTimedOut'));
});

test('heartbeats keep a task waiting, and it fails when they stop', async () => {
  const { host } = await start(ask({ HeartbeatSeconds: 60 }));
  await begin(host, 'beating');
  const taskToken = await tokenOf(host);
  for (const _ of [1, 2, 3]) {
    await host.advance('50s');
    await clientOf(host).send(new SendTaskHeartbeatCommand({ taskToken }));
  }
  expect((await describe(host, 'beating')).status).toBe('RUNNING');
  await host.advance('60s');
  const { output } = await describe(host, 'beating');
  expect(JSON.parse(output ?? '')).toMatchObject({ failure: { Error: 'States.HeartbeatTimeout' } });
});

test('a function that fails before anybody answers fails the task', async () => {
  const { host } = await start({
    StartAt: 'Ask',
    States: {
      Ask: {
        ...task(
          { throw: 'cannot ask' },
          { Catch: [{ ErrorEquals: ['RangeError'], Next: 'Failed' }], End: true },
        ),
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      },
      Failed: { Type: 'Succeed' },
    },
  });
  await begin(host, 'unasked');
  await host.settle();
  expect(await entered(host, 'unasked')).toEqual(['Ask', 'Failed']);
});

test('a token may be answered while the function that asked still works', async () => {
  const { host } = await start(
    ask({
      Parameters: {
        FunctionName: 'Small-Worker',
        Payload: { 'put.$': "States.Array('tokens', $$.Task.Token)", after: { sleepMs: 1_000 } },
      },
    }),
    { clock: 'real' },
  );
  await begin(host, 'early');
  const token = await eventually(async () => (await keysUnder(host, 'tokens'))[0]);
  await succeed(host, token, 'early');
  const output = await eventually(async () => (await describe(host, 'early')).output);
  expect(JSON.parse(output)).toEqual({ answer: 'early' });
});

test('a task whose function takes longer than the task may has timed out', async () => {
  const { host } = await start(
    {
      StartAt: 'Slow',
      States: {
        Slow: task(
          { sleepMs: 1_900 },
          { TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }], End: true },
        ),
        Late: { Type: 'Succeed' },
      },
    },
    { clock: 'real' },
  );
  await begin(host, 'slow');
  await eventually(async () => (await describe(host, 'slow')).output);
  expect(await entered(host, 'slow')).toEqual(['Slow', 'Late']);
});

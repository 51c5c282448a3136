import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import { type Host, type HostOptions, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';
import {
  begin,
  clientOf,
  describe,
  entered,
  eventually,
  keysUnder,
  task,
  tokenTask,
  withMachine,
} from './small-workflow.ts';

/** An execution outlives its host, however that ends, and no task is begun twice by itself. */

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
/** A stack with a data folder, whose host may be started again; `other` is the definition from the second start on. */
const stackOf = (definition: object, other = definition) => {
  const stack = writeSmallStack(withMachine(definition));
  undo.push(() => stack.remove());
  let starts = 0;
  return async (options: Partial<HostOptions> = {}): Promise<Host> => {
    const host = await startHost({
      assemblyDir: stack.assemblyDir,
      dataDir: stack.dataDir,
      clock: 'driven',
      catchUp: false,
      ...(starts++ > 0 && { patchTemplate: withMachine(other) }),
      ...options,
    });
    undo.push(() => host.stop());
    return host;
  };
};
const thenLook = (state: object) => ({
  StartAt: 'First',
  States: { First: { ...state, Next: 'Look' }, Look: task({ note: 'looked' }, { End: true }) },
});
const wait = (seconds: number) => ({ Type: 'Wait', Seconds: seconds });
const ends = ['stop', 'kill'] as const;

test.each(ends)('a wait ends when it would have ended, over a %s of the host', async (end) => {
  const startAgain = stackOf(thenLook(wait(600)));
  const before = await startAgain();
  const startedAt = before.now();
  await begin(before, 'waits');
  await before.advance('4m');
  await before[end]();
  const after = await startAgain({ startsAt: startedAt + 5 * 60_000 });
  await after.advance('299s');
  expect(await entered(after, 'waits')).toEqual(['First']);
  await after.advance('1s');
  expect(await describe(after, 'waits')).toMatchObject({ status: 'SUCCEEDED' });
  expect((await describe(after, 'waits')).stopDate?.getTime()).toBe(startedAt + 600_000);
});

test('a wait that ended while no host ran goes on at the next start', async () => {
  const startAgain = stackOf(thenLook(wait(600)));
  const before = await startAgain();
  await begin(before, 'overdue');
  await before.kill();
  const after = await startAgain({ startsAt: before.now() + 3_600_000 });
  await after.settle();
  expect(await entered(after, 'overdue')).toEqual(['First', 'Look']);
});

test.each(ends)('a token that waits for its answer can be answered after a %s', async (end) => {
  const startAgain = stackOf(thenLook(tokenTask({ TimeoutSeconds: 3600 })));
  const before = await startAgain();
  await begin(before, 'asked');
  await before.settle();
  const [taskToken] = await keysUnder(before, 'tokens');
  await before[end]();
  const after = await startAgain({ startsAt: before.now() });
  await clientOf(after).send(new SendTaskSuccessCommand({ taskToken, output: '"yes"' }));
  await after.settle();
  expect((await describe(after, 'asked')).status).toBe('SUCCEEDED');
  expect(await keysUnder(after, 'tokens')).toEqual([taskToken]);
});

test('a token that nobody answers times out when it would have, over a kill', async () => {
  const startAgain = stackOf(thenLook(tokenTask({ TimeoutSeconds: 600 })));
  const before = await startAgain();
  await begin(before, 'unanswered');
  await before.advance('5m');
  await before.kill();
  const after = await startAgain({ startsAt: before.now() });
  await after.advance('299s');
  expect((await describe(after, 'unanswered')).status).toBe('RUNNING');
  await after.advance('1s');
  expect(await describe(after, 'unanswered')).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
});

/** Killed while the function of the first task works, which had put its item by then. */
const killedAtWork = async (more: object) => {
  const startAgain = stackOf({
    StartAt: 'Work',
    States: {
      Work: task({ put: ['work', 'begun'], after: { sleepMs: 1_500 } }, { Next: 'Look', ...more }),
      Look: { Type: 'Succeed' },
      Caught: { Type: 'Succeed' },
    },
  });
  const before = await startAgain({ clock: 'real' });
  await begin(before, 'at-work');
  await eventually(async () => (await keysUnder(before, 'work'))[0]);
  await before.kill();
  return startAgain();
};

test('a task that was under way when the host was killed has failed: it is not begun again', async () => {
  const after = await killedAtWork({
    Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.failure', Next: 'Caught' }],
  });
  await after.advance('1h');
  expect(await entered(after, 'at-work')).toEqual(['Work', 'Caught']);
  expect(JSON.parse((await describe(after, 'at-work')).output ?? '')).toEqual({
    failure: {
      Error: 'States.TaskFailed',
      Cause: 'the host ended while the function worked: nobody knows how far it came',
    },
  });
});

test('a task that was under way is begun again when its Retry says that it may', async () => {
  const after = await killedAtWork({ Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5 }] });
  await after.advance('5s');
  expect(await entered(after, 'at-work')).toEqual(['Work', 'Look']);
});

test('names stay taken and what ended can be looked at after a restart', async () => {
  const startAgain = stackOf(thenLook(wait(1)));
  const before = await startAgain();
  await begin(before, 'ended');
  await before.advance('1s');
  await before.stop();
  const after = await startAgain({ startsAt: before.now() });
  await expect(begin(after, 'ended')).rejects.toThrow(
    expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
  );
  expect(await entered(after, 'ended')).toEqual(['First', 'Look']);
});

test('an execution goes on by the definition that it began with, a new one takes the new one', async () => {
  const startAgain = stackOf(thenLook(wait(60)), {
    StartAt: 'Other',
    States: { Other: { Type: 'Pass', End: true } },
  });
  const before = await startAgain();
  await begin(before, 'old');
  await before.stop();
  const after = await startAgain({ startsAt: before.now() });
  await begin(after, 'new');
  await after.advance('60s');
  expect(await entered(after, 'old')).toEqual(['First', 'Look']);
  expect(await entered(after, 'new')).toEqual(['Other']);
});

test('a host in memory forgets its executions', async () => {
  const startAgain = stackOf(thenLook(wait(60)));
  const before = await startAgain({ dataDir: undefined });
  await begin(before, 'gone');
  await before.stop();
  const after = await startAgain({ dataDir: undefined });
  await expect(describe(after, 'gone')).rejects.toThrow(
    expect.objectContaining({ name: 'ExecutionDoesNotExist' }),
  );
});

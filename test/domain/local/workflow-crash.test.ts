import { expect, test } from 'vitest';
import { createActivity } from '../../../infra/local/time/activity.ts';
import { createAgenda } from '../../../infra/local/time/agenda.ts';
import { drivenClock } from '../../../infra/local/time/clock.ts';
import { createEngine } from '../../../infra/local/workflows/engine.ts';
import { executionArnOf } from '../../../infra/local/workflows/execution.ts';
import type { Outcome } from '../../../infra/local/workflows/interpret.ts';
import { type ExecutionStore, openExecutions } from '../../../infra/local/workflows/store.ts';
import { machineArn, task, tokenTask } from './small-workflow.ts';

/** A host that ends at any point: another takes up what is recorded, and the changing task was called once at most. */

const machine = {
  logicalId: 'Flow',
  name: 'flow',
  arn: machineArn,
  roleArn: 'arn:aws:iam::000000000000:role/flow',
  definition: JSON.stringify({
    StartAt: 'Settle',
    States: {
      Settle: { Type: 'Wait', Seconds: 5, Next: 'Look' },
      Look: task('look', { ResultPath: '$.look', Retry: [{ ErrorEquals: ['States.ALL'] }], Next: 'Ask' }),
      Ask: tokenTask({
        Parameters: { Payload: 'ask', 'token.$': '$$.Task.Token' },
        ResultPath: '$.answer',
        TimeoutSeconds: 600,
        Retry: [{ ErrorEquals: ['States.TaskFailed'] }],
        Next: 'Apply',
      }),
      Apply: task('apply', {
        ResultPath: '$.applied',
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Close' }],
        Next: 'Pause',
      }),
      Pause: { Type: 'Wait', Seconds: 30, Next: 'Close' },
      Close: task('close', { ResultPath: '$.closed', Retry: [{ ErrorEquals: ['States.ALL'] }], End: true }),
    },
  }),
};
const arn = executionArnOf(machine.arn, 'plan');

type Crash = { readonly at: number; readonly when: 'before' | 'after' };

/** Ends the host when something is recorded for the `at`-th time: just before it is, or just after. */
const crashing = (store: ExecutionStore, crash: Crash, end: () => void): ExecutionStore => {
  let records = 0;
  return {
    ...store,
    record(execution, events) {
      records++;
      if (records === crash.at && crash.when === 'before') end();
      if (records >= crash.at && crash.when === 'before') throw new Error('the host has ended');
      if (records > crash.at) throw new Error('the host has ended');
      store.record(execution, events);
      if (records !== crash.at) return;
      end();
      throw new Error('the host has ended');
    },
  };
};

/** Runs the execution over as many hosts as it takes, the first of which crashes; gives what was called. */
const runOver = async (
  crash: Crash,
): Promise<{ calls: readonly string[]; hosts: number; store: ExecutionStore }> => {
  const kept = openExecutions(undefined);
  const clock = drivenClock(Date.UTC(2026, 0, 1));
  const calls: string[] = [];
  let hosts = 0;
  const host = async (): Promise<boolean> => {
    hosts++;
    let ended = false;
    const agenda = createAgenda(clock);
    const activity = createActivity();
    const tokens: string[] = [];
    const end = (): void => {
      ended = true;
      engine.close();
      agenda.stop();
    };
    const store = hosts === 1 ? crashing(kept, crash, end) : kept;
    const call = async (_: unknown, { input, phase }: { input: unknown; phase: { token?: string } }) => {
      const { Payload } = input as { Payload: string };
      calls.push(Payload);
      if (phase.token !== undefined) tokens.push(phase.token);
      return { result: Payload } satisfies Outcome;
    };
    const engine = createEngine({ store, clock, agenda, activity, call, tell: async () => {}, onFault() {} });
    engine.takeUp();
    if (!kept.find(arn)) {
      try {
        engine.start(machine, 'plan', '{}');
      } catch {
        return false;
      }
    }
    for (;;) {
      await activity.idle();
      if (ended) return false;
      // Somebody answers, also a token that a host before gave out.
      const { phase } = kept.find(arn)?.position ?? {};
      if (phase?.kind === 'task' && phase.token !== undefined) {
        try {
          engine.answer(phase.token, { result: 'yes' });
        } catch {
          return false;
        }
        continue;
      }
      const next = agenda.nextAt();
      if (next === undefined) return true;
      clock.moveTo(next);
      try {
        agenda.runDue();
      } catch {
        return false;
      }
    }
  };
  while (!(await host())) if (hosts > 3) throw new Error('it never ends');
  return { calls, hosts, store: kept };
};

const never: Crash = { at: Number.POSITIVE_INFINITY, when: 'after' };

test('without a crash each task is called once', async () => {
  const { calls, hosts } = await runOver(never);
  expect({ calls, hosts }).toEqual({ calls: ['look', 'ask', 'apply', 'close'], hosts: 1 });
});

test.each(['before', 'after'] as const)(
  'wherever the host ends %s something is recorded, the change is made once at most and the end is reached',
  async (when) => {
    let crashed = 0;
    for (let at = 1; ; at++) {
      const { calls, hosts, store } = await runOver({ at, when });
      const seen = {
        at,
        status: store.find(arn)?.status,
        applied: calls.filter((one) => one === 'apply').length,
      };
      expect(seen).toEqual({ at, status: 'SUCCEEDED', applied: expect.toBeOneOf([0, 1]) });
      expect(calls.at(-1)).toBe('close');
      if (hosts === 1) break;
      crashed++;
    }
    expect(crashed).toBeGreaterThan(10);
  },
);

test('a change that was begun and not answered is told to the close as a failure', async () => {
  const failures: string[] = [];
  for (let at = 1; at <= 30; at++) {
    const { calls, store } = await runOver({ at, when: 'after' });
    const output = JSON.parse(store.find(arn)?.output ?? '{}') as { failure?: { Error: string } };
    if (output.failure) failures.push(`${output.failure.Error} ${calls.includes('apply')}`);
  }
  expect(failures).toEqual(['States.TaskFailed false']);
});

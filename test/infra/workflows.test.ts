import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { contracts } from '../../functions/index.ts';
import { stateMachines } from '../../infra/workflows/index.ts';
import { workflows } from '../../shared/remediation/plan.ts';

/** The package brings no types. */
const validate = createRequire(import.meta.url)('asl-validator') as (
  machine: unknown,
  options: { readonly checkPaths: boolean; readonly checkArn: boolean },
) => Promise<{ readonly errors: readonly unknown[] }>;

type Machine = { readonly StartAt: string; readonly TimeoutSeconds: number; readonly States: States };
type States = { readonly [name: string]: Step };
type Step = {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: true;
  readonly Choices?: readonly {
    readonly StringEquals: string;
    readonly Next: string;
    readonly Variable: string;
  }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
};

const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:';
/** As CloudFormation fills a definition in. */
const deployed = (machine: unknown): Machine =>
  JSON.parse(
    JSON.stringify(machine)
      .replaceAll(`\${CallAndWait}`, 'arn:aws:states:::lambda:invoke.waitForTaskToken')
      .replace(/\$\{(\w+)\}/g, `${functionArn}$1`),
  ) as Machine;

const machines = Object.entries(stateMachines).map(([name, machine]) => ({ name, ...deployed(machine) }));
const tasksOf = ({ States }: Machine) => Object.entries(States).filter(([, { Type }]) => Type === 'Task');

/** Every state by which an answer leads on: `next` says where, anything else closes. */
const byAnswer = ({ States }: Machine): Readonly<Record<string, Readonly<Record<string, string>>>> =>
  Object.fromEntries(
    Object.entries(States)
      .filter(([, { Type }]) => Type === 'Choice')
      .map(([name, { Choices = [], Default = '' }]) => [
        name,
        Object.fromEntries([
          ...Choices.map(({ StringEquals, Next }) => [StringEquals, Next]),
          ['otherwise', Default],
        ]),
      ]),
  );

const nextOf = (step: Step): readonly string[] => [
  ...(step.Next === undefined ? [] : [step.Next]),
  ...(step.Default === undefined ? [] : [step.Default]),
  ...(step.Choices ?? []).map(({ Next }) => Next),
  ...(step.Catch ?? []).map(({ Next }) => Next),
];

describe('the workflows of remediation', () => {
  test('there are five: heal, drift, cost, rollback and scale', () => {
    expect(machines.map(({ name }) => name)).toEqual(['heal', 'drift', 'cost', 'rollback', 'scale']);
    // What a plan may name.
    expect([...workflows].sort()).toEqual(machines.map(({ name }) => name).sort());
  });

  test.each(machines)('$name is valid Amazon States Language', async ({ name: _, ...machine }) => {
    const { errors } = await validate(machine, { checkPaths: true, checkArn: true });
    expect(errors).toEqual([]);
  });

  test('what is not valid is told', async () => {
    const { errors } = await validate(
      { StartAt: 'Gone', States: { Here: { Type: 'Succeed' } } },
      { checkPaths: true, checkArn: true },
    );
    expect(errors).not.toEqual([]);
  });

  test.each(machines)('$name ends by itself within ten days, and so does every task of it', (machine) => {
    // The longest watch of a release and the longest time to approve (both may be asked for), then ten attempts, each
    // held back for an hour, waited for an hour and judged for another, with the longest pause before it.
    const longestPlan = 86_400 + 7 * 86_400 + 10 * (3 * 3600 + 600);
    expect(machine.TimeoutSeconds).toBeGreaterThan(longestPlan);
    expect(machine.TimeoutSeconds).toBe(864_000);
    const longest: Readonly<Record<string, number>> = {
      Gate: contracts.remedyGate.timeoutSeconds,
      Watch: contracts.remedyVerify.timeoutSeconds,
      Apply: contracts.remedyApply.timeoutSeconds,
      Verify: contracts.remedyVerify.timeoutSeconds,
      Close: contracts.remedyClose.timeoutSeconds,
      CloseAfterFailure: contracts.remedyClose.timeoutSeconds,
    };
    for (const [name, { TimeoutSeconds, TimeoutSecondsPath }] of tasksOf(machine)) {
      if (name === 'AskPeople') expect(TimeoutSecondsPath).toBe('$.gate.approvalSeconds');
      // Lambda ends a function that hangs; the step may only end by itself after that.
      else expect([name, TimeoutSeconds]).toEqual([name, (longest[name] ?? Number.NaN) + 30]);
    }
  });

  test.each(machines)(
    '$name never applies a second time by itself: only Apply is never retried',
    (machine) => {
      const { Apply } = machine.States;
      expect(Apply?.Retry).toBeUndefined();
      expect(Apply?.Resource).toBe(`${functionArn}Apply`);
      for (const [name, { Retry, Resource }] of tasksOf(machine)) {
        if (name !== 'Apply') {
          expect([name, Retry?.at(-1)?.ErrorEquals]).toEqual([name, ['States.ALL']]);
          // No other step may call the function that changes the world.
          expect(Resource).not.toBe(`${functionArn}Apply`);
        }
      }
    },
  );

  test.each(machines)('$name closes whatever step fails, with what was caught', (machine) => {
    for (const [name, { Catch, End }] of tasksOf(machine)) {
      if (name.startsWith('Close')) expect([name, End, Catch]).toEqual([name, true, undefined]);
      else {
        const last = Catch?.at(-1);
        expect([name, last?.ErrorEquals, last?.Next]).toEqual([name, ['States.ALL'], 'CloseAfterFailure']);
      }
    }
    expect(machine.States.CloseAfterFailure?.Parameters).toMatchObject({ 'failure.$': '$.failure' });
  });

  test.each(machines)('$name ends in a close on every way, and reaches each of its states', (machine) => {
    const reached = new Set<string>();
    const follow = (name: string): void => {
      const step = machine.States[name];
      if (!step) throw new Error(`there is no state ${name}`);
      if (reached.has(name)) return;
      reached.add(name);
      nextOf(step).forEach(follow);
    };
    follow(machine.StartAt);
    expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
    const ends = Object.entries(machine.States).filter(([, step]) => nextOf(step).length === 0);
    expect(ends.map(([name]) => name)).toEqual(['Close', 'CloseAfterFailure']);
  });

  test.each(machines)('$name applies only what the gate let through', (machine) => {
    const before = Object.entries(machine.States)
      .filter(([, step]) => nextOf(step).includes('Apply'))
      .map(([name]) => name);
    expect(before).toEqual(['MayItGoOn']);
    expect(byAnswer(machine).MayItGoOn).toEqual({
      apply: 'Apply',
      ask: 'AskPeople',
      wait: 'WaitForBrakes',
      otherwise: 'Close',
    });
  });

  test.each(machines)('$name asks people with a token, and the gate decides on what they said', (machine) => {
    const { AskPeople } = machine.States;
    expect(AskPeople).toMatchObject({
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: {
        FunctionName: `${functionArn}Approval`,
        Payload: { 'planHash.$': '$.planHash', 'taskToken.$': '$$.Task.Token' },
      },
      Next: 'Gate',
    });
    // Time that ended is an answer as well, and nobody is asked twice for it.
    expect(AskPeople?.Catch?.[0]).toMatchObject({ ErrorEquals: ['States.Timeout'], Next: 'Gate' });
    expect(AskPeople?.Retry?.[0]).toMatchObject({ ErrorEquals: ['States.Timeout'], MaxAttempts: 0 });
  });

  test.each(machines)(
    '$name gives every step the plan, the attempt and the execution, and nothing else of its own',
    (machine) => {
      for (const [name, { Parameters = {} }] of tasksOf(machine)) {
        const given = (Parameters.Payload as typeof Parameters | undefined) ?? Parameters;
        const own = Object.keys(given).filter((key) => !['phase', 'failure.$', 'taskToken.$'].includes(key));
        expect([name, own]).toEqual([name, ['planHash.$', 'attempt.$', 'execution.$']]);
      }
    },
  );

  test.each(machines)(
    '$name goes from an attempt that did not help to the next by the gate, after a wait',
    (machine) => {
      expect(byAnswer(machine).DidItHelp).toEqual({
        again: 'WaitToLookAgain',
        retry: 'Backoff',
        otherwise: 'Close',
      });
      expect(machine.States.Backoff?.Next).toBe('NextAttempt');
      expect(machine.States.NextAttempt).toMatchObject({
        Type: 'Pass',
        Parameters: { 'planHash.$': '$.planHash', 'attempt.$': '$.verify.nextAttempt' },
        Next: 'Gate',
      });
    },
  );
});

describe('how each begins', () => {
  const of = (name: string): Machine => {
    const found = machines.find((one) => one.name === name);
    if (!found) throw new Error(`there is no workflow ${name}`);
    return found;
  };

  test('heal first lets settle what fails together, so that it is counted together', () => {
    const { StartAt, States } = of('heal');
    expect([StartAt, States[StartAt]]).toEqual([
      'Settle',
      expect.objectContaining({ Type: 'Wait', Seconds: 5, Next: 'Gate' }),
    ]);
    expect(States).toHaveProperty('WaitForService');
  });

  test.each(['drift', 'cost', 'scale'])('%s goes to the gate at once', (name) => {
    expect(of(name).StartAt).toBe('Gate');
  });

  test('rollback watches the release, and goes to the gate only when it is not well', () => {
    const machine = of('rollback');
    expect(machine.StartAt).toBe('Watch');
    expect(machine.States.Watch).toMatchObject({
      Resource: `${functionArn}Verify`,
      Parameters: { phase: 'release' },
    });
    expect(byAnswer(machine).IsItWell).toEqual({ again: 'WaitAndWatch', apply: 'Gate', otherwise: 'Close' });
    expect(machine.States.WaitAndWatch?.Next).toBe('Watch');
  });
});

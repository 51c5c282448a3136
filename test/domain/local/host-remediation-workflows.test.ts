import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { stateMachines } from '../../../infra/workflows/index.ts';
import { writeSmallStack } from './small-stack.ts';
import { clientOf } from './small-workflow.ts';

/**
 * The state machines of remediation as the local host runs them, with steps that answer what a row says: which states
 * are entered, and how many seconds after the start.
 */

type Machine = keyof typeof stateMachines;
type Step = 'Gate' | 'Approval' | 'Apply' | 'Verify' | 'Close';
/** What a step answers, one after the other, the last again and again; `{fails}` throws that error. */
type Script = Readonly<Partial<Record<Step, readonly object[]>>>;

const stepCode = `
let calls = 0;
export const handler = async () => {
  const script = JSON.parse(process.env.SCRIPT);
  const answer = script[Math.min(calls++, script.length - 1)];
  if (answer.fails) throw Object.assign(new Error('as the row says'), { name: answer.fails });
  return answer;
};
`;
const steps: readonly Step[] = ['Gate', 'Approval', 'Apply', 'Verify', 'Close'];
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const withWorkflow =
  (machine: Machine, script: Script) =>
  ({ Resources }: RawTemplate): void => {
    delete Resources.Tick;
    const worker = Resources.Worker?.Properties;
    for (const step of steps) {
      Resources[step] = {
        Type: 'AWS::Lambda::Function',
        Metadata: { 'aws:asset:path': 'step' },
        Properties: {
          ...worker,
          Environment: {
            Variables: { POWERTOOLS_SERVICE_NAME: step, SCRIPT: JSON.stringify(script[step] ?? [{}]) },
          },
        },
      } as RawTemplate['Resources'][string];
    }
    const Version = '2012-10-17';
    Resources.MachineRole = {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version,
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } },
          ],
        },
        Policies: [
          {
            PolicyName: 'Own',
            PolicyDocument: {
              Version,
              Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: steps.map(arnOf) }],
            },
          },
        ],
      },
    };
    Resources.Machine = {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: machine,
        RoleArn: arnOf('MachineRole'),
        DefinitionString: JSON.stringify(stateMachines[machine]),
        DefinitionSubstitutions: {
          ...Object.fromEntries(steps.map((step) => [step, arnOf(step)])),
          CallAndWait: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        },
      },
    };
  };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const planHash = 'a'.repeat(64);
const startWorkflow = async (machine: Machine, script: Script) => {
  const stack = writeSmallStack(withWorkflow(machine, script));
  mkdirSync(join(stack.assemblyDir, 'step'));
  writeFileSync(join(stack.assemblyDir, 'step', 'index.mjs'), stepCode);
  undo.push(() => stack.remove());
  const host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false });
  undo.push(() => host.stop());
  const startedAt = host.now();
  const { executionArn } = await clientOf(host).send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${machine}`,
      name: planHash,
      input: JSON.stringify({ planHash, attempt: 1 }),
    }),
  );
  const told = (): Promise<readonly HistoryEvent[]> => historyOf(host, executionArn);
  return {
    host,
    told,
    /** `12 Gate`: the state, and the seconds from the start to its entry. */
    async entered() {
      const events = (await told()).filter(({ stateEnteredEventDetails }) => stateEnteredEventDetails);
      return events.map(
        ({ timestamp, stateEnteredEventDetails }) =>
          `${(Number(timestamp) - startedAt) / 1000} ${stateEnteredEventDetails?.name}`,
      );
    },
    describe: () => clientOf(host).send(new DescribeExecutionCommand({ executionArn })),
  };
};
const historyOf = async (host: Host, executionArn: string | undefined) => {
  const { events = [] } = await clientOf(host).send(new GetExecutionHistoryCommand({ executionArn }));
  return events;
};
/** What each call of a task was given, parsed. */
const given = (events: readonly HistoryEvent[]): readonly Record<string, unknown>[] =>
  events.flatMap(({ taskScheduledEventDetails: details }) =>
    details?.parameters === undefined ? [] : [JSON.parse(details.parameters) as Record<string, unknown>],
  );

const goes = { next: 'apply' };
const applied = { next: 'verify', verifyAfterSeconds: 30 };
const helped = { next: 'close' };

type Row = readonly [rule: string, machine: Machine, script: Script, entered: string];
const once = (begin: string, wait: string): string =>
  `${begin} MayItGoOn Apply WasItApplied ${wait} +30 Verify DidItHelp Close`;

test.each<Row>([
  [
    'a service is healed by one restart, half a minute later verified by the check itself',
    'heal',
    { Gate: [goes], Apply: [applied], Verify: [helped] },
    once('Settle +5 Gate', 'WaitForService'),
  ],
  [
    'a restart that did not help comes again after its backoff, with another number',
    'heal',
    {
      Gate: [goes],
      Apply: [applied],
      Verify: [{ next: 'retry', waitSeconds: 60, nextAttempt: 2 }, helped],
    },
    `Settle +5 Gate MayItGoOn Apply WasItApplied WaitForService +30 Verify DidItHelp Backoff +60 NextAttempt ${once('Gate', 'WaitForService')}`,
  ],
  [
    'what cannot be told yet is looked at again, and nothing is applied for it',
    'heal',
    { Gate: [goes], Apply: [applied], Verify: [{ next: 'again', waitSeconds: 15 }, helped] },
    'Settle +5 Gate MayItGoOn Apply WasItApplied WaitForService +30 Verify DidItHelp WaitToLookAgain +15 Verify DidItHelp Close',
  ],
  [
    'a gate that is held waits, decides anew, and closes when it may not',
    'drift',
    { Gate: [{ next: 'wait', waitSeconds: 300 }, { next: 'close' }] },
    'Gate MayItGoOn WaitForBrakes +300 Gate MayItGoOn Close',
  ],
  [
    'an apply of which nobody knows is closed, and never begun again',
    'drift',
    { Gate: [goes], Apply: [{ fails: 'TimeoutError' }, applied] },
    'Gate MayItGoOn Apply CloseAfterFailure',
  ],
  [
    'a step that only reads is done again before it is given up',
    'cost',
    { Gate: [{ fails: 'ThrottlingException' }, { fails: 'ThrottlingException' }, { next: 'close' }] },
    // After two and four seconds.
    'Gate +6 MayItGoOn Close',
  ],
  [
    'a step that only reads and fails for good is closed as a failure',
    'scale',
    { Gate: [{ fails: 'ThrottlingException' }] },
    'Gate +14 CloseAfterFailure',
  ],
])('%s', async (_, machine, script, expected) => {
  const { host, entered, describe } = await startWorkflow(machine, script);
  await host.advance('1h');
  let seconds = 0;
  const states = expected.split(' ').flatMap((word) => {
    if (!word.startsWith('+')) return [`${seconds} ${word}`];
    seconds += Number(word);
    return [];
  });
  expect(await entered()).toEqual(states);
  expect((await describe()).status).toBe('SUCCEEDED');
});

test('every step is told the plan, the attempt and its execution, and the close what failed', async () => {
  const { host, told } = await startWorkflow('drift', { Gate: [goes], Apply: [{ fails: 'TimeoutError' }] });
  await host.settle();
  const execution = `arn:aws:states:us-east-1:000000000000:execution:drift:${planHash}`;
  const own = { planHash, attempt: 1, execution };
  const [gate, apply, close] = given(await told());
  expect([gate, apply]).toEqual([own, own]);
  expect(close).toMatchObject({ ...own, failure: { Error: 'TimeoutError' } });
});

test('the second attempt is told its number', async () => {
  const { host, told } = await startWorkflow('heal', {
    Gate: [goes],
    Apply: [applied],
    Verify: [{ next: 'retry', waitSeconds: 60, nextAttempt: 2 }, helped],
  });
  await host.advance('10m');
  expect(given(await told()).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2, 2, 2, 2]);
});

const asks = { Gate: [{ next: 'ask', approvalSeconds: 3600 }, { next: 'close' }], Approval: [{}] };

test('people who approve have the gate decide again at once', async () => {
  const { host, entered, told } = await startWorkflow('drift', {
    ...asks,
    Gate: [{ next: 'ask', approvalSeconds: 3600 }, goes],
    Apply: [applied],
    Verify: [helped],
  });
  await host.advance('10m');
  const { Payload } = given(await told()).at(-1) as { Payload: { taskToken: string; planHash: string } };
  expect(Payload.planHash).toBe(planHash);
  await clientOf(host).send(new SendTaskSuccessCommand({ taskToken: Payload.taskToken, output: '{}' }));
  await host.settle();
  expect((await entered()).slice(0, 5)).toEqual([
    '0 Gate',
    '0 MayItGoOn',
    '0 AskPeople',
    '600 Gate',
    '600 MayItGoOn',
  ]);
});

test('an approval that nobody gave in time has the gate decide again, and nobody is asked twice', async () => {
  const { host, entered } = await startWorkflow('drift', asks);
  await host.advance('2h');
  expect(await entered()).toEqual([
    '0 Gate',
    '0 MayItGoOn',
    '0 AskPeople',
    '3600 Gate',
    '3600 MayItGoOn',
    '3600 Close',
  ]);
});

test('a release is watched until it can be told, then rolled back', async () => {
  const { host, entered } = await startWorkflow('rollback', {
    Verify: [{ next: 'again', waitSeconds: 60 }, { next: 'apply' }, helped],
    Gate: [goes],
    Apply: [applied],
  });
  await host.advance('10m');
  const states = (await entered()).map((entry) => entry.split(' ')[1]);
  expect(states.slice(0, 7)).toEqual([
    'Watch',
    'IsItWell',
    'WaitAndWatch',
    'Watch',
    'IsItWell',
    'Gate',
    'MayItGoOn',
  ]);
  expect(states.at(-1)).toBe('Close');
});

test('an end that cannot be written is tried for minutes, and then the execution fails', async () => {
  const { host, describe } = await startWorkflow('drift', {
    Gate: [{ next: 'close' }],
    Close: [{ fails: 'ThrottlingException' }],
  });
  // After 5, 10, 20, 40 and 80 seconds.
  await host.advance('154s');
  expect((await describe()).status).toBe('RUNNING');
  await host.advance('1s');
  expect(await describe()).toMatchObject({ status: 'FAILED', error: 'ThrottlingException' });
});

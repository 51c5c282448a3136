import { contracts } from '../../functions/index.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import { type ChoiceState, placeholder, type StateMachine, type States, type TaskState } from './language.ts';

// What the workflows share. An execution holds {planHash, attempt} and the last answer of each step; all else is in the
// remediation's item, on which every step decides anew.

/**
 * Ten days: people may be given seven to approve, a release is watched for one at most, and ten attempts take less than
 * two. Nothing hangs about for a year.
 */
const mostSeconds = 10 * 86_400;

/** A function that hangs is ended by Lambda; only when even that is not told does the step end by itself. */
const timeoutOf = ({ timeoutSeconds }: FunctionContract): number => timeoutSeconds + 30;

const stepInput = {
  'planHash.$': '$.planHash',
  'attempt.$': '$.attempt',
  'execution.$': '$$.Execution.Id',
} as const;

/** Steps that read, or write by compare-and-set: doing one again changes nothing. */
const again = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 }];
/** The end must be written: five times within three minutes. */
const insistently = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }];

const failed = { ErrorEquals: ['States.ALL'], Next: 'CloseAfterFailure', ResultPath: '$.failure' };

const saying = (path: string, ...next: readonly (readonly [string, string])[]): ChoiceState['Choices'] =>
  next.map(([StringEquals, Next]) => ({ Variable: path, StringEquals, Next }));

/** From the gate to the plan being applied or given up. */
export const gate: States = {
  Gate: {
    Type: 'Task',
    Comment: 'Is the world still as planned, is it approved, does no brake hold it?',
    Resource: placeholder('Gate'),
    Parameters: stepInput,
    ResultPath: '$.gate',
    TimeoutSeconds: timeoutOf(contracts.remedyGate),
    Retry: again,
    Catch: [failed],
    Next: 'MayItGoOn',
  },
  MayItGoOn: {
    Type: 'Choice',
    Comment: 'As the gate answered',
    Choices: saying('$.gate.next', ['apply', 'Apply'], ['ask', 'AskPeople'], ['wait', 'WaitForBrakes']),
    Default: 'Close',
  },
  AskPeople: {
    Type: 'Task',
    Comment: 'Waits until people decided, or their time ended: the gate sees which',
    Resource: placeholder('CallAndWait'),
    Parameters: {
      FunctionName: placeholder('Approval'),
      Payload: { ...stepInput, 'taskToken.$': '$$.Task.Token' },
    },
    ResultPath: '$.approval',
    TimeoutSecondsPath: '$.gate.approvalSeconds',
    Retry: [
      { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 0, BackoffRate: 1 },
      ...again,
    ],
    Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Gate', ResultPath: '$.approval' }, failed],
    Next: 'Gate',
  },
  WaitForBrakes: {
    Type: 'Wait',
    Comment: 'A brake holds it for a while',
    SecondsPath: '$.gate.waitSeconds',
    Next: 'Gate',
  },
};

/**
 * One attempt: apply, wait, verify, and either the end or the next attempt.
 * @param waiting the name of the state that waits before the verification: what is waited for
 */
export const attempt = (waiting: `WaitFor${string}`): States => ({
  Apply: {
    Type: 'Task',
    // A retry could apply twice what was applied once and not told. An attempt that may come again has another number.
    Comment: 'Changes the world, at most once an attempt; never retried',
    Resource: placeholder('Apply'),
    Parameters: stepInput,
    ResultPath: '$.apply',
    TimeoutSeconds: timeoutOf(contracts.remedyApply),
    Catch: [failed],
    Next: 'WasItApplied',
  },
  WasItApplied: {
    Type: 'Choice',
    Comment: 'Applied, or to be closed: refused, held at the last moment, or nobody knows',
    Choices: saying('$.apply.next', ['verify', waiting]),
    Default: 'Close',
  },
  [waiting]: {
    Type: 'Wait',
    Comment: 'What was changed needs time before it can be judged',
    SecondsPath: '$.apply.verifyAfterSeconds',
    Next: 'Verify',
  },
  Verify: {
    Type: 'Task',
    Comment: 'Did it help? By the check itself, and by reading what was changed',
    Resource: placeholder('Verify'),
    Parameters: stepInput,
    ResultPath: '$.verify',
    TimeoutSeconds: timeoutOf(contracts.remedyVerify),
    Retry: again,
    Catch: [failed],
    Next: 'DidItHelp',
  },
  DidItHelp: {
    Type: 'Choice',
    Comment: 'Not told yet, not helped, or to be closed',
    Choices: saying('$.verify.next', ['again', 'WaitToLookAgain'], ['retry', 'Backoff']),
    Default: 'Close',
  },
  WaitToLookAgain: {
    Type: 'Wait',
    Comment: 'It may still come',
    SecondsPath: '$.verify.waitSeconds',
    Next: 'Verify',
  },
  Backoff: {
    Type: 'Wait',
    Comment: 'Longer before each attempt',
    SecondsPath: '$.verify.waitSeconds',
    Next: 'NextAttempt',
  },
  NextAttempt: {
    Type: 'Pass',
    Comment: 'All steps know the attempt by its number',
    Parameters: { 'planHash.$': '$.planHash', 'attempt.$': '$.verify.nextAttempt' },
    Next: 'Gate',
  },
});

const closing = {
  Type: 'Task',
  Resource: placeholder('Close'),
  ResultPath: '$.close',
  TimeoutSeconds: timeoutOf(contracts.remedyClose),
  Retry: insistently,
  End: true,
} as const satisfies Partial<TaskState>;

/** An execution whose end could not be written fails, and Step Functions tells that. */
const close: States = {
  Close: {
    ...closing,
    Comment: 'Verdict, record, leases; and people, when it did not help',
    Parameters: stepInput,
  },
  CloseAfterFailure: {
    ...closing,
    Comment: 'The same, after a step failed',
    Parameters: { ...stepInput, 'failure.$': '$.failure' },
  },
};

/** Before the gate, what tells whether a remedy is needed at all. */
export const watch: States = {
  Watch: {
    Type: 'Task',
    Comment: 'Is what was released well, by its checks and the burn of its objectives?',
    Resource: placeholder('Verify'),
    Parameters: { ...stepInput, phase: 'release' },
    ResultPath: '$.watch',
    TimeoutSeconds: timeoutOf(contracts.remedyVerify),
    Retry: again,
    Catch: [failed],
    Next: 'IsItWell',
  },
  IsItWell: {
    Type: 'Choice',
    Comment: 'Too early to tell, to be rolled back, or confirmed',
    Choices: saying('$.watch.next', ['again', 'WaitAndWatch'], ['apply', 'Gate']),
    Default: 'Close',
  },
  WaitAndWatch: {
    Type: 'Wait',
    Comment: 'Until the next look',
    SecondsPath: '$.watch.waitSeconds',
    Next: 'Watch',
  },
};

export const settle = (seconds: number): States => ({
  Settle: {
    Type: 'Wait',
    Comment: 'What fails together is to be counted together',
    Seconds: seconds,
    Next: 'Gate',
  },
});

/** A whole workflow: its own beginning, then gate, attempts and close. */
export const workflowOf = (
  comment: string,
  waiting: `WaitFor${string}`,
  beginning: States = {},
): StateMachine => {
  const States = { ...beginning, ...gate, ...attempt(waiting), ...close };
  const [StartAt = ''] = Object.keys(States);
  return { Comment: comment, StartAt, TimeoutSeconds: mostSeconds, States };
};

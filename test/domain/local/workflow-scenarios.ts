import type { stateMachines } from '../../../infra/workflows/index.ts';

/**
 * What the workflows of remediation do, by what their steps answer: one table for every engine that runs them.
 */

export type Workflow = keyof typeof stateMachines;
/** `Watch` is the function of `Verify`, told to watch a release. */
export type Step = 'Gate' | 'Approval' | 'Apply' | 'Verify' | 'Watch' | 'Close';
/**
 * What a step answers, one after the other, the last again and again. `{fails}` throws an error of that name; `{people}`
 * is what people answer to the token before the step that asks them has returned.
 */
export type Script = Readonly<Partial<Record<Step, readonly object[]>>>;

export type Scenario = {
  readonly workflow: Workflow;
  readonly rule: string;
  readonly script: Script;
  /** The states in the order they are entered; `+30`: half a minute passes there. */
  readonly entered: string;
  /** The steps in the order they are called, retries too; `Apply/2`: with the number of the second attempt. */
  readonly called: string;
  readonly status: 'SUCCEEDED' | 'FAILED';
};

type Row = Omit<Scenario, 'workflow'>;

/** How each begins, what it waits for after it applied, and what is called before the gate. */
const shapes: Readonly<Record<Workflow, { begins: string; waits: string; calls: string }>> = {
  heal: { begins: 'Settle +5 Gate', waits: 'WaitForService', calls: 'Gate' },
  drift: { begins: 'Gate', waits: 'WaitForChange', calls: 'Gate' },
  cost: { begins: 'Gate', waits: 'WaitForChange', calls: 'Gate' },
  rollback: { begins: 'Watch IsItWell Gate', waits: 'WaitForVersion', calls: 'Watch Gate' },
  scale: { begins: 'Gate', waits: 'WaitForCapacity', calls: 'Gate' },
};

const goes = { next: 'apply' };
const asks = { next: 'ask', approvalSeconds: 3600 };
const closes = { next: 'close' };
const applied = { next: 'verify', verifyAfterSeconds: 30 };
const throttled = { fails: 'ThrottlingException' };
const well = { Gate: [goes], Apply: [applied], Verify: [closes] };
const status = 'SUCCEEDED';

const rowsOf = ({ begins, waits, calls }: (typeof shapes)[Workflow]): readonly Row[] => {
  const applies = `MayItGoOn Apply WasItApplied ${waits} +30 Verify DidItHelp`;
  return [
    {
      rule: 'what helped is applied once, looked at half a minute later and closed',
      script: well,
      entered: `${begins} ${applies} Close`,
      called: `${calls} Apply Verify Close`,
      status,
    },
    {
      rule: 'what did not help comes again by the gate after its backoff, with another number',
      script: { ...well, Verify: [{ next: 'retry', waitSeconds: 60, nextAttempt: 2 }, closes] },
      entered: `${begins} ${applies} Backoff +60 NextAttempt Gate ${applies} Close`,
      called: `${calls} Apply Verify Gate/2 Apply/2 Verify/2 Close/2`,
      status,
    },
    {
      rule: 'what cannot be told yet is looked at again, and nothing is applied for it',
      script: { ...well, Verify: [{ next: 'again', waitSeconds: 15 }, closes] },
      entered: `${begins} ${applies} WaitToLookAgain +15 Verify DidItHelp Close`,
      called: `${calls} Apply Verify Verify Close`,
      status,
    },
    {
      rule: 'what the gate holds waits, is decided anew, and closed when it may not',
      script: { Gate: [{ next: 'wait', waitSeconds: 300 }, closes] },
      entered: `${begins} MayItGoOn WaitForBrakes +300 Gate MayItGoOn Close`,
      called: `${calls} Gate Close`,
      status,
    },
    {
      rule: 'what the gate gives up is closed at once',
      script: { Gate: [closes] },
      entered: `${begins} MayItGoOn Close`,
      called: `${calls} Close`,
      status,
    },
    {
      rule: 'people who approve have the gate decide again, which lets it go on',
      script: { ...well, Gate: [asks, goes], Approval: [{ people: { decision: 'approved' } }] },
      entered: `${begins} MayItGoOn AskPeople Gate ${applies} Close`,
      called: `${calls} Approval Gate Apply Verify Close`,
      status,
    },
    {
      rule: 'people who reject have the gate decide again, which closes',
      script: { ...well, Gate: [asks, closes], Approval: [{ people: { decision: 'rejected' } }] },
      entered: `${begins} MayItGoOn AskPeople Gate MayItGoOn Close`,
      called: `${calls} Approval Gate Close`,
      status,
    },
    {
      rule: 'people who do not answer in time are asked once, and the gate decides again',
      script: { ...well, Gate: [asks, closes] },
      entered: `${begins} MayItGoOn AskPeople +3600 Gate MayItGoOn Close`,
      called: `${calls} Approval Gate Close`,
      status,
    },
    {
      rule: 'people who cannot be asked are tried three times more, then it is closed as a failure',
      script: { ...well, Gate: [asks, goes], Approval: [throttled] },
      entered: `${begins} MayItGoOn AskPeople +14 CloseAfterFailure`,
      called: `${calls} Approval Approval Approval Approval Close`,
      status,
    },
    {
      rule: 'what was refused while it was applied is closed',
      script: { ...well, Apply: [closes] },
      entered: `${begins} MayItGoOn Apply WasItApplied Close`,
      called: `${calls} Apply Close`,
      status,
    },
    {
      rule: 'an apply of which nobody knows is closed as a failure, and never begun again',
      script: { ...well, Apply: [{ fails: 'TimeoutError' }, applied] },
      entered: `${begins} MayItGoOn Apply CloseAfterFailure`,
      called: `${calls} Apply Close`,
      status,
    },
    {
      rule: 'a gate that fails for a while is asked again after two and four seconds',
      script: { Gate: [throttled, throttled, closes] },
      entered: `${begins} +6 MayItGoOn Close`,
      called: `${calls} Gate Gate Close`,
      status,
    },
    {
      rule: 'a verification that fails for good is closed as a failure after fourteen seconds',
      script: { ...well, Verify: [throttled] },
      entered: `${begins} MayItGoOn Apply WasItApplied ${waits} +30 Verify +14 CloseAfterFailure`,
      called: `${calls} Apply Verify Verify Verify Verify Close`,
      status,
    },
    {
      rule: 'an end that cannot be written at first is tried again, and nothing before it',
      script: { Gate: [closes], Close: [throttled, throttled, {}] },
      entered: `${begins} MayItGoOn Close`,
      called: `${calls} Close Close Close`,
      status,
    },
    {
      rule: 'an end that cannot be written at all is tried for minutes, and the execution fails',
      script: { Gate: [closes], Close: [throttled] },
      entered: `${begins} MayItGoOn Close`,
      called: `${calls} Close Close Close Close Close Close`,
      status: 'FAILED',
    },
  ];
};

const watching: readonly Row[] = [
  {
    rule: 'a release that cannot be told yet is watched on, until it is not well',
    script: { ...well, Watch: [{ next: 'again', waitSeconds: 60 }, goes] },
    entered:
      'Watch IsItWell WaitAndWatch +60 Watch IsItWell Gate MayItGoOn Apply WasItApplied WaitForVersion +30 Verify DidItHelp Close',
    called: 'Watch Watch Gate Apply Verify Close',
    status,
  },
  {
    rule: 'a release that is well is closed, and nothing is asked of the gate',
    script: { ...well, Watch: [closes] },
    entered: 'Watch IsItWell Close',
    called: 'Watch Close',
    status,
  },
  {
    rule: 'a release that cannot be watched is closed as a failure, and not rolled back',
    script: { ...well, Watch: [throttled] },
    entered: 'Watch +14 CloseAfterFailure',
    called: 'Watch Watch Watch Watch Close',
    status,
  },
];

export const scenarios: readonly Scenario[] = [
  ...(Object.keys(shapes) as Workflow[]).flatMap((workflow) =>
    rowsOf(shapes[workflow]).map((row) => ({ workflow, ...row })),
  ),
  ...watching.map((row) => ({ workflow: 'rollback' as const, ...row })),
];

/** A name for its execution, as long as the hash of a plan. */
export const planHashOf = (scenario: Scenario): string =>
  scenarios.indexOf(scenario).toString(16).padStart(64, '0');

/** Of `Settle +5 Gate`: `0 Settle`, `5 Gate`. */
export const withSeconds = (entered: string): readonly string[] => {
  let seconds = 0;
  return entered.split(' ').flatMap((word) => {
    if (!word.startsWith('+')) return [`${seconds} ${word}`];
    seconds += Number(word);
    return [];
  });
};
export const withoutSeconds = (entered: string): readonly string[] =>
  entered.split(' ').filter((word) => !word.startsWith('+'));

// As much of the Amazon States Language (JSONPath) as the workflows of remediation say.

type Parameters = { readonly [name: string]: string | Parameters };
type Retrier = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
};
type Catcher = {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath: string;
};
type Onward = { readonly Next: string } | { readonly End: true };

export type TaskState = Onward & {
  readonly Type: 'Task';
  readonly Comment: string;
  readonly Resource: string;
  readonly Parameters: Parameters;
  readonly ResultPath: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
} & ({ readonly TimeoutSeconds: number } | { readonly TimeoutSecondsPath: string });
export type WaitState = Onward & {
  readonly Type: 'Wait';
  readonly Comment: string;
} & ({ readonly Seconds: number } | { readonly SecondsPath: string });
export type ChoiceState = {
  readonly Type: 'Choice';
  readonly Comment: string;
  readonly Choices: readonly {
    readonly Variable: string;
    readonly StringEquals: string;
    readonly Next: string;
  }[];
  readonly Default: string;
};
export type PassState = Onward & {
  readonly Type: 'Pass';
  readonly Comment: string;
  readonly Parameters: Parameters;
};
export type State = TaskState | WaitState | ChoiceState | PassState;
export type States = { readonly [name: string]: State };

export type StateMachine = {
  readonly Comment: string;
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: States;
};

/**
 * What stands in a definition for ARNs that only the deployment knows: `${Gate}` is the function of the gate,
 * `${CallAndWait}` the integration that calls a function with a token and waits until that is answered.
 */
export type Substitution = 'Gate' | 'Approval' | 'Apply' | 'Verify' | 'Close' | 'CallAndWait';
export const placeholder = (name: Substitution): string => `\${${name}}`;

import type { RemediationStatus } from './remediation.ts';

/**
 * What goes between a state machine and its step functions. The machine holds nothing but this: every step reads the
 * remediation's item, and JSONPath chooses by `next`.
 */
export type StepInput = {
  readonly planHash: string;
  readonly attempt: number;
  /** ARN of the execution, from the context object. */
  readonly execution: string;
};

/** remedy-gate: re-read the world, brakes, limits, lease. `wait` comes back to the gate after `waitSeconds`. */
export type GateAnswer = {
  readonly next: 'apply' | 'ask' | 'wait' | 'close';
  readonly waitSeconds: number;
  /** Of `ask`: until a minute after the approval's end. */
  readonly approvalSeconds: number;
  readonly reason: string;
};

/** remedy-approval (with `taskToken`): keeps the token, tells people once. The answer comes by `SendTaskSuccess`. */
export type ApprovalInput = StepInput & { readonly taskToken: string };
export type ApprovalAnswer = { readonly decision: 'approved' | 'rejected' };

/** remedy-apply: at most once per plan and numbered attempt. `unknown` goes to a person. */
export type ApplyAnswer = {
  readonly next: 'verify' | 'close';
  readonly verifyAfterSeconds: number;
  readonly reason: string;
};

/** remedy-verify: by the check itself and by the action's own reading. `retry` carries the next attempt. */
export type VerifyAnswer = {
  readonly next: 'again' | 'retry' | 'close';
  readonly waitSeconds: number;
  readonly nextAttempt: number;
  readonly reason: string;
};

/** remedy-verify with `phase: 'release'`: watches a release for its window. `apply` means: roll it back. */
export type WatchInput = StepInput & { readonly phase: 'release' };
export type WatchAnswer = {
  readonly next: 'again' | 'apply' | 'close';
  readonly waitSeconds: number;
  readonly reason: string;
};

/** remedy-close: writes the end, frees leases, tells. `failure` is what the machine caught, if it caught something. */
export type CloseInput = StepInput & {
  readonly failure?: { readonly Error?: string; readonly Cause?: string };
};
export type CloseAnswer = { readonly status: RemediationStatus; readonly reason: string };

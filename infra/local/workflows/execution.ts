import type { Json } from '../template/template.ts';
import type { Failure, Outcome } from './interpret.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An execution as it is recorded: everything that a host needs to go on with it. */
export type Execution = {
  readonly arn: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly name: string;
  readonly roleArn: string;
  /** The definition it began with. */
  readonly definition: string;
  /** JSON, as it was given. */
  readonly input: string;
  /** Epoch ms, like every instant here. */
  readonly startedAt: number;
  readonly status: Status;
  readonly stoppedAt?: number;
  /** JSON; of a success only. */
  readonly output?: string;
  readonly failure?: Partial<Failure>;
  /** Where it stands; undefined when it has ended. */
  readonly position?: Position;
};

/** A state that was entered. */
export type Position = {
  /** Which entry of a state it is, the first being 1: what comes late for another entry is known by it. */
  readonly entry: number;
  readonly state: string;
  readonly input: Json;
  readonly enteredAt: number;
  /** Retries made so far, of each retrier of the state. */
  readonly retries: readonly number[];
  readonly phase: Phase;
};

export type Phase =
  /** Nothing was begun. */
  | { readonly kind: 'entered' }
  | { readonly kind: 'waiting'; readonly untilAt: number }
  /** A task failed and is begun again then. */
  | { readonly kind: 'retrying'; readonly untilAt: number }
  | TaskPhase
  /** How the task ended is known, and nothing was made of it yet. */
  | { readonly kind: 'ended'; readonly outcome: Outcome };

/** Recorded before the function is called: found at a start, nobody knows how far it came. */
export type TaskPhase = {
  readonly kind: 'task';
  /** What answers the task; undefined when the function's own answer does. */
  readonly token?: string;
  /** The function still works. */
  readonly isInvoking: boolean;
  readonly timeoutAt?: number;
  readonly heartbeatMs?: number;
  readonly heartbeatAt?: number;
};

export const executionArnOf = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

export const retriesOf = (position: Position): number =>
  position.retries.reduce((sum, made) => sum + made, 0);

/** One line of an execution's history, as GetExecutionHistory tells it. */
export type HistoryEvent = {
  readonly at: number;
  readonly type: string;
  /** Under the name that the SDK has for the details of this type. */
  readonly details?: Readonly<Record<string, unknown>>;
};

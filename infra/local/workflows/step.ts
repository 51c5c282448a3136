import type { Json } from '../template/template.ts';
import { type Definition, invocationOf, type State } from './definition.ts';
import { type Execution, type Phase, type Position, retriesOf, type TaskPhase } from './execution.ts';
import { type Context, effectiveInput, type Failure, type Transition, transitionOf } from './interpret.ts';
import { retryOf } from './retry.ts';
import { newToken } from './token.ts';

/** A task that is to be called now. */
export type Begun = {
  readonly kind: 'task';
  readonly state: State;
  /** What its Parameters made of the state's input. */
  readonly input: Json;
  readonly phase: TaskPhase;
};

/** What comes next for an execution. */
export type Step =
  | Begun
  | { readonly kind: 'phase'; readonly phase: Phase; readonly retries?: readonly number[] }
  | { readonly kind: 'transition'; readonly transition: Transition }
  /** Until then, or until somebody answers. */
  | { readonly kind: 'park'; readonly untilAt?: number };

/** Decides the next step of an execution; nothing is changed by it. */
export const stepOf = async (
  execution: Execution,
  definition: Definition,
  position: Position,
  now: number,
  random: () => number,
): Promise<Step> => {
  const state = definition.States[position.state];
  if (!state) {
    return failing({ error: 'States.Runtime', cause: `the state ${position.state} does not exist` });
  }
  const { phase, input } = position;
  const context = contextOf(execution, position);
  const onwards = async (outcome?: Parameters<typeof transitionOf>[4]): Promise<Step> => ({
    kind: 'transition',
    transition: await transitionOf(definition, position.state, input, context, outcome),
  });
  switch (phase.kind) {
    case 'entered':
      if (state.Type === 'Wait') return waitOf(state, position, context);
      if (state.Type === 'Task') return taskOf(execution, state, position, now);
      return onwards();
    case 'waiting':
      return phase.untilAt > now ? { kind: 'park', untilAt: phase.untilAt } : onwards();
    case 'retrying':
      return phase.untilAt > now
        ? { kind: 'park', untilAt: phase.untilAt }
        : { kind: 'phase', phase: { kind: 'entered' } };
    case 'task':
      return { kind: 'park' };
    case 'ended': {
      const { outcome } = phase;
      const retry =
        'error' in outcome ? retryOf(state.Retry ?? [], outcome.error, position.retries, random) : undefined;
      if (!retry) return onwards(outcome);
      const retries = (state.Retry ?? []).map(
        (_, index) => (position.retries[index] ?? 0) + (index === retry.retrier ? 1 : 0),
      );
      return { kind: 'phase', phase: { kind: 'retrying', untilAt: now + retry.waitMs }, retries };
    }
    default:
      return phase satisfies never;
  }
};

const failing = (failure: Failure): Step => ({ kind: 'transition', transition: failure });

/** Values at paths of the state's input, as numbers of whole seconds; a path that leads to none fails. */
const secondsAt = async (
  state: State,
  paths: Readonly<Record<string, string | undefined>>,
  input: Json,
  context: Context,
): Promise<Readonly<Record<string, number>> | Failure> => {
  const given = Object.entries(paths).flatMap(([name, path]) =>
    path === undefined ? [] : [[`${name}.$`, path]],
  );
  if (given.length === 0) return {};
  const read = await effectiveInput(state, Object.fromEntries(given) as Json, input, context);
  if ('error' in read) return read;
  const values = read.value as Readonly<Record<string, unknown>>;
  const wrong = Object.entries(values).find(([, value]) => !Number.isSafeInteger(value) || Number(value) < 0);
  if (wrong) {
    const cause = `${paths[wrong[0]]} must be a whole number of seconds, not ${JSON.stringify(wrong[1])}`;
    return { error: 'States.Runtime', cause };
  }
  return values as Readonly<Record<string, number>>;
};

const waitOf = async (state: State, position: Position, context: Context): Promise<Step> => {
  const until = (untilAt: number): Step => ({ kind: 'phase', phase: { kind: 'waiting', untilAt } });
  const timestampAt = async (): Promise<string | Failure> => {
    if (state.TimestampPath === undefined) return state.Timestamp ?? '';
    const read = await effectiveInput(state, { 'at.$': state.TimestampPath }, position.input, context);
    return 'error' in read ? read : String((read.value as { at: unknown }).at);
  };
  if (state.Timestamp !== undefined || state.TimestampPath !== undefined) {
    const text = await timestampAt();
    if (typeof text !== 'string') return failing(text);
    const at = Date.parse(text);
    return Number.isNaN(at)
      ? failing({ error: 'States.Runtime', cause: `${JSON.stringify(text)} is not an instant` })
      : until(at);
  }
  const read = await secondsAt(state, { seconds: state.SecondsPath }, position.input, context);
  if ('error' in read) return failing(read as Failure);
  return until(position.enteredAt + (read.seconds ?? state.Seconds ?? 0) * 1000);
};

/** Timeouts are read from the input of the state, not from what its Parameters make of it. */
const taskOf = async (execution: Execution, state: State, position: Position, now: number): Promise<Step> => {
  const withToken = invocationOf(state.Resource ?? '') === 'invoke with token';
  const token = withToken ? newToken(execution.arn) : undefined;
  const context = contextOf(execution, position, token);
  const read = await effectiveInput(state, state.Parameters, position.input, context);
  if ('error' in read) return failing(read);
  const paths = { timeout: state.TimeoutSecondsPath, heartbeat: state.HeartbeatSecondsPath };
  const seconds = await secondsAt(state, paths, position.input, context);
  if ('error' in seconds) return failing(seconds as Failure);
  const timeout = seconds.timeout ?? state.TimeoutSeconds;
  const heartbeat = withToken ? (seconds.heartbeat ?? state.HeartbeatSeconds) : undefined;
  return {
    kind: 'task',
    state,
    input: read.value,
    phase: {
      kind: 'task',
      ...(token !== undefined && { token }),
      isInvoking: true,
      ...(timeout !== undefined && { timeoutAt: now + timeout * 1000 }),
      ...(heartbeat !== undefined && { heartbeatMs: heartbeat * 1000, heartbeatAt: now + heartbeat * 1000 }),
    },
  };
};

/** `Run` stands for `Execution`: see `parseDefinition`. */
const contextOf = (execution: Execution, position: Position, token?: string): Context => ({
  Run: {
    Id: execution.arn,
    Input: JSON.parse(execution.input) as unknown,
    Name: execution.name,
    RoleArn: execution.roleArn,
    StartTime: new Date(execution.startedAt).toISOString(),
    RedriveCount: 0,
  },
  State: {
    Name: position.state,
    EnteredTime: new Date(position.enteredAt).toISOString(),
    RetryCount: retriesOf(position),
  },
  StateMachine: { Id: execution.machineArn, Name: execution.machineName },
  ...(token !== undefined && { Task: { Token: token } }),
});

import { randomUUID } from 'node:crypto';
import type { Service } from '../gateway/gateway.ts';
import { AwsError, jsonAnswer, type Operation } from '../gateway/wire.ts';
import type { Json } from '../template/template.ts';
import type { HostClock } from '../time/clock.ts';
import type { Machine } from './definition.ts';
import type { Engine } from './engine.ts';
import { type Execution, executionArnOf } from './execution.ts';
import type { Outcome } from './interpret.ts';
import type { ExecutionStore } from './store.ts';
import { executionOfToken } from './token.ts';

export type ServiceOptions = {
  readonly machines: readonly Machine[];
  readonly store: ExecutionStore;
  readonly engine: Engine;
  readonly clock: HostClock;
};

type Input = Operation['input'];

/** For so long the name of an execution that ended is taken, and it can be looked at. */
export const keptMs = 90 * 24 * 3600_000;
const mostInputBytes = 256 * 1024;
/** Printable, without what the service keeps for itself. */
const executionName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{C}]{1,80}$/u;

/** Step Functions, as far as workflows and their people need it. */
export const createStatesService = (options: ServiceOptions): Service => {
  const operations: Readonly<Record<string, (input: Input) => object>> = {
    StartExecution: (input) => startExecution(options, input),
    StopExecution: (input) => stopExecution(options, input),
    DescribeExecution: ({ executionArn }) => described(found(options.store, executionArn)),
    ListExecutions: (input) => listExecutions(options, input),
    GetExecutionHistory: (input) => executionHistory(options.store, input),
    SendTaskSuccess: ({ taskToken, output }) =>
      answer(options, taskToken, { result: jsonIn(output, 'InvalidOutput') }),
    SendTaskFailure: ({ taskToken, error, cause }) =>
      answer(options, taskToken, { error: String(error ?? 'States.TaskFailed'), cause: String(cause ?? '') }),
    SendTaskHeartbeat({ taskToken }) {
      if (!options.engine.heartbeat(tokenIn(options.store, taskToken))) throw taskGone();
      return {};
    },
  };
  return async ({ name, input }) => {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation)
      throw new AwsError('UnknownOperationException', `states:${name} is not hosted on one machine`);
    return jsonAnswer(operation(input));
  };
};

const seconds = (ms: number): number => ms / 1000;

const jsonIn = (text: unknown, code: string): Json => {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    throw new AwsError(code, 'what was given is not JSON');
  }
};

const machineOf = ({ machines }: ServiceOptions, arn: unknown): Machine => {
  const machine = machines.find((known) => known.arn === arn);
  if (!machine)
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${String(arn)}'`);
  return machine;
};

const found = (store: ExecutionStore, arn: unknown): Execution => {
  const execution = store.find(String(arn));
  if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${String(arn)}'`);
  return execution;
};

/** A name is taken once: the same name with the same input, while it runs, is the same execution. */
const startExecution = (options: ServiceOptions, given: Input): object => {
  const { store, engine, clock } = options;
  const machine = machineOf(options, given.stateMachineArn);
  const name = String(given.name ?? randomUUID());
  const input = String(given.input ?? '{}');
  if (!executionName.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
  jsonIn(input, 'InvalidExecutionInput');
  if (Buffer.byteLength(input) > mostInputBytes)
    throw new AwsError('InvalidExecutionInput', `the input has more than ${mostInputBytes} bytes`);
  store.forget(clock.now() - keptMs);
  const before = store.find(executionArnOf(machine.arn, name));
  if (before && (before.status !== 'RUNNING' || before.input !== input))
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${before.arn}'`);
  const { arn, startedAt } = before ?? engine.start(machine, name, input);
  return { executionArn: arn, startDate: seconds(startedAt) };
};

const stopExecution = ({ store, engine, clock }: ServiceOptions, { executionArn, error, cause }: Input) => {
  const { arn } = found(store, executionArn);
  engine.abort(arn, {
    ...(error !== undefined && { error: String(error) }),
    ...(cause !== undefined && { cause: String(cause) }),
  });
  return { stopDate: seconds(found(store, arn).stoppedAt ?? clock.now()) };
};

const listed = ({ arn, machineArn, name, status, startedAt, stoppedAt }: Execution): object => ({
  executionArn: arn,
  stateMachineArn: machineArn,
  name,
  status,
  startDate: seconds(startedAt),
  ...(stoppedAt !== undefined && { stopDate: seconds(stoppedAt) }),
  redriveCount: 0,
});

const described = (execution: Execution): object => ({
  ...listed(execution),
  input: execution.input,
  inputDetails: { included: true },
  ...(execution.output !== undefined && { output: execution.output, outputDetails: { included: true } }),
  ...execution.failure,
});

const pageOf = (input: Input, most: number) => ({
  from: Number(input.nextToken ?? 0),
  limit: Math.min(Number(input.maxResults ?? 100) || 100, most),
});

const listExecutions = (options: ServiceOptions, input: Input): object => {
  const { arn } = machineOf(options, input.stateMachineArn);
  const { from, limit } = pageOf(input, 1000);
  const status = input.statusFilter === undefined ? undefined : String(input.statusFilter);
  const executions = options.store.list(arn, status, from, limit + 1);
  return {
    executions: executions.slice(0, limit).map(listed),
    ...(executions.length > limit && { nextToken: String(from + limit) }),
  };
};

const executionHistory = (store: ExecutionStore, input: Input): object => {
  const { arn } = found(store, input.executionArn);
  const { from, limit } = pageOf(input, 1000);
  const events = store.history(arn).map(({ at, type, details }, index) => ({
    id: index + 1,
    previousEventId: index,
    timestamp: seconds(at),
    type,
    ...details,
  }));
  if (input.reverseOrder === true) events.reverse();
  return {
    events: events.slice(from, from + limit),
    ...(events.length > from + limit && { nextToken: String(from + limit) }),
  };
};

const taskGone = (): AwsError =>
  new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");

const tokenIn = (store: ExecutionStore, token: unknown): string => {
  const arn = executionOfToken(String(token));
  if (arn === undefined || !store.find(arn)) throw new AwsError('InvalidToken', 'Invalid token');
  return String(token);
};

const answer = ({ store, engine }: ServiceOptions, taskToken: unknown, outcome: Outcome): object => {
  if (!engine.answer(tokenIn(store, taskToken), outcome)) throw taskGone();
  return {};
};

import type { Context } from 'aws-lambda';
import { type EventType, eventSource, type HomeostatEvent } from '../events.ts';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

/** An execution of a state machine of the stack that ended otherwise than by success, as Step Functions tells it. */
export type ExecutionEnded = {
  readonly type: 'execution.ended';
  readonly executionArn: string;
  /** The name of the execution. */
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** Of the error that ended it; left out where there was none, or Step Functions tells none. */
  readonly error?: string;
  readonly cause?: string;
  /** Epoch milliseconds. */
  readonly endedAt: number;
};

/** What a function with the trigger `events` is told. */
export type Occurrence = HomeostatEvent | ExecutionEnded;

const badEnds = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const executionIn = (event: Fields): ExecutionEnded => {
  const { executionArn, name, stateMachineArn, status, error, cause, stopDate } = fieldsOf(event.detail);
  const badEnd = badEnds.find((one) => one === status);
  if (!isText(executionArn) || !isText(name) || !isText(stateMachineArn) || badEnd === undefined)
    throw new Error(
      `the event of Step Functions tells of no execution that ended badly: ${JSON.stringify(event)}`,
    );
  const toldAt = typeof stopDate === 'number' ? stopDate : Date.parse(String(event.time));
  if (Number.isNaN(toldAt)) throw new Error('the event of Step Functions has neither stopDate nor time');
  return {
    type: 'execution.ended',
    executionArn,
    name,
    stateMachineArn,
    status: badEnd,
    endedAt: toldAt,
    ...(isText(error) && { error }),
    ...(isText(cause) && { cause }),
  };
};

/**
 * Reads an event as EventBridge delivers it; throws at what is none of the types, for then a rule or a publisher is wrong
 * and a person must look.
 */
export const parseOccurrence = (types: readonly EventType[], payload: unknown): Occurrence => {
  const event = fieldsOf(payload);
  if (event.source === 'aws.states') return executionIn(event);
  const type = types.find((one) => one === event['detail-type']);
  if (event.source !== eventSource || type === undefined)
    throw new Error(
      `there is nothing to do with an event of ${String(event.source)}: ${String(event['detail-type'])}`,
    );
  if (!isText(fieldsOf(event.detail).id)) throw new Error(`the event ${type} has no detail with an id`);
  return { type, detail: event.detail } as HomeostatEvent;
};

/**
 * A function that EventBridge invokes asynchronously, one event an invocation, at least once and in no order. What `run`
 * throws, and what cannot be read, is tried twice more by Lambda and then lies in the dead letters of the function.
 */
export const onEvents = <N extends Needs>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  run: (occurrence: Occurrence, resources: Resources<N>, tools: Tools) => Promise<void>,
) => {
  const { trigger } = contract;
  if (trigger.kind !== 'events') throw new Error(`${contract.name} is not triggered by events`);
  const world = prepare(contract, openers);
  return async (event: unknown, context?: Pick<Context, 'awsRequestId'>): Promise<void> => {
    const { resources, ...tools } = world(context?.awsRequestId);
    await run(parseOccurrence(trigger.types, event), resources, tools);
  };
};

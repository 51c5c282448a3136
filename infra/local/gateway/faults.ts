import type { CallingInstance } from '../functions/fleet.ts';
import type { Instance } from '../functions/instance.ts';
import type { AccessCheck } from '../iam/actions.ts';
import type { RawResponse } from '../messaging/protocol.ts';
import { AwsError, type Operation } from './wire.ts';

/**
 * What can be made to happen to one call of a function. `throttle`: the service says that there are too many.
 * `drop-request`: the connection is cut before the call took effect. `lose-answer`: after it took effect.
 * `kill`: the instance dies after the call took effect, before it hears the answer; `kill-before`: before it did.
 */
export type Fault = 'throttle' | 'drop-request' | 'lose-answer' | 'kill' | 'kill-before';

/** One call of a function of the stack to AWS, retries of its SDK included. */
export type FaultableCall = {
  /** The short name, such as `runner`. */
  readonly functionName: string;
  /** What the call is signed for: `dynamodb`, `sqs`, `events`, `ssm`, `lambda` … */
  readonly service: string;
  /** The operation: `PutItem`, `SendMessageBatch` … */
  readonly action: string;
  /** ARN of what it is about, the first of several; absent where the service knows none. */
  readonly resource?: string;
  /** Which call of this function on this host it is, the first being 1. */
  readonly count: number;
  /** The same within its invocation. */
  readonly countInInvocation: number;
};

/** Decides what happens to a call; undefined lets it be. */
export type Faults = (call: FaultableCall) => Fault | undefined;

/** Instead of an answer: the connection ends. */
export const cut = Symbol('the connection is cut');

/** Carries out a call through `answering`, or breaks it. */
export type FaultInjection = (
  operation: Operation,
  checks: readonly AccessCheck[],
  answering: () => Promise<RawResponse>,
) => Promise<RawResponse | typeof cut>;

/** What each service calls too many requests, as SDKs know it. */
const throttling: Readonly<Record<string, readonly [code: string, statusCode: number]>> = {
  ec2: ['RequestLimitExceeded', 503],
  lambda: ['TooManyRequestsException', 429],
  s3: ['SlowDown', 503],
  sqs: ['RequestThrottled', 403],
};

const throttled = ({ service }: Operation): AwsError => {
  const [code, statusCode] = throttling[service] ?? ['ThrottlingException', 400];
  return new AwsError(code, 'Rate exceeded', statusCode);
};

export const createFaultInjection = (
  faults: Faults,
  instanceByKey: (accessKeyId: string) => CallingInstance | undefined,
): FaultInjection => {
  const callsOf = new Map<string, number>();
  const inInvocation = new WeakMap<Instance, { readonly invocation: number; readonly calls: number }>();
  const killed = new WeakSet<Instance>();

  const count = ({ functionName, instance }: CallingInstance) => {
    const total = (callsOf.get(functionName) ?? 0) + 1;
    callsOf.set(functionName, total);
    const before = inInvocation.get(instance);
    const invocation = instance.invocations();
    const calls = before?.invocation === invocation ? before.calls + 1 : 1;
    inInvocation.set(instance, { invocation, calls });
    return { count: total, countInInvocation: calls };
  };
  const kill = async (instance: Instance): Promise<typeof cut> => {
    killed.add(instance);
    await instance.stop();
    return cut;
  };

  return async (operation, checks, answering) => {
    const calling = instanceByKey(operation.accessKeyId);
    if (!calling) return answering();
    // What it had under way at once with the call that killed it is dead too.
    if (killed.has(calling.instance)) return cut;
    const resource = checks[0]?.resources[0];
    const fault = faults({
      functionName: calling.functionName,
      service: operation.service,
      action: operation.name,
      ...(resource !== undefined && resource !== '*' && { resource }),
      ...count(calling),
    });
    if (fault === 'throttle') throw throttled(operation);
    if (fault === 'drop-request') return cut;
    if (fault === 'kill-before') return kill(calling.instance);
    const answer = await answering();
    if (fault === 'lose-answer') return cut;
    return fault === 'kill' ? kill(calling.instance) : answer;
  };
};

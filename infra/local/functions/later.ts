import type { Access, Caller } from '../gateway/access.ts';
import type { Message } from '../messaging/messaging.ts';
import { type PollerOptions, startPoller } from '../sources/poller.ts';
import type { FunctionPool } from './pool.ts';
import { type FunctionError, hostStopped } from './protocol.ts';

/** Lambda's patience with an asynchronous event, as AWS::Lambda::EventInvokeConfig sets it. */
export type EventInvokeConfig = {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** ARN of the queue for events that failed for good or grew too old. */
  readonly onFailureArn: string | undefined;
};
export const defaultEventInvokeConfig: EventInvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 6 * 3600,
  onFailureArn: undefined,
};

/** Hands an event over to a function that will run later; it is stored when this resolves. */
export type InvokeLater = (functionArn: string, event: unknown, invokedAt?: number) => Promise<void>;

type Stored = { readonly event: unknown; readonly at: number };

/** AWS waits one minute before the first retry of a function error and two before the second. */
const retryAfterSeconds = [60, 120];

export type LaterOptions = Omit<PollerOptions, 'queue' | 'batchSize' | 'windowSeconds' | 'handle'> & {
  readonly pool: FunctionPool;
  readonly config: EventInvokeConfig;
  readonly access: Access;
  readonly caller: Caller;
  readonly onError: (error: FunctionError, givenUp: boolean) => void;
};

/** The name of Lambda's own queue for one function. No role can name it, for it belongs to no account. */
export const queueOf = (functionName: string): string => `lambda-later-${functionName}`;

/**
 * Asynchronous invocation of one function: a queue of Lambda's own in front of it, so that a killed host still has
 * the event. Retries, age and the failure destination are the template's.
 */
export const startInvokingLater = async (
  options: LaterOptions,
): Promise<{ send: (event: unknown, at?: number) => Promise<void>; stop: () => void }> => {
  const { pool, config, messaging, clock } = options;
  const queue = queueOf(pool.definition.name);
  await messaging.createQueue({
    name: queue,
    arn: `arn:aws:sqs:local:lambda:${queue}`,
    url: `http://lambda.local/000000000000/${queue}`,
    attributes: { VisibilityTimeout: String(pool.definition.timeoutSeconds + 10) },
  });

  const giveUp = async (
    message: Message,
    stored: Stored,
    condition: string,
    error: FunctionError | undefined,
  ): Promise<void> => {
    const target = config.onFailureArn;
    if (target !== undefined) {
      const verdict = options.access.authorize(options.caller, 'sqs:SendMessage', target);
      if (verdict.allowed)
        await messaging.send(
          target.split(':').at(-1) ?? '',
          failureRecord(options, message, stored, condition, error),
        );
    }
    await messaging.remove(queue, [message.receiptHandle]);
  };
  const handleOne = async (message: Message): Promise<void> => {
    const stored = JSON.parse(message.body) as Stored;
    const attempt = Number(message.attributes.ApproximateReceiveCount);
    const endsAt = stored.at + config.maximumEventAgeSeconds * 1000;
    if (clock.now() > endsAt) return giveUp(message, stored, 'EventAgeExceeded', undefined);
    const answer = await pool.invoke(stored.event);
    if (!('error' in answer)) return messaging.remove(queue, [message.receiptHandle]);
    // It stays in the queue, and the next start takes it up.
    if (answer.error === hostStopped) return;
    const waitSeconds = retryAfterSeconds[attempt - 1] ?? 120;
    const again = attempt <= config.maximumRetryAttempts && clock.now() + waitSeconds * 1000 <= endsAt;
    options.onError(answer.error, !again);
    if (again) await messaging.hide(queue, message.receiptHandle, waitSeconds);
    else await giveUp(message, stored, 'RetriesExhausted', answer.error);
  };

  const stop = await startPoller({
    ...options,
    queue,
    batchSize: 1,
    windowSeconds: 0,
    handle: async (batch) => {
      for (const message of batch) await handleOne(message).catch(options.onFault);
    },
  });
  return {
    send: (event, at = clock.now()) => messaging.send(queue, JSON.stringify({ event, at } satisfies Stored)),
    stop,
  };
};

/** What Lambda sends to a failure destination. */
const failureRecord = (
  { pool, clock }: LaterOptions,
  message: Message,
  stored: Stored,
  condition: string,
  error: FunctionError | undefined,
): string =>
  JSON.stringify({
    version: '1.0',
    timestamp: new Date(clock.now()).toISOString(),
    requestContext: {
      requestId: message.messageId,
      functionArn: `${pool.definition.arn}:$LATEST`,
      condition,
      approximateInvokeCount: Number(message.attributes.ApproximateReceiveCount),
    },
    requestPayload: stored.event,
    ...(error && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: error,
    }),
  });

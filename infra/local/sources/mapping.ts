import type { FunctionPool } from '../functions/pool.ts';
import { type FunctionError, hostStopped } from '../functions/protocol.ts';
import type { Access, Caller } from '../gateway/access.ts';
import type { Message } from '../messaging/messaging.ts';
import { type PollerOptions, startPoller } from './poller.ts';

/** An event source mapping of the template: a queue that feeds a function. */
export type Mapping = {
  readonly queueName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly concurrency: number;
  /** FunctionResponseTypes has ReportBatchItemFailures: the answer names what must come again. */
  readonly reportsFailures: boolean;
};

export type MappingOptions = Omit<
  PollerOptions,
  'queue' | 'batchSize' | 'windowSeconds' | 'concurrency' | 'handle'
> & {
  readonly mapping: Mapping;
  readonly pool: FunctionPool;
  readonly access: Access;
  readonly caller: Caller;
  readonly region: string;
  readonly onError: (error: FunctionError) => void;
};

/**
 * Feeds a function from its queue. The function's own role must allow what the poller does, as in AWS. Messages that
 * the function did not finish come again after the queue's visibility timeout, and in the end lie in its dead letters.
 * Throws the missing permission's sentence when the mapping could not be created in AWS either.
 */
export const startMapping = async (options: MappingOptions): Promise<() => void> => {
  const { mapping, pool, access, caller, messaging } = options;
  const may = (action: string) => access.authorize(caller, action, mapping.queueArn);
  for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
    const verdict = may(action);
    if (!verdict.allowed)
      throw new Error(`${mapping.queueName} cannot feed ${pool.definition.name}: ${verdict.sentence}`);
  }

  const handle = async (batch: readonly Message[]): Promise<void> => {
    const answer = await pool.invoke({
      Records: batch.map((message) => recordOf(message, mapping, options.region)),
    });
    if ('error' in answer) {
      if (answer.error !== hostStopped) options.onError(answer.error);
      return;
    }
    const failed = failedIds(answer.payload, mapping, batch);
    const done = batch
      .filter(({ messageId }) => !failed.has(messageId))
      .map(({ receiptHandle }) => receiptHandle);
    try {
      if (done.length > 0) await messaging.remove(mapping.queueName, done);
    } catch (error) {
      // What was not removed comes again, and consumers drop repeats.
      options.onFault(error instanceof Error ? error : new Error(String(error)));
    }
  };

  return startPoller({
    ...options,
    queue: mapping.queueName,
    batchSize: mapping.batchSize,
    windowSeconds: mapping.windowSeconds,
    concurrency: mapping.concurrency,
    handle,
  });
};

/** Lambda's reading of the answer: nothing or an empty list is success; an unreadable one or an unknown id fails the whole batch. */
const failedIds = (
  payload: string | undefined,
  mapping: Mapping,
  batch: readonly Message[],
): ReadonlySet<string> => {
  const all = new Set(batch.map(({ messageId }) => messageId));
  if (!mapping.reportsFailures || payload === undefined) return new Set();
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
};

const recordOf = (message: Message, mapping: Mapping, region: string) => ({
  messageId: message.messageId,
  receiptHandle: message.receiptHandle,
  body: message.body,
  attributes: message.attributes,
  messageAttributes: Object.fromEntries(
    Object.entries(message.messageAttributes).map(([name, value]) => {
      const { StringValue, BinaryValue, DataType } = value as Record<string, unknown>;
      return [name, { stringValue: StringValue, binaryValue: BinaryValue, dataType: DataType }];
    }),
  ),
  md5OfBody: message.md5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: mapping.queueArn,
  awsRegion: region,
});

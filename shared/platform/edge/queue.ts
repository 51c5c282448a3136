import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

export type Received<M> = { readonly messageId: string; readonly message: M };

/**
 * A function fed by SQS. `parse` turns a message's JSON into M or throws (a poison message: it goes back, and after
 * the queue's receive count to the dead-letter queue). `run` handles the batch and returns the ids that must come
 * again; if it throws, all come again. Messages that are done never come again with a failed neighbour.
 */
export const onQueue = <N extends Needs, M>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  parse: (body: unknown) => M,
  run: (batch: readonly Received<M>[], resources: Resources<N>, tools: Tools) => Promise<readonly string[]>,
) => {
  const world = prepare(contract, openers);
  return async (event: SQSEvent, context?: Pick<Context, 'awsRequestId'>): Promise<SQSBatchResponse> => {
    const { resources, ...tools } = world(context?.awsRequestId);
    const failed = new Set<string>();
    const batch: Received<M>[] = [];
    for (const record of event.Records) {
      try {
        batch.push({ messageId: record.messageId, message: parse(JSON.parse(record.body)) });
      } catch (error) {
        failed.add(record.messageId);
        tools.log.error('a message could not be read', {
          messageId: record.messageId,
          error: error as Error,
        });
      }
    }
    try {
      if (batch.length > 0) for (const id of await run(batch, resources, tools)) failed.add(id);
    } catch (error) {
      for (const { messageId } of batch) failed.add(messageId);
      tools.log.error('a batch failed and comes again', { messageIds: [...failed], error: error as Error });
    }
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };
};

import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

export type Received<M> = { readonly messageId: string; readonly message: M };

/**
 * A function fed by SQS. `parse` turns a message's JSON into M or throws (a poison message: it goes back, and after
 * the queue's receive count to the dead-letter queue). `run` handles the batch and returns the ids that must come
 * again; if it throws, all come again. Messages that are done never come again with a failed neighbour, except of a
 * queue that is first in, first out: there what follows a failed message in its group comes again after it, and what
 * follows a poison message is not run before that is gone.
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
    const { batch, poisoned } = read(event.Records, parse, tools);
    let failed = withFollowers(event.Records, poisoned);
    const runnable = batch.filter(({ messageId }) => !failed.has(messageId));
    try {
      const again = runnable.length > 0 ? await run(runnable, resources, tools) : [];
      failed = withFollowers(event.Records, [...failed, ...again]);
    } catch (error) {
      failed = new Set(event.Records.map(({ messageId }) => messageId));
      tools.log.error('a batch failed and comes again', { messageIds: [...failed], error: error as Error });
    }
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };
};

const read = <M>(records: readonly SQSRecord[], parse: (body: unknown) => M, { log }: Pick<Tools, 'log'>) => {
  const batch: Received<M>[] = [];
  const poisoned: string[] = [];
  for (const { messageId, body } of records) {
    try {
      batch.push({ messageId, message: parse(JSON.parse(body)) });
    } catch (error) {
      poisoned.push(messageId);
      log.error('a message could not be read', { messageId, error: error as Error });
    }
  }
  return { batch, poisoned };
};

/** The failed messages, and of each group of a queue that is first in, first out all that follow its first failed one. */
const withFollowers = (records: readonly SQSRecord[], failed: readonly string[]): ReadonlySet<string> => {
  const again = new Set(failed);
  const held = new Set<string>();
  for (const { messageId, attributes } of records) {
    const group = attributes?.MessageGroupId;
    if (group === undefined) continue;
    if (again.has(messageId)) held.add(group);
    else if (held.has(group)) again.add(messageId);
  }
  return again;
};

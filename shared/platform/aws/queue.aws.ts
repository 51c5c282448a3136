import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomId, sha256 } from '../ids.ts';
import { clientSettings } from './client.ts';

/** SendMessageBatch takes ten entries a call. */
const entriesPerCall = 10;

export type OutgoingMessage = {
  readonly body: unknown;
  /** Not for queues that are first in, first out: SQS refuses it there, the queue has a delay of its own. */
  readonly delaySeconds?: number;
  /** Only for queues that are first in, first out, and always there: one message of a group is worked on at a time. */
  readonly group?: string;
};

export interface Queue {
  /** Sends all messages, ten a call. Throws when any was refused after the retries: sending again is safe, for every consumer drops repeats. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}

let shared: SQSClient | undefined;
const sharedClient = (): SQSClient => {
  shared ??= new SQSClient(clientSettings);
  return shared;
};

/**
 * The id of deduplication is random: two equal wakes minutes apart are two wakes, and must not become one. Made once
 * an entry, so that a call that the SDK repeats is still one message.
 */
const inGroup = (group: string) => ({
  MessageGroupId: groupPattern.test(group) ? group : sha256(group),
  MessageDeduplicationId: randomId(),
});

/** All that SQS takes for a group; ours may be named after alarms and findings of others, blanks and all. */
const groupPattern = /^[!-~]{1,128}$/;

export const openQueue = (url: string): Queue => ({
  async send(messages) {
    const sqs = sharedClient();
    for (let from = 0; from < messages.length; from += entriesPerCall) {
      let entries = messages.slice(from, from + entriesPerCall).map((message, at) => ({
        Id: String(at),
        MessageBody: JSON.stringify(message.body),
        ...(message.group === undefined
          ? { DelaySeconds: message.delaySeconds ?? 0 }
          : inGroup(message.group)),
      }));
      for (let attempt = 1; entries.length > 0; attempt++) {
        const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
        const failed = new Set((answer.Failed ?? []).map((failure) => failure.Id));
        entries = entries.filter((entry) => failed.has(entry.Id));
        if (entries.length > 0 && attempt === 3) {
          throw new Error(`SQS refused ${entries.length} messages: ${answer.Failed?.[0]?.Code ?? 'no code'}`);
        }
      }
    }
  },
});

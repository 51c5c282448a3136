import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings } from './client.ts';

/** SendMessageBatch takes ten entries a call. */
const entriesPerCall = 10;

export type OutgoingMessage = { readonly body: unknown; readonly delaySeconds?: number };

export interface Queue {
  /** Sends all messages, ten a call. Throws when any was refused after the retries: sending again is safe, for every consumer drops repeats. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}

let shared: SQSClient | undefined;
const sharedClient = (): SQSClient => {
  shared ??= new SQSClient(clientSettings);
  return shared;
};

export const openQueue = (url: string): Queue => ({
  async send(messages) {
    const sqs = sharedClient();
    for (let from = 0; from < messages.length; from += entriesPerCall) {
      let entries = messages.slice(from, from + entriesPerCall).map((message, at) => ({
        Id: String(at),
        MessageBody: JSON.stringify(message.body),
        DelaySeconds: message.delaySeconds ?? 0,
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

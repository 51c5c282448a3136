import type { SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from './client.ts';

export type TopicMessage = {
  /** The subject of an e-mail: printable ASCII, at most 100 characters. */
  readonly subject: string;
  readonly text: string;
  /** For filter policies of subscriptions. */
  readonly attributes: Readonly<Record<string, string>>;
};

/** A topic of this stack. */
export interface Topic {
  publish(message: TopicMessage): Promise<void>;
}

/** Topics of the team's own, listed at deploy. */
export interface TeamTopics {
  readonly arns: readonly string[];
  publish(topicArn: string, message: TopicMessage): Promise<void>;
}

/** A topic is told where it lives: its ARN names the region. */
const clients = new Map<string, SNSClient>();

const publish = async (TopicArn: string, { subject, text, attributes }: TopicMessage): Promise<void> => {
  const sdk = await import('./sdk/sns.aws.ts');
  const region = TopicArn.split(':')[3] ?? '';
  const client =
    clients.get(region) ?? new sdk.SNSClient({ ...clientSettings, ...(region !== '' && { region }) });
  clients.set(region, client);
  await client.send(
    new sdk.PublishCommand({
      TopicArn,
      Subject: subject,
      Message: text,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );
};

export const openTopic = (arn: string): Topic => ({ publish: (message) => publish(arn, message) });

/** `address` is the comma-separated list of ARNs that were listed at deploy; `*` stands for any. */
export const openTeamTopics = (address: string): TeamTopics => ({
  arns: address.split(',').filter(Boolean),
  publish,
});

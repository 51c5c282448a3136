import type { LocalStack } from '../assembly.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Subscriber } from '../messaging/topics.ts';
import type { ParameterDefinition } from '../secrets/parameters.ts';
import type { SecretDefinition } from '../secrets/secrets.ts';
import type { Dynamo } from '../tables/dynalite.ts';
import { ensureTable, type TableDefinition, tableFrom } from '../tables/tables.ts';
import type { ResolvedResource } from '../template/resolve.ts';

/** Attributes of a queue under the names the SQS API has for them. */
const queueAttributes: Readonly<Record<string, string>> = {
  VisibilityTimeout: 'VisibilityTimeout',
  DelaySeconds: 'DelaySeconds',
  MaximumMessageSize: 'MaximumMessageSize',
  MessageRetentionPeriod: 'MessageRetentionPeriod',
  ReceiveMessageWaitTimeSeconds: 'ReceiveMessageWaitTimeSeconds',
  FifoQueue: 'FifoQueue',
  ContentBasedDeduplication: 'ContentBasedDeduplication',
  DeduplicationScope: 'DeduplicationScope',
  FifoThroughputLimit: 'FifoThroughputLimit',
  RedrivePolicy: 'RedrivePolicy',
};

const attributesOf = ({ properties }: ResolvedResource): Record<string, string> =>
  Object.fromEntries(
    Object.entries(queueAttributes).flatMap(([property, attribute]) => {
      const value = properties[property];
      if (value === undefined || value === null) return [];
      return [[attribute, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );

/** Makes queues, topics and buckets of the template; what is in them from an earlier run stays. */
export const provisionMessaging = async (local: LocalStack, messaging: Messaging): Promise<void> => {
  const queues = local.ofType('AWS::SQS::Queue');
  await Promise.all(
    queues.map((queue) =>
      messaging.createQueue({
        name: local.attributeOf(queue, 'QueueName'),
        arn: local.attributeOf(queue),
        url: local.refOf(queue),
        attributes: attributesOf(queue),
      }),
    ),
  );
  for (const topic of local.ofType('AWS::SNS::Topic')) {
    await messaging.createTopic({ name: local.attributeOf(topic, 'TopicName'), attributes: {} });
  }
  for (const { properties } of local.ofType('AWS::SNS::Subscription')) {
    if (properties.Protocol !== 'sqs') continue;
    await messaging.subscribe({
      topicArn: String(properties.TopicArn),
      protocol: 'sqs',
      endpoint: String(properties.Endpoint),
      attributes: properties.RawMessageDelivery === true ? { RawMessageDelivery: 'true' } : {},
    });
  }
  for (const bucket of local.ofType('AWS::S3::Bucket'))
    await messaging.createBucket({ name: local.refOf(bucket) });
};

/** Who waits for e-mail or SMS of a topic: neither is delivered on one machine. */
export const subscribers = (local: LocalStack): readonly Subscriber[] =>
  local
    .ofType('AWS::SNS::Subscription')
    .filter(({ properties }) => /^(email(-json)?|sms)$/.test(String(properties.Protocol)))
    .map(({ properties }) => ({
      topicArn: String(properties.TopicArn),
      protocol: String(properties.Protocol),
      endpoint: String(properties.Endpoint),
    }));

/** What people call the topics of the stack, by ARN. */
export const topicNames = (local: LocalStack): ReadonlyMap<string, string> =>
  new Map(
    local
      .ofType('AWS::SNS::Topic')
      .map((topic) => [
        local.refOf(topic),
        String(topic.properties.DisplayName ?? local.attributeOf(topic, 'TopicName')),
      ]),
  );

export const provisionTables = async (
  local: LocalStack,
  dynamo: Dynamo,
  folder: string,
): Promise<readonly TableDefinition[]> => {
  const tables = local
    .ofType('AWS::DynamoDB::Table')
    .map((table) => tableFrom(local.refOf(table), table.properties));
  await Promise.all(tables.map((table) => ensureTable(dynamo, table, folder)));
  return tables;
};

export const readSecrets = (local: LocalStack): readonly SecretDefinition[] =>
  local.ofType('AWS::SecretsManager::Secret').map((secret) => {
    const arn = local.refOf(secret);
    const name =
      arn
        .split(':')
        .at(-1)
        ?.replace(/-[^-]{6}$/, '') ?? arn;
    return { arn, name, properties: secret.properties };
  });

export const readParameters = (local: LocalStack): readonly ParameterDefinition[] =>
  local.ofType('AWS::SSM::Parameter').map((parameter) => ({
    name: local.refOf(parameter),
    type: String(parameter.properties.Type ?? 'String'),
    value: String(parameter.properties.Value ?? ''),
  }));

import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Stack } from './stack.ts';

/** What an operator does with queues, through the AWS SDK. */

export type QueueName =
  | 'Slots'
  | 'VpcSlots'
  | 'PlanChanges'
  | 'Signals'
  | 'SlotsDead'
  | 'PlanChangesDead'
  | 'MissedTicks';

const urlOf = ({ host }: Stack, name: QueueName): string => {
  const queue = host.stack
    .ofType('AWS::SQS::Queue')
    .find(({ logicalId }) => new RegExp(`^${name}[0-9A-F]{8}$`).test(logicalId));
  if (!queue) throw new Error(`the stack has no queue ${name}`);
  return host.stack.refOf(queue);
};

const withClient = async <T>({ host }: Stack, work: (client: SQSClient) => Promise<T>): Promise<T> => {
  const client = new SQSClient(host.aws);
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};

/** Sends without waiting for what it sets off. */
export const send = (stack: Stack, name: QueueName, bodies: readonly string[]): Promise<unknown> =>
  withClient(stack, (client) =>
    Promise.all(
      bodies.map((MessageBody) =>
        client.send(new SendMessageCommand({ QueueUrl: urlOf(stack, name), MessageBody })),
      ),
    ),
  );

/** Takes everything out of a queue that no function reads, and gives the bodies. */
const drain = (stack: Stack, name: QueueName): Promise<readonly string[]> =>
  withClient(stack, async (client) => {
    const QueueUrl = urlOf(stack, name);
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return bodies;
      for (const { Body = '', ReceiptHandle } of Messages) {
        bodies.push(Body);
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  });

/** Moves dead letters back to where they died, and gives their bodies. */
export const redrive = async (stack: Stack, from: QueueName, to: QueueName): Promise<readonly string[]> => {
  const bodies = await drain(stack, from);
  await send(stack, to, bodies);
  await stack.host.settle();
  return bodies;
};

/** Dead-letter queues that hold anything, with how much. */
export const deadLetters = async ({ host }: Stack): Promise<Readonly<Record<string, number>>> => {
  const depths = Object.entries(await host.queues()).map(
    ([name, { ready, delayed, inFlight }]) => [name, ready + delayed + inFlight] as const,
  );
  return Object.fromEntries(depths.filter(([name, count]) => /Dead|MissedTicks/.test(name) && count > 0));
};

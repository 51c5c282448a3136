import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SQSEvent } from 'aws-lambda';

export type Sent = {
  readonly queue: string;
  readonly body: Record<string, unknown>;
  readonly delaySeconds: number;
};

type Batch = { QueueUrl: string; Entries: { Id: string; MessageBody: string; DelaySeconds: number }[] };

/** A queue service on loopback that keeps what was sent. Handlers find it through the environment. */
export const startQueues = async (names: Readonly<Record<string, string>>) => {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { QueueUrl, Entries } = JSON.parse(Buffer.concat(chunks).toString()) as Batch;
    for (const { MessageBody, DelaySeconds } of Entries) {
      sent.push({
        queue: QueueUrl.split('/').at(-1) ?? '',
        body: JSON.parse(MessageBody),
        delaySeconds: DelaySeconds,
      });
    }
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    const Successful = Entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    response.end(JSON.stringify({ Successful, Failed: [] }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ENDPOINT_URL_SQS = url;
  for (const [variable, name] of Object.entries(names)) process.env[variable] = `${url}/123456789012/${name}`;
  return {
    sent,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

/** What an event source mapping hands to a function. */
export const sqsEvent = (bodies: readonly unknown[]): SQSEvent =>
  ({
    Records: bodies.map((body, at) => ({
      messageId: `message-${at}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  }) as unknown as SQSEvent;

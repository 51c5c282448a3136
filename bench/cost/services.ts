import { createHash } from 'node:crypto';
import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;

/** What AWS would bill of the calls so far. */
export type Billed = { writeUnits: number; readUnits: number; sqsRequests: number; events: number };

export type Services = {
  readonly url: string;
  readonly billed: Billed;
  reset(): void;
  close(): void;
};

/** About what DynamoDB, SQS and EventBridge take inside a region. */
const serviceDelayMs = 4;

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
};

const textOf = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

type Entry = { Id: string; MessageBody: string };
const accepted = ({ Id, MessageBody }: Entry) => ({
  Id,
  MessageId: Id,
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});

/** Answers of SQS and EventBridge, which always take everything. */
const takeAll = (operation: string, text: string, billed: Billed): object => {
  const { Entries = [] } = JSON.parse(text) as { Entries?: Entry[] };
  if (operation === 'SendMessageBatch') {
    // A request is billed by each 64 KB.
    billed.sqsRequests += Math.max(1, Math.ceil(text.length / 65_536));
    return { Successful: Entries.map(accepted), Failed: [] };
  }
  if (operation === 'PutEvents') {
    billed.events += Entries.length;
    return { FailedEntryCount: 0, Entries: Entries.map((_, at) => ({ EventId: String(at) })) };
  }
  throw new Error(`the bench knows no ${operation}`);
};

const addUp = (consumed: unknown, billed: Billed, isWrite: boolean, least: number): void => {
  for (const one of [consumed ?? []].flat() as { CapacityUnits?: number }[]) {
    billed[isWrite ? 'writeUnits' : 'readUnits'] += Math.max(one.CapacityUnits ?? 0, least);
  }
};

/** DynamoDB bills a query that finds nothing as one that finds little; dynalite counts nothing. */
const leastUnits = (operation: string, text: string): number => {
  if (operation !== 'Query') return 0;
  return (JSON.parse(text) as { ConsistentRead?: boolean }).ConsistentRead ? 1 : 0.5;
};

/** DynamoDB (dynalite, with its own count of capacity), SQS and EventBridge behind one address. */
export const startServices = async (): Promise<Services> => {
  const database = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const databasePort = await listening(database);
  const billed: Billed = { writeUnits: 0, readUnits: 0, sqsRequests: 0, events: 0 };
  const server = createServer(async (message, answer) => {
    const text = await textOf(message);
    const [service = '', operation = ''] = String(message.headers['x-amz-target']).split('.');
    const reply = (status: number, body: string) =>
      setTimeout(() => {
        answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
      }, serviceDelayMs);
    if (!service.startsWith('DynamoDB')) {
      reply(200, JSON.stringify(takeAll(operation, text, billed)));
      return;
    }
    const counted = JSON.stringify({ ...JSON.parse(text), ReturnConsumedCapacity: 'TOTAL' });
    const { host: _host, 'content-length': _length, ...headers } = message.headers;
    const asked = forward(
      { port: databasePort, host: '127.0.0.1', method: 'POST', path: '/', headers },
      async (got) => {
        const body = await textOf(got);
        const isWrite = /^(Put|Update|Delete)/.test(operation);
        addUp(JSON.parse(body).ConsumedCapacity, billed, isWrite, leastUnits(operation, text));
        reply(got.statusCode ?? 500, body);
      },
    );
    asked.end(counted);
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  return {
    url,
    billed,
    reset: () => Object.assign(billed, { writeUnits: 0, readUnits: 0, sqsRequests: 0, events: 0 }),
    close: () => {
      for (const one of [server, database]) {
        one.close();
        one.closeAllConnections();
      }
    },
  };
};

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { systemClock } from '../../shared/platform/clock.ts';
import type { EventDetails, EventType } from '../../shared/platform/events.ts';
import { dueIndex, openTable, type Table } from '../../shared/storage/index.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;

/** An event as it arrived at the bus. */
export type Arrived = { readonly type: EventType; readonly detail: EventDetails[EventType] };

/**
 * The services that functions reach, on loopback: DynamoDB by dynalite, and a bus and a secret that this file holds.
 * Handlers find them through the same environment that a deployment sets.
 */
export type Cloud = {
  readonly state: Table;
  readonly telemetry: Table;
  /** What arrived on the bus, oldest first. */
  readonly arrived: Arrived[];
  /** Whether the bus answers. */
  bus: 'open' | 'down';
  close(): Promise<void>;
};

export const adminToken = 'Adm1n0123456789abcdefghijklmnopqrstuvwxyzAB';

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const closed = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

export const createTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        { AttributeName: 'due', AttributeType: 'S' },
        { AttributeName: 'dueAt', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: dueIndex,
          KeySchema: [
            { AttributeName: 'due', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  await waitUntilTableExists(
    { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
    { TableName: name },
  );
};

export const startCloud = async (settings: Readonly<Record<string, string>> = {}): Promise<Cloud> => {
  const database = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const cloud: Pick<Cloud, 'arrived' | 'bus'> = { arrived: [], bus: 'open' };
  const services = createServer(async (request, response) => {
    const input = JSON.parse(await textOf(request)) as {
      Entries?: { DetailType: EventType; Detail: string }[];
    };
    const isBus = String(request.headers['x-amz-target']).endsWith('PutEvents');
    const failing = isBus && cloud.bus === 'down';
    response.writeHead(failing ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    if (failing) return response.end(JSON.stringify({ __type: 'ValidationException', message: 'down' }));
    if (!isBus) return response.end(JSON.stringify({ SecretString: adminToken }));
    const entries = (input.Entries ?? []).map(({ DetailType, Detail }, at) => {
      cloud.arrived.push({ type: DetailType, detail: JSON.parse(Detail) });
      return { EventId: `event-${at}` };
    });
    return response.end(JSON.stringify({ FailedEntryCount: 0, Entries: entries }));
  });
  const [databaseUrl, servicesUrl] = [await listening(database), await listening(services)];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: servicesUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: servicesUrl,
    HOMEOSTAT_ACCOUNT_ID: '123456789012',
    HOMEOSTAT_STATE: 'state',
    HOMEOSTAT_TELEMETRY: 'telemetry',
    HOMEOSTAT_BUS: 'bus',
    HOMEOSTAT_ADMIN_TOKEN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:admin',
    HOMEOSTAT_ALLOWED_PRIVATE_RANGES: '127.0.0.0/8',
    HOMEOSTAT_VPC_RUNNER: 'false',
    HOMEOSTAT_DEFAULT_INTERVAL_SECONDS: '60',
    ...settings,
  });
  const client = new DynamoDBClient({});
  await Promise.all([createTable(client, 'state'), createTable(client, 'telemetry')]);
  return Object.assign(cloud, {
    state: openTable('state', systemClock, { client }),
    telemetry: openTable('telemetry', systemClock, { client }),
    async close() {
      for (const name of ['state', 'telemetry'])
        await client.send(new DeleteTableCommand({ TableName: name }));
      client.destroy();
      await Promise.all([closed(database), closed(services)]);
    },
  });
};

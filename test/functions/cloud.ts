import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
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

export type Started = { readonly machine: string; readonly input: unknown };

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
  /** Bodies of the messages that arrived in any queue, oldest first, with the queue's name. */
  readonly sent: { readonly queue: string; readonly body: Readonly<Record<string, unknown>> }[];
  /** Executions that were started, by name, with what each was given. A name starts once. */
  readonly executions: Map<string, Started>;
  /** Answers to steps that wait, oldest first. */
  readonly answers: { readonly token: string; readonly output: unknown }[];
  /** Names of the secrets that are there for checks. */
  readonly secrets: Set<string>;
  /** What of these can be read, by name. */
  readonly secretValues: Map<string, string>;
  /** What an invoked function answers; it gets the payload. Throwing is its failure. */
  invoked: (name: string, payload: Readonly<Record<string, unknown>>) => unknown;
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

type Services = Pick<
  Cloud,
  'arrived' | 'sent' | 'secrets' | 'secretValues' | 'invoked' | 'executions' | 'answers'
>;
/** What of the inputs of those services is looked at here. */
type Input = {
  readonly Entries: readonly {
    readonly DetailType: EventType;
    readonly Detail: string;
    readonly Id: string;
    readonly MessageBody: string;
  }[];
  readonly QueueUrl: string;
  readonly Name: string;
  readonly ParameterFilters: readonly { readonly Values: readonly string[] }[];
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  readonly taskToken: string;
  readonly output: string;
};
type Operation = (input: Input, services: Services) => object;

const secretValue: Operation = () => ({ SecretString: adminToken });
const secretsPath = '/homeostat/test/';

const operations: Readonly<Record<string, Operation>> = {
  PutEvents: (input, { arrived }) => {
    const Entries = input.Entries.map(({ DetailType, Detail }, at) => {
      arrived.push({ type: DetailType, detail: JSON.parse(Detail) });
      return { EventId: `event-${at}` };
    });
    return { FailedEntryCount: 0, Entries };
  },
  SendMessageBatch: (input, { sent }) => {
    const queue = input.QueueUrl.split('/').at(-1) ?? '';
    const Successful = input.Entries.map(({ Id, MessageBody }) => {
      sent.push({ queue, body: JSON.parse(MessageBody) });
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
      return { Id, MessageId: Id, MD5OfMessageBody };
    });
    return { Successful };
  },
  StartExecution: ({ stateMachineArn, name, input }, { executions }) => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    // The very same call again succeeds, as Step Functions has it while the execution runs.
    if (!executions.has(name))
      executions.set(name, { machine: stateMachineArn.split(':').at(-1) ?? '', input: JSON.parse(input) });
    return { executionArn, startDate: 1_790_000_000 };
  },
  SendTaskSuccess: ({ taskToken, output }, { answers }) => {
    answers.push({ token: taskToken, output: JSON.parse(output) });
    return {};
  },
  GetParameter: ({ Name }, { secretValues }) => {
    const Value = secretValues.get(Name.slice(secretsPath.length));
    return Value === undefined ? { __type: 'ParameterNotFound' } : { Parameter: { Name, Value } };
  },
  DescribeParameters: (input, { secrets }) => ({
    Parameters: input.ParameterFilters.flatMap(({ Values }) =>
      Values.filter((name) => secrets.has(name.slice(secretsPath.length))).map((Name) => ({ Name })),
    ),
  }),
};

const answerInvoke = (
  { invoked }: Services,
  name: string,
  payload: Record<string, unknown>,
  response: ServerResponse,
): void => {
  try {
    const answer = JSON.stringify(invoked(name, payload));
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  } catch (error) {
    const errorMessage = (error as Error).message;
    response
      .writeHead(200, { 'content-type': 'application/json', 'x-amz-function-error': 'Unhandled' })
      .end(JSON.stringify({ errorMessage }));
  }
};

export const startCloud = async (settings: Readonly<Record<string, string>> = {}): Promise<Cloud> => {
  const database = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const cloud: Omit<Cloud, 'state' | 'telemetry' | 'close'> = {
    arrived: [],
    bus: 'open',
    sent: [],
    executions: new Map(),
    answers: [],
    secrets: new Set(),
    secretValues: new Map(),
    invoked: (name) => {
      throw new Error(`no test answers for the function ${name}`);
    },
  };
  const services = createServer(async (request, response) => {
    const input = JSON.parse((await textOf(request)) || '{}');
    const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1];
    if (invoked !== undefined) return answerInvoke(cloud, decodeURIComponent(invoked), input, response);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const isDown = operation === 'PutEvents' && cloud.bus === 'down';
    const answer = isDown
      ? { __type: 'ValidationException', message: 'down' }
      : (operations[operation] ?? secretValue)(input, cloud);
    response.writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    return response.end(JSON.stringify(answer));
  });
  const [databaseUrl, servicesUrl] = [await listening(database), await listening(services)];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: servicesUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: servicesUrl,
    AWS_ENDPOINT_URL_SQS: servicesUrl,
    AWS_ENDPOINT_URL_SSM: servicesUrl,
    AWS_ENDPOINT_URL_LAMBDA: servicesUrl,
    AWS_ENDPOINT_URL_SFN: servicesUrl,
    HOMEOSTAT_SLOTS: `${servicesUrl}/123456789012/slots`,
    HOMEOSTAT_INCIDENTS: `${servicesUrl}/123456789012/incidents.fifo`,
    HOMEOSTAT_LINK_KEY: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:link-key',
    HOMEOSTAT_PUBLIC_URL: 'https://homeostat.example.com',
    HOMEOSTAT_TEAM_TOPIC_ARNS: '',
    HOMEOSTAT_EMAIL_IDENTITY_NAMES: '',
    HOMEOSTAT_CHECK_SECRETS: secretsPath,
    HOMEOSTAT_TESTER: 'tester',
    HOMEOSTAT_PLANNER: 'planner',
    HOMEOSTAT_WORKFLOWS: 'arn:aws:states:eu-central-1:123456789012:stateMachine:Homeostat-',
    HOMEOSTAT_CHECK_SECRET_NAMES: '*',
    HOMEOSTAT_TEAM_FUNCTION_ARNS: 'arn:aws:lambda:eu-central-1:123456789012:function:probe',
    HOMEOSTAT_AWS_SERVICES: 'ec2',
    HOMEOSTAT_ACCOUNT_ID: '123456789012',
    HOMEOSTAT_STATE: 'state',
    HOMEOSTAT_TELEMETRY: 'telemetry',
    HOMEOSTAT_BUS: 'bus',
    HOMEOSTAT_ADMIN_TOKEN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:admin',
    HOMEOSTAT_ALLOWED_PRIVATE_RANGES: '127.0.0.0/8',
    HOMEOSTAT_ACTION_KINDS: 'ecs-redeploy',
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

import { type ChildProcess, spawn } from 'node:child_process';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { dynamoDbLocal } from '../installed.ts';

/** Something that speaks DynamoDB on loopback; each suite runs once on dynalite and once on DynamoDB Local. */
export type Engine = { readonly client: DynamoDBClient; readonly stop: () => Promise<void> };

export const startEngine = (): Promise<Engine> =>
  process.env.HOMEOSTAT_STORAGE_ENGINE === 'dynamodb-local' ? startLocal() : startDynalite();

const clientOf = (port: number): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 2,
  });

const listening = async (server: Pick<Server, 'listen' | 'address'>): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
};

export const startDynalite = async (): Promise<Engine> => {
  const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const client = clientOf(await listening(server));
  const stop = async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise<void>((closed) => server.close(() => closed()));
  };
  return { client, stop };
};

const startLocal = async (): Promise<Engine> => {
  const folder = dynamoDbLocal();
  if (!folder)
    throw new Error('DynamoDB Local is not installed: name its folder in DYNAMODB_LOCAL (needs Java 17)');
  const probe = createServer() as unknown as Server;
  const port = await listening(probe);
  await new Promise<void>((closed) => probe.close(() => closed()));
  const java = spawn(
    'java',
    [
      '-Xmx256m',
      '-Djava.library.path=./DynamoDBLocal_lib',
      '-jar',
      'DynamoDBLocal.jar',
      '-inMemory',
      '-port',
      `${port}`,
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const client = clientOf(port);
  await untilAnswering(client, java);
  const stop = async () => {
    client.destroy();
    const ended = new Promise<void>((resolve) => java.once('exit', () => resolve()));
    java.kill();
    await ended;
  };
  return { client, stop };
};

const untilAnswering = async (client: DynamoDBClient, java: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < 150; tries++) {
    if (java.exitCode !== null)
      throw new Error(`DynamoDB Local ended with code ${java.exitCode}: is Java 17 there?`);
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch {
      await new Promise<void>((done) => setTimeout(done, 200));
    }
  }
  throw new Error('DynamoDB Local did not answer within 30 s');
};

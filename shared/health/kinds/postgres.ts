import type { Socket } from 'node:net';
import type { CustomTypesConfig, QueryArrayConfig } from 'pg';
import type { Attempt } from '../probing/attempt.ts';
import { DriverStream, saidBy } from '../probing/driver-stream.ts';
import { fromSocketError, TargetFailed } from '../probing/outcome.ts';
import { postgresFrames } from '../probing/postgres-frames.ts';
import { withSecrets } from '../probing/secret-references.ts';
import { judgeValue } from './database-answer.ts';
import {
  type DatabaseConfig,
  databaseEndpoint,
  databaseFields,
  databaseSecretFields,
  databaseTls,
  nameSchema,
  querySchema,
} from './database-config.ts';
import { type HostPort, hostPortField } from './host-port.ts';
import { type CheckKind, ofConnections } from './kind.ts';
import { requireTls } from './tls-fields.ts';

type PostgresConfig = DatabaseConfig & {
  readonly username: string;
  /** The user's own, when left out. */
  readonly database?: string | undefined;
  readonly query?: string | undefined;
};

const usualPort = 5432;
const usualQuery = 'SELECT 1';

/** Healthy when PostgreSQL lets the user in and answers a query that only reads. */
export const postgres: CheckKind = {
  placeholders: ['VALUE', ...ofConnections],
  secretFields: databaseSecretFields,
  definition: (z) => ({
    target: hostPortField(z, usualPort),
    config: z
      .strictObject({
        username: nameSchema(z),
        database: nameSchema(z).optional(),
        query: querySchema(z, usualQuery),
        ...databaseFields(z),
      })
      .superRefine(requireTls),
  }),

  load: () => import('pg'),

  async probe({ target, config: given, timeoutSeconds }, attempt) {
    const endpoint = databaseEndpoint(target, usualPort);
    const config = await withSecrets(given as PostgresConfig, attempt.ports);
    // Loaded before the clock starts; from the connection on nothing may wait, or what the server says is missed.
    const { default: pg } = await import('pg');
    const startedAt = performance.now();
    const stream = new DriverStream(await open(endpoint, config, attempt), {
      protocol: 'PostgreSQL',
      gate: postgresFrames(),
    });
    const client = new pg.Client({
      ...endpoint,
      user: config.username,
      database: config.database ?? config.username,
      // As a function: without a password the driver would look for one in the files of whoever runs it.
      password: () => config.password ?? '',
      ssl: false,
      stream: () => stream,
      application_name: 'homeostat',
      types: { getTypeParser: parserOf as CustomTypesConfig['getTypeParser'] },
    });
    // What goes wrong reaches the pending call as well; without a listener it would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      // The server gives up too: a query must not run on there after nobody waits for it.
      await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutSeconds * 1000}`);
      const askedAt = performance.now();
      const answer = await client.query<unknown[]>(oneStatement(config.query ?? usualQuery));
      attempt.measured('firstByte', performance.now() - askedAt);
      attempt.measured('total', performance.now() - startedAt);
      return judgeValue(answer.rows[0]?.[0], config.expected, 'the query', attempt);
    } catch (error) {
      throw saidBy('PostgreSQL', error, attempt);
    } finally {
      client.end().catch(() => {});
    }
  },
};

/** The extended protocol takes one statement only, so nothing after a semicolon can end the transaction. */
const oneStatement = (text: string): QueryArrayConfig & { queryMode: 'extended' } => ({
  text,
  rowMode: 'array',
  queryMode: 'extended',
});

/** A connection on which PostgreSQL waits for its first message, with TLS begun where it is wanted. */
const open = async (endpoint: HostPort, config: PostgresConfig, attempt: Attempt): Promise<Socket> => {
  const plain = await attempt.connect(endpoint);
  const tls = databaseTls(config);
  if (!tls) return plain;
  await askForTls(plain);
  return attempt.upgrade(plain, endpoint.host, tls);
};

/** Length 8 and the code that stands in place of a protocol version (PostgreSQL documentation, SSLRequest). */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

const askForTls = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('close', () => reject(new TargetFailed('the connection was closed before TLS began')));
    socket.once('error', (error) => reject(fromSocketError(error, 'answer')));
    socket.once('data', (answer: Buffer) => {
      socket.pause();
      // More than the one byte was sent in the clear, where anyone on the way could have put it.
      if (answer.toString('latin1') === 'S') resolve();
      else if (answer[0] === 'N'.charCodeAt(0)) reject(new TargetFailed('PostgreSQL offers no TLS here'));
      else reject(new TargetFailed("the server's answer is not PostgreSQL"));
    });
    socket.write(sslRequest);
  });

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => {
  const number = Number(text);
  // Beyond what a number holds exactly, the text says more.
  return Number.isFinite(number) && (Number.isSafeInteger(number) || text.includes('.')) ? number : text;
};
const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** By the numbers of pg_type: what conditions can compare as numbers, truths and JSON; the rest is text. */
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map([
  [16, (text: string) => text === 't'],
  ...[20, 21, 23, 26, 700, 701, 1700].map((oid) => [oid, asNumber] as const),
  [114, asJson],
  [3802, asJson],
]);
const parserOf = (oid: number) => parsers.get(oid) ?? asText;

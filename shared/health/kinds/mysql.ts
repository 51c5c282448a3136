import type { Socket } from 'node:net';
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2';
import type { Attempt } from '../probing/attempt.ts';
import { DriverStream, saidBy } from '../probing/driver-stream.ts';
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

type MysqlConfig = DatabaseConfig & {
  readonly username: string;
  readonly database?: string | undefined;
  readonly query?: string | undefined;
};

const usualPort = 3306;
const usualQuery = 'SELECT 1';

/** Healthy when MySQL or MariaDB lets the user in and answers a query that only reads. */
export const mysql: CheckKind = {
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

  load: () => import('mysql2'),

  async probe({ target, config: given, timeoutSeconds }, attempt) {
    const endpoint = databaseEndpoint(target, usualPort);
    const config = await withSecrets(given as MysqlConfig, attempt.ports);
    // Loaded before the clock starts; from the connection on nothing may wait, or what the server says is missed.
    // By its default export: in a bundle a CommonJS package that is imported when first used has no other.
    const { default: driver } = await import('mysql2');
    const startedAt = performance.now();
    const connection = open(
      driver.createConnection,
      await attempt.connect(endpoint),
      endpoint,
      config,
      attempt,
    );
    try {
      const version = await greeting(connection);
      await ask(connection, `SET SESSION ${timeLimit(version, timeoutSeconds)}`).catch(unknownVariable);
      // For the session: inside START TRANSACTION READ ONLY, MariaDB commits first and then creates a table.
      await ask(connection, 'SET SESSION TRANSACTION READ ONLY');
      const askedAt = performance.now();
      const rows = await ask(connection, config.query ?? usualQuery);
      attempt.measured('firstByte', performance.now() - askedAt);
      attempt.measured('total', performance.now() - startedAt);
      return judgeValue(firstValue(rows), config.expected, 'the query', attempt);
    } catch (error) {
      throw saidBy('MySQL', error, attempt);
    } finally {
      connection.end(() => {});
    }
  },
};

/** The driver begins TLS inside its handshake by this method, over a socket and with a context of its own making. */
type Securable = { startTLS(onSecure: (error?: Error) => void): void };

const open = (
  createConnection: (options: ConnectionOptions) => Connection,
  socket: Socket,
  endpoint: HostPort,
  config: MysqlConfig,
  attempt: Attempt,
): Connection => {
  const tls = databaseTls(config);
  const stream = new DriverStream(socket, { protocol: 'MySQL' });
  const connection = createConnection({
    ...endpoint,
    stream: () => stream,
    user: config.username,
    ...(config.password !== undefined && { password: config.password }),
    ...(config.database !== undefined && { database: config.database }),
    ...(tls && { ssl: { rejectUnauthorized: tls.verify, verifyIdentity: tls.verify } }),
    // The attempt has its own deadline.
    connectTimeout: 0,
    enableKeepAlive: false,
    rowsAsArray: true,
    dateStrings: true,
    decimalNumbers: true,
    supportBigNumbers: true,
    // A server chooses the names of its columns; no code is made of them.
    disableEval: true,
    // Nor may it ask for files of ours.
    flags: ['-LOCAL_FILES', '-COMPRESS'],
  });
  if (tls) {
    (connection as unknown as Securable).startTLS = (onSecure) => {
      stream.replace((plain) => attempt.upgrade(plain, endpoint.host, tls)).then(() => onSecure(), onSecure);
    };
  }
  // What goes wrong reaches the pending call as well; without a listener it would end the process.
  connection.on('error', () => {});
  return connection;
};

/** The server's version, once it has let the user in. */
const greeting = (connection: Connection): Promise<string> =>
  new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.once('connect', ({ serverVersion }: { serverVersion?: string }) =>
      resolve(serverVersion ?? ''),
    );
  });

/** The server gives up too: a query must not run on there after nobody waits for it. Each family has its own name for it. */
const timeLimit = (version: string, seconds: number): string =>
  /mariadb/i.test(version) ? `max_statement_time = ${seconds}` : `max_execution_time = ${seconds * 1000}`;

/** Versions before such a limit, and proxies, do not know it. */
const unknownVariable = (error: { readonly code?: string }): void => {
  if (error.code !== 'ER_UNKNOWN_SYSTEM_VARIABLE') throw error;
};

const ask = (connection: Connection, sql: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
  });

const firstValue = (rows: unknown): unknown => {
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  const value: unknown = Array.isArray(row) ? row[0] : undefined;
  return Buffer.isBuffer(value) ? value.toString('utf8') : value;
};

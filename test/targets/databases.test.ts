import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCondition } from '../../shared/health/conditions/parse.ts';
import type { PlanEntry } from '../../shared/health/plan.ts';
import { look, secretsPort } from '../domain/health/look.ts';
import { openTargets } from '../domain/health/servers.ts';
import { lookBundled } from './bundled.ts';
import { type Certificates, makeCertificates } from './servers/certificates.ts';
import {
  type Database,
  password,
  startMariadb,
  startPostgres,
  startRedis,
  username,
} from './servers/databases.ts';

const quiet = openTargets();
const ports = secretsPort({ RIGHT: password, WRONG: 'not-the-password' });
const secret = (name: string): string => `\${secret:${name}}`;
const [right, wrong] = [secret('RIGHT'), secret('WRONG')];

let certificates: Certificates;
let postgres: Database;
let mariadb: Database;
let redis: Database & { tlsPort: number };
let closedPort: number;
let silentPort: number;
const started: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  certificates = makeCertificates();
  const { proper } = certificates;
  const starting = [startPostgres(proper), startMariadb(proper), startRedis(proper)] as const;
  for (const one of starting)
    one.then(
      (server) => started.push(server),
      () => {},
    );
  [postgres, mariadb, redis] = await Promise.all(starting);
  closedPort = await quiet.closedPort();
  silentPort = await quiet.tcp(() => {});
});

afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()));
  await quiet.close();
});

type Row = {
  readonly what: string;
  readonly config: Record<string, unknown>;
  readonly reason: string | null;
};
const statusOf = (reason: string | null) => (reason === null ? 'healthy' : 'unhealthy');
const ask = (type: string, port: number, config: Record<string, unknown>, given: Partial<PlanEntry> = {}) =>
  look({ type, target: `127.0.0.1:${port}`, config, ...given }, { ports });

const phases = expect.objectContaining({
  connect: expect.any(Number),
  firstByte: expect.any(Number),
  total: expect.any(Number),
});

describe('PostgreSQL', () => {
  const who = { username, password: right, database: 'postgres' };
  test.each<Row>([
    { what: 'lets the user in', config: who, reason: null },
    {
      what: 'answers what is expected',
      config: { ...who, query: 'SELECT 40 + 2', expected: 42 },
      reason: null,
    },
    {
      what: 'answers a truth',
      config: { ...who, query: 'SELECT pg_is_in_recovery()', expected: false },
      reason: null,
    },
    {
      what: 'answers something else',
      config: { ...who, query: "SELECT 'replica'", expected: 'primary' },
      reason: 'the query gave "replica", expected "primary"',
    },
    {
      what: 'answers no row',
      config: { ...who, query: 'SELECT 1 WHERE false', expected: 1 },
      reason: 'the query gave no row, expected 1',
    },
    {
      what: 'refuses the password',
      config: { ...who, password: wrong },
      reason: 'PostgreSQL: password authentication failed for user "monitor" (28P01)',
    },
    {
      what: 'knows no such database',
      config: { ...who, database: 'nowhere' },
      reason: 'PostgreSQL: database "nowhere" does not exist (3D000)',
    },
    {
      what: 'refuses a query that is wrong',
      config: { ...who, query: 'SELECT * FROM orders' },
      reason: 'PostgreSQL: relation "orders" does not exist (42P01)',
    },
    {
      what: 'refuses to write',
      config: { ...who, query: 'SELECT 1 AS id INTO orders' },
      reason: 'PostgreSQL: cannot execute SELECT INTO in a read-only transaction (25006)',
    },
    {
      what: 'takes one statement only',
      config: { ...who, query: 'SELECT 1; COMMIT; CREATE TABLE orders (id int)' },
      reason: 'PostgreSQL: cannot insert multiple commands into a prepared statement (42601)',
    },
    {
      what: 'sends more than one value should have',
      config: { ...who, query: "SELECT repeat('x', 1000000)" },
      reason: 'the server sent more than 256 KiB: ask for less in the query',
    },
  ])('$what', async ({ config, reason }) => {
    expect(await ask('postgres', postgres.port, config)).toMatchObject({ status: statusOf(reason), reason });
  });

  test('tells how long each phase took', async () => {
    expect((await ask('postgres', postgres.port, who)).phases).toEqual(phases);
  });

  test('speaks TLS where it is asked for, and its certificate is verified against the host', async () => {
    const tls = {
      ...who,
      tls: true,
      query: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      expected: true,
    };
    const trusted = { ...tls, certificateAuthorities: certificates.authority };
    expect(await ask('postgres', postgres.port, trusted)).toMatchObject({ status: 'healthy', reason: null });
    expect(await ask('postgres', postgres.port, { ...tls, verifyTls: false })).toMatchObject({
      reason: null,
    });
    expect(await ask('postgres', postgres.port, tls)).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: unable to verify the first certificate',
    });
  });

  test('judges conditions on the value, and says the actual one', async () => {
    const conditions = [parseCondition('[VALUE] < 5')];
    const query = 'SELECT 7::bigint';
    expect(await ask('postgres', postgres.port, { ...who, query }, { conditions })).toMatchObject({
      status: 'unhealthy',
      reason: expect.stringContaining('7'),
    });
    const few = 'SELECT 4::numeric';
    expect(await ask('postgres', postgres.port, { ...who, query: few }, { conditions })).toMatchObject({
      reason: null,
    });
  });

  test('gives up a query at the deadline, as a failure of the target', async () => {
    const seen = await ask(
      'postgres',
      postgres.port,
      { ...who, query: 'SELECT pg_sleep(30)' },
      { timeoutSeconds: 1 },
    );
    expect(seen).toMatchObject({ status: 'unhealthy' });
    expect(seen.reason).toMatch(/no answer within 1 s|canceling statement due to statement timeout/);
  });
});

describe('MariaDB', () => {
  const who = { username, password: right };
  test.each<Row>([
    { what: 'lets the user in', config: who, reason: null },
    {
      what: 'lets the user into a database',
      config: { ...who, database: 'shop', query: 'SELECT database()', expected: 'shop' },
      reason: null,
    },
    {
      what: 'answers what is expected',
      config: { ...who, query: 'SELECT 40 + 2', expected: 42 },
      reason: null,
    },
    {
      what: 'answers something else',
      config: { ...who, query: "SELECT 'replica'", expected: 'primary' },
      reason: 'the query gave "replica", expected "primary"',
    },
    {
      what: 'answers no row',
      config: { ...who, query: 'SELECT id FROM shop.orders', expected: 1 },
      reason: 'the query gave no row, expected 1',
    },
    {
      what: 'refuses the password',
      config: { ...who, password: wrong },
      reason:
        "MySQL: Access denied for user 'monitor'@'127.0.0.1' (using password: YES) (ER_ACCESS_DENIED_ERROR)",
    },
    {
      what: 'knows no such database',
      config: { ...who, database: 'nowhere' },
      reason:
        "MySQL: Access denied for user 'monitor'@'127.0.0.1' to database 'nowhere' (ER_DBACCESS_DENIED_ERROR)",
    },
    {
      what: 'refuses a query that is wrong',
      config: { ...who, query: 'SELECT * FROM shop.parcels' },
      reason: "MySQL: Table 'shop.parcels' doesn't exist (ER_NO_SUCH_TABLE)",
    },
    {
      what: 'refuses to write',
      config: { ...who, query: 'INSERT INTO shop.orders VALUES (1)' },
      reason:
        'MySQL: Cannot execute statement in a READ ONLY transaction (ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)',
    },
    {
      what: 'refuses what would end the transaction by itself',
      config: { ...who, query: 'CREATE TABLE shop.parcels (id INT)' },
      reason:
        'MySQL: Cannot execute statement in a READ ONLY transaction (ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)',
    },
    {
      what: 'sends more than one value should have',
      config: { ...who, query: "SELECT repeat('x', 1000000)" },
      reason: 'the server sent more than 256 KiB: ask for less in the query',
    },
  ])('$what', async ({ config, reason }) => {
    expect(await ask('mysql', mariadb.port, config)).toMatchObject({ status: statusOf(reason), reason });
  });

  test('takes one statement only', async () => {
    const query = 'SELECT 1; CREATE TABLE shop.parcels (id INT)';
    expect((await ask('mysql', mariadb.port, { ...who, query })).reason).toMatch(/error in your SQL syntax/);
  });

  test('tells how long each phase took', async () => {
    expect((await ask('mysql', mariadb.port, who)).phases).toEqual(phases);
  });

  test('speaks TLS where it is asked for, and its certificate is verified against the host', async () => {
    const tls = {
      ...who,
      tls: true,
      query:
        "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER'",
      expected: 1,
    };
    const trusted = { ...tls, certificateAuthorities: certificates.authority };
    expect(await ask('mysql', mariadb.port, trusted)).toMatchObject({ status: 'healthy', reason: null });
    expect(await ask('mysql', mariadb.port, { ...tls, verifyTls: false })).toMatchObject({ reason: null });
    expect(await ask('mysql', mariadb.port, tls)).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: unable to verify the first certificate',
    });
  });

  test('gives up a query at the deadline, as a failure of the target', async () => {
    const seen = await ask(
      'mysql',
      mariadb.port,
      { ...who, query: 'SELECT SLEEP(30)' },
      { timeoutSeconds: 1 },
    );
    expect(seen).toMatchObject({ status: 'unhealthy' });
    expect(seen.reason).toMatch(/no answer within 1 s|max_statement_time exceeded/);
  });
});

describe('Redis', () => {
  const who = { username, password: right };
  test.each<Row>([
    { what: 'answers', config: who, reason: null },
    { what: 'answers the default user', config: { password: right, expected: 'PONG' }, reason: null },
    {
      what: 'answers in another database',
      config: { ...who, database: 3, query: 'DBSIZE', expected: 0 },
      reason: null,
    },
    { what: 'knows no such key', config: { ...who, query: 'GET nothing', expected: null }, reason: null },
    {
      what: 'answers something else',
      config: { ...who, query: 'EXISTS orders', expected: 1 },
      reason: 'the command EXISTS gave 0, expected 1',
    },
    {
      what: 'refuses the password',
      config: { ...who, password: wrong },
      reason: 'Redis: WRONGPASS invalid username-password pair or user is disabled.',
    },
    { what: 'wants a password', config: {}, reason: 'Redis: NOAUTH Authentication required.' },
    {
      what: 'has no such database',
      config: { ...who, database: 99 },
      reason: 'Redis: ERR DB index is out of range',
    },
  ])('$what', async ({ config, reason }) => {
    expect(await ask('redis', redis.port, config)).toMatchObject({ status: statusOf(reason), reason });
  });

  test('tells how long each phase took', async () => {
    expect((await ask('redis', redis.port, who)).phases).toEqual(phases);
  });

  test('speaks TLS where it is asked for, and its certificate is verified against the host', async () => {
    const tls = { ...who, tls: true };
    const trusted = { ...tls, certificateAuthorities: certificates.authority };
    expect(await ask('redis', redis.tlsPort, trusted)).toMatchObject({ status: 'healthy', reason: null });
    expect(await ask('redis', redis.tlsPort, tls)).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: unable to verify the first certificate',
    });
  });
});

describe('a database that is not there', () => {
  test.each(['postgres', 'mysql', 'redis'])('%s: nothing listens', async (type) => {
    const seen = await ask(type, closedPort, { username, password: right });
    expect(seen).toMatchObject({
      status: 'unhealthy',
      reason: `connect ECONNREFUSED 127.0.0.1:${closedPort}`,
    });
  });

  test.each(['postgres', 'mysql', 'redis'])('%s: something listens and says nothing', async (type) => {
    const seen = await ask(type, silentPort, { username, password: right }, { timeoutSeconds: 1 });
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 1 s' });
  });

  test.each([
    ['postgres', 'mysql'],
    ['mysql', 'redis'],
    ['redis', 'postgres'],
  ] as const)('%s: a %s listens there', async (type, other) => {
    const port = { postgres, mysql: mariadb, redis }[other].port;
    const seen = await ask(type, port, { username, password: right }, { timeoutSeconds: 2 });
    expect(seen.status).toBe('unhealthy');
  });
});

test('the drivers work in the bundle that a function gets, where they are chunks of their own', async () => {
  const check = (type: string, { port }: Database, given = {}) => ({
    type,
    target: `127.0.0.1:${port}`,
    timeoutSeconds: 5,
    config: { username, password: right, query: 'SELECT 40 + 2', ...given },
  });
  const checks = [check('postgres', postgres, { database: 'postgres' }), check('mysql', mariadb)];
  const healthy = { status: 'healthy', reason: null, facts: { VALUE: 42 } };
  expect(await lookBundled(checks, password)).toEqual([healthy, healthy]);
});

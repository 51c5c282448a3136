import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser } from '../../../shared/health/conditions/parse.ts';
import { checkKinds } from '../../../shared/health/kinds/index.ts';

type Kind = 'postgres' | 'mysql' | 'redis' | 'resource' | 'lambda';
const parsed = (type: Kind, target: string, config: unknown) => {
  const definition = checkKinds[type].definition(z, conditionParser);
  return z.object({ target: definition.target, config: definition.config }).safeParse({ target, config });
};
/** The first message of what is wrong with it, with its path; undefined when it may be saved. */
const faultOf = (type: Kind, target: string, config: unknown): string | undefined => {
  const [issue] = parsed(type, target, config).error?.issues ?? [];
  return issue && `${issue.path.join('.')}: ${issue.message}`;
};
const secret = (name: string): string => `\${secret:${name}}`;
const who = { username: 'monitor' };

test.each<[Kind, string, unknown]>([
  ['postgres', 'db.example.com', who],
  ['postgres', 'db.example.com:5433', { ...who, password: secret('DB'), database: 'shop', tls: true }],
  ['postgres', '[2001:db8::1]', { ...who, query: '  (select 1)', expected: 1 }],
  ['mysql', 'db.example.com', { ...who, query: 'SHOW REPLICA STATUS' }],
  ['redis', 'cache.example.com', {}],
  ['redis', 'cache.example.com', { query: 'get "a key with blanks"', expected: null }],
  ['redis', 'cache.example.com', { query: 'MEMORY usage orders', database: 3 }],
  ['resource', 'main/shop', { service: 'ecs-service' }],
  ['lambda', 'arn:aws:lambda:us-east-1:111122223333:function:shop-health:live', {}],
  ['lambda', 'shop-health', {}],
])('%s of %s with %j may be saved', (type, target, config) => {
  expect(faultOf(type, target, config)).toBeUndefined();
});

describe('a password is never stored', () => {
  const message = `config.password: Name a secret: '\${secret:NAME}'. 'homeostat secrets set NAME' stores its value.`;
  test.each<[Kind, string]>([
    ['postgres', 'hunter2'],
    ['mysql', 'hunter2'],
    ['redis', 'hunter2'],
    ['postgres', `hunter2${secret('DB')}`],
    ['postgres', secret('no blanks')],
  ])('%s: %j', (type, password) => {
    const config = type === 'redis' ? { password } : { ...who, password };
    expect(faultOf(type, 'db.example.com', config)).toBe(message);
  });
});

describe('what would write is refused when it is saved', () => {
  const query =
    'config.query: Give one query that only reads: SELECT, SHOW, WITH, VALUES, TABLE, EXPLAIN or DESCRIBE.';
  test.each<[Kind, string]>([
    ['postgres', 'DELETE FROM orders'],
    ['postgres', 'COMMIT'],
    ['postgres', 'selection'],
    ['mysql', 'SET GLOBAL read_only = 0'],
    ['mysql', '/* select */ DROP TABLE orders'],
  ])('%s: %s', (type, text) => {
    expect(faultOf(type, 'db.example.com', { ...who, query: text })).toBe(query);
  });

  const command =
    'config.query: Give one command that only reads, such as PING, GET key, LLEN queue or INFO replication.';
  test.each([
    'FLUSHALL',
    'SET a b',
    'EVAL "return 1" 0',
    'GETDEL a',
    'GETEX a',
    'CONFIG GET requirepass',
    'MEMORY PURGE',
    'BLPOP a 0',
  ])('redis: %s', (text) => {
    expect(faultOf('redis', 'cache.example.com', { query: text })).toBe(command);
  });
});

test.each<[Kind, string, unknown, string]>([
  [
    'resource',
    'orders',
    { service: 's3-bucket' },
    'config.service: Give one of ec2-instance, ecs-service, auto-scaling-group, rds-instance, docker-container.',
  ],
  [
    'resource',
    'orders\nx',
    { service: 'rds-instance' },
    'target: Give an id or name of at most 511 printable characters.',
  ],
  [
    'lambda',
    'https://example.com',
    {},
    'target: Give the ARN or the name of a function that is listed in checkFunctions.',
  ],
  [
    'postgres',
    'db.example.com',
    { username: 'a\0b' },
    'config.username: Remove line breaks and other control characters.',
  ],
  [
    'redis',
    'cache.example.com',
    { expected: [1] },
    'config.expected: Give a text, a number, true, false or null.',
  ],
  ['lambda', 'shop-health', { extra: 1 }, 'config: Unrecognized key: "extra"'],
])('%s of %s with %j: %s', (type, target, config, message) => {
  expect(faultOf(type, target, config)).toBe(message);
});

test('what is left out is what people mean', () => {
  expect(parsed('postgres', 'db.example.com', who).data?.config).toEqual({
    username: 'monitor',
    tls: false,
    query: 'SELECT 1',
  });
  expect(parsed('redis', 'cache.example.com', {}).data?.config).toEqual({
    tls: false,
    query: 'PING',
  });
});

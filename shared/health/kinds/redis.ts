import type { Socket } from 'node:net';
import { fromSocketError, TargetFailed } from '../probing/outcome.ts';
import { commandText, RedisRefusal, type Reply, replyReader } from '../probing/resp.ts';
import { withSecrets } from '../probing/secret-references.ts';
import { judgeValue } from './database-answer.ts';
import {
  type DatabaseConfig,
  databaseEndpoint,
  databaseFields,
  databaseSecretFields,
  databaseTls,
  nameSchema,
} from './database-config.ts';
import { hostPortField } from './host-port.ts';
import { type CheckKind, ofConnections } from './kind.ts';
import { requireTls } from './tls-fields.ts';

type RedisConfig = DatabaseConfig & {
  readonly database?: number | undefined;
  readonly query?: string | undefined;
};

const usualPort = 6379;
const usualCommand = 'PING';

/** Commands that change nothing and end by themselves; two words where only the second makes them so. */
const readOnlyCommands: ReadonlySet<string> = new Set(
  (
    'PING ECHO TIME DBSIZE LASTSAVE INFO ROLE GET GETRANGE STRLEN MGET EXISTS TYPE TTL PTTL BITCOUNT GETBIT ' +
    'HGET HMGET HLEN HEXISTS HSTRLEN LLEN LINDEX LRANGE SCARD SISMEMBER ZCARD ZCOUNT ZSCORE ZRANK ZRANGE ' +
    'XLEN XPENDING XREVRANGE XRANGE PFCOUNT GEODIST'
  ).split(' '),
);
const readOnlyPairs: ReadonlySet<string> = new Set([
  'MEMORY USAGE',
  'CLUSTER INFO',
  'XINFO STREAM',
  'XINFO GROUPS',
]);

/** Words of a command; one with blanks stands in double quotes. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const isReadOnly = (command: string): boolean => {
  const [first = '', second = ''] = wordsOf(command).map((word) => word.toUpperCase());
  return readOnlyCommands.has(first) || readOnlyPairs.has(`${first} ${second}`);
};

/** Healthy when Redis (or what speaks like it) answers a command that only reads. */
export const redis: CheckKind = {
  placeholders: ['VALUE', ...ofConnections],
  secretFields: databaseSecretFields,
  definition: (z) => ({
    target: hostPortField(z, usualPort),
    config: z
      .strictObject({
        username: nameSchema(z).optional().meta({ description: "The default user's, when left out." }),
        database: z.int().min(0).max(16_383).optional(),
        query: z
          .string()
          .min(1)
          .max(4000)
          .refine(isReadOnly, {
            error: 'Give one command that only reads, such as PING, GET key, LLEN queue or INFO replication.',
          })
          .default(usualCommand)
          .meta({ description: 'One command that only reads; a word with blanks stands in double quotes.' }),
        ...databaseFields(z),
      })
      .superRefine(requireTls),
  }),

  async probe({ target, config: given }, attempt) {
    const endpoint = databaseEndpoint(target, usualPort);
    const config = await withSecrets(given as RedisConfig, attempt.ports);
    const { username, password, database, query = usualCommand } = config;
    const tls = databaseTls(config);
    const startedAt = performance.now();
    const socket = await attempt.connect({ ...endpoint, ...(tls && { tls }) });
    const ask = conversation(socket);
    if (password !== undefined) {
      accepted(await ask(['AUTH', ...(username === undefined ? [] : [username]), password]));
    }
    if (database) accepted(await ask(['SELECT', String(database)]));
    const askedAt = performance.now();
    const value = accepted(await ask(wordsOf(query)));
    attempt.measured('firstByte', performance.now() - askedAt);
    attempt.measured('total', performance.now() - startedAt);
    socket.end();
    return judgeValue(value, config.expected, `the command ${wordsOf(query)[0]?.toUpperCase()}`, attempt);
  },
};

const accepted = (reply: Reply): Reply => {
  if (reply instanceof RedisRefusal) throw new TargetFailed(`Redis: ${reply.message}`);
  return reply;
};

/** One command after the other, each with its reply. */
const conversation = (socket: Socket) => {
  const reader = replyReader();
  let waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;
  const fail = (error: Error) => {
    waiting?.reject(error);
    socket.destroy();
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      const reply = reader.push(chunk);
      if (reply !== undefined) waiting?.resolve(reply);
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on('error', (error) => fail(fromSocketError(error, 'answer')));
  socket.on('close', () => fail(new TargetFailed('Redis closed the connection without an answer')));
  return (words: readonly string[]): Promise<Reply> =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      socket.write(commandText(words));
    });
};

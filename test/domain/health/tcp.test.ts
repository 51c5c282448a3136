import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { createServer as createTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { tcp } from '../../../shared/health/kinds/tcp.ts';
import { listen } from '../../../shared/health/kinds/tcp-talk.ts';
import type { Attempt } from '../../../shared/health/probing/attempt.ts';
import { tryOnce } from '../../../shared/health/probing/try-once.ts';
import { entry } from './builders.ts';
import { issue } from './certificates.ts';
import { look, loopback, portsWith, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

/** A server that says something at once, and something to what it is told. */
const talker = (greeting: string, replies: Readonly<Record<string, string>> = {}) =>
  targets.tcp((socket: Socket) => {
    socket.on('error', () => {});
    if (greeting !== '') socket.write(greeting, 'latin1');
    socket.on('data', (chunk) => {
      const reply = replies[chunk.toString('latin1')];
      if (reply !== undefined) socket.write(reply, 'latin1');
    });
  });

const probe = (port: number, config: Record<string, unknown>, timeoutSeconds = 2) =>
  look({ type: 'tcp', target: `127.0.0.1:${port}`, config, timeoutSeconds });

describe('a tcp check that expects something', () => {
  test('is healthy when it comes, with the time of the first byte', async () => {
    const port = await talker('220 mail.example.com ESMTP\r\n');
    const seen = await probe(port, { expect: '220 ' });
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'total']);
  });

  test.each([
    { send: String.raw`PING\r\n`, arrives: 'PING\r\n' },
    { send: String.raw`\x00\xff\\r\t`, arrives: '\0\xff\\r\t' },
    { send: 'as it is\r\n', arrives: 'as it is\r\n' },
    { send: String.raw`\d and \q stay`, arrives: String.raw`\d and \q stay` },
  ])('sends $send as bytes', async ({ send, arrives }) => {
    const port = await talker('', { [arrives]: '+PONG\r\n' });
    expect(await probe(port, { send, expect: String.raw`+PONG\r\n` })).toMatchObject({ status: 'healthy' });
  });

  test.each([
    { expect: '+PONG', greeting: '-ERR\r\n', reason: 'expected "+PONG", got "-ERR\\r\\n"' },
    { expect: { matches: '^[0-9]+ ok' }, greeting: 'no', reason: 'expected a match of ^[0-9]+ ok, got "no"' },
    { expect: 'hello', greeting: '', reason: 'expected "hello", got nothing' },
  ])(
    'is unhealthy when the target closes after something else: $reason',
    async ({ greeting, reason, ...config }) => {
      const port = await targets.tcp((socket) => void socket.on('error', () => {}).end(greeting));
      expect(await probe(port, config)).toMatchObject({ status: 'unhealthy', reason });
    },
  );

  test('says at the deadline what came instead, where the target goes on waiting', async () => {
    const port = await talker('554 go away\r\n');
    expect(await probe(port, { expect: '220' }, 0.3)).toMatchObject({
      status: 'unhealthy',
      reason: 'expected "220", got "554 go away\\r\\n" within 0.3 s',
      timedOut: true,
    });
  });

  test('matches a pattern on RE2, which no target can make slow (fault 32)', async () => {
    const port = await targets.tcp((socket) => void socket.on('error', () => {}).end('a'.repeat(60_000)));
    const startedAt = performance.now();
    const seen = await probe(port, { expect: { matches: '^(a+)+$' } });
    expect(seen).toMatchObject({ status: 'healthy' });
    const other = await probe(port, { expect: { matches: '^(a+)+b$' } });
    expect(other).toMatchObject({ status: 'unhealthy' });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test.each([
    { what: 'text', config: { expect: 'ready>' } },
    { what: 'a pattern', config: { expect: { matches: 'ready>$' } } },
  ])('finds $what that comes byte by byte', async ({ config }) => {
    const port = await targets.tcp(async (socket) => {
      socket.on('error', () => {}).setNoDelay();
      for (const byte of `${'banner '.repeat(200)}ready>`) {
        if (socket.destroyed) return;
        socket.write(byte);
        await new Promise((next) => setImmediate(next));
      }
    });
    expect(await probe(port, config)).toMatchObject({ status: 'healthy' });
  });

  test('looks for a pattern the more seldom the longer that takes, however the target drips (fault 32)', async () => {
    const socket = new PassThrough();
    const drip = setInterval(() => socket.write('.'), 25);
    let looks = 0;
    const isMet = (): boolean => {
      looks++;
      for (const until = performance.now() + 100; performance.now() < until; );
      return false;
    };
    const attempt = { measured: () => {} } as unknown as Attempt;
    const { all } = listen(socket as unknown as Socket, attempt, { isMet, inPauses: true });
    setTimeout(() => {
      clearInterval(drip);
      socket.destroy();
    }, 400);
    await all;
    // Once at the first pause; the next one would have to last for 0.4 s.
    expect(looks).toBe(1);
  });

  test('reads 64 KiB of a flood and no more (fault 22)', async () => {
    const port = await targets.tcp((socket) => {
      socket.on('error', () => {});
      const chunk = Buffer.alloc(16_384, 'x');
      const flood = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', flood);
      flood();
    });
    const seen = await probe(port, { expect: 'never' });
    expect(seen.reason).toMatch(/^expected "never", got "x{120}…" and 64 KiB of more$/);
    expect(seen.timedOut).toBeUndefined();
  });

  test('ends at its deadline under a slow drip, and closes (fault 23)', async () => {
    const port = await targets.tcp((socket) => {
      const drip = setInterval(() => socket.write('.'), 20);
      socket.on('error', () => {}).on('close', () => clearInterval(drip));
    });
    const seen = await probe(port, { expect: 'never' }, 0.3);
    expect(seen.reason).toMatch(/^expected "never", got "\.+" within 0.3 s$/);
    await expect.poll(() => targets.openSockets()).toBe(0);
  });
});

describe('secrets in a tcp check', () => {
  const placeOf = (name: string): string => `$\{secret:${name}}`;
  const secret = 'pl4nted\\r-canary';

  test('arrive as they are, and their values are in no reason (fault 29)', async () => {
    const echo = await targets.tcp((socket) => void socket.on('error', () => {}).pipe(socket));
    const seen = await look(
      {
        type: 'tcp',
        target: `127.0.0.1:${echo}`,
        timeoutSeconds: 0.3,
        config: { send: `AUTH ${placeOf('token')}`, expect: 'OK' },
      },
      { ports: secretsPort({ token: secret }) },
    );
    expect(seen.reason).toBe('expected "OK", got "AUTH [secret]" within 0.3 s');
  });

  test('are hidden before a long answer is cut, so that no half of one stays (fault 29)', async () => {
    const long = 'c4nary'.repeat(20);
    const port = await targets.tcp(
      (socket) => void socket.on('error', () => {}).end(`${'.'.repeat(100)}${long}`),
    );
    const seen = await look(
      { type: 'tcp', target: `127.0.0.1:${port}`, config: { send: placeOf('token'), expect: 'OK' } },
      { ports: secretsPort({ token: long }) },
    );
    expect(seen.reason).toBe(`expected "OK", got "${'.'.repeat(100)}[secret]"`);
  });

  test('that cannot be read leave the target alone: unknown', async () => {
    let connections = 0;
    const port = await targets.tcp((socket) => {
      connections++;
      socket.destroy();
    });
    const config = { send: placeOf('gone') };
    const seen = await look({ type: 'tcp', target: `127.0.0.1:${port}`, config });
    expect(seen).toMatchObject({ status: 'unknown', reason: 'secrets cannot be asked in this test' });
    expect(connections).toBe(0);
  });
});

describe('a tcp check', () => {
  test('speaks TLS where it is told to, and judges the certificate', async () => {
    const now = Date.now();
    const own = issue({
      name: 'own',
      names: ['db.test'],
      from: now - 1000,
      until: now + 86_400_000,
      isAuthority: true,
    });
    const port = await targets.serve(
      createTls({ cert: own.cert, key: own.key }, (socket) => void socket.on('error', () => {}).end('hello')),
    );
    const resolve = async () => ['127.0.0.1'];
    const target = { type: 'tcp', target: `db.test:${port}` };
    const trusting = { tls: true, expect: 'hello', certificateAuthorities: own.cert };
    const seen = await look({ ...target, config: trusting }, { resolve });
    expect(seen).toMatchObject({ status: 'healthy' });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'dns', 'firstByte', 'tls', 'total']);
    expect(await look({ ...target, config: { tls: true, expect: 'hello' } }, { resolve })).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: self-signed certificate',
    });
  });

  test('reads what comes first when a condition speaks of it', async () => {
    const port = await talker('SSH-2.0-OpenSSH_9.2\r\n');
    const target = { type: 'tcp', target: `127.0.0.1:${port}` };
    const ssh = parseCondition('[BODY] contains "SSH-2.0"');
    expect(await look({ ...target, conditions: [ssh] })).toMatchObject({ status: 'healthy' });
    const mail = parseCondition('[BODY] contains "220"');
    expect(await look({ ...target, conditions: [mail] })).toMatchObject({
      status: 'unhealthy',
      reason: expect.stringContaining('SSH-2.0-OpenSSH_9.2'),
    });
  });

  test('that is tried without being saved tells nothing of what the target said', async () => {
    const port = await talker('internal: top secret\r\n');
    const tried = await tryOnce(
      entry(1, { type: 'tcp', target: `127.0.0.1:${port}`, timeoutSeconds: 0.3, config: { expect: '220' } }),
      {
        network: { resolve: async () => ['127.0.0.1'], policy: loopback },
        ports: portsWith(),
        clock: Date.now,
        onFault: () => {},
      },
    );
    expect(tried).toMatchObject({
      status: 'unhealthy',
      reason: 'expected "220", got something that is not shown within 0.3 s',
    });
  });
});

describe('the config of a tcp check', () => {
  const { config } = tcp.definition(z, conditionParser);

  test('keeps what it says', () => {
    const given = { tls: true, send: 'a', expect: { matches: '^b' }, verifyTls: true, serverName: 'x.test' };
    expect(config.parse(given)).toEqual(given);
  });

  test.each([
    { given: { expect: { matches: '(?=x)' } }, message: /^Give an RE2 pattern: / },
    { given: { expect: '' }, message: /Give at least one character|Invalid input/ },
    { given: { certificateAuthorities: 'x' }, message: /^Give certificates in PEM/ },
    { given: { serverName: 'a b' }, message: /^Give a host name/ },
  ])('$given is refused', ({ given, message }) => {
    const [issue] = config.safeParse(given).error?.issues ?? [];
    expect(issue?.message).toMatch(message);
  });
});

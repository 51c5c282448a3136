import type { Socket } from 'node:net';
import { connect, createSecureContext, createServer, TLSSocket, type TlsOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { tls } from '../../../shared/health/kinds/tls.ts';
import type { Resolve } from '../../../shared/health/probing/resolve.ts';
import { type Issued, issue } from './certificates.ts';
import { type Given, look } from './look.ts';
import { openTargets } from './servers.ts';

const day = 86_400_000;
/** Certificates know whole seconds. */
const now = Math.floor(Date.now() / 1000) * 1000;
const from = now - 100 * day;

const root = issue({ name: 'Test Root', from, until: now + 3650 * day, isAuthority: true });
const middle = issue({ name: 'Test Middle', from, until: now + 400 * day, by: root, isAuthority: true });
const leaf = (given: Partial<Parameters<typeof issue>[0]> = {}): Issued =>
  issue({
    name: 'shop.test',
    names: ['shop.test', 'www.shop.test'],
    from,
    until: now + 90 * day + 60_000,
    by: middle,
    ...given,
  });
const good = leaf();

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const chained = ({ cert, key }: Issued): TlsOptions => ({ cert: cert + middle.cert, key });
const serve = (options: TlsOptions) =>
  targets.serve(createServer(options, (socket) => void socket.on('error', () => {})));
const resolve: Resolve = async () => ['127.0.0.1'];
const trusting = { certificateAuthorities: root.cert };

const probe = (port: number, config: Record<string, unknown> = {}, options: Given = {}, host = 'shop.test') =>
  look(
    { type: 'tls', target: `${host}:${port}`, config: { ...trusting, ...config } },
    { resolve, ...options },
  );

describe('a tls check', () => {
  test('is healthy with a trusted chain for its host, with the phases of a handshake', async () => {
    const port = await serve(chained(good));
    const seen = await probe(port);
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'dns', 'tls', 'total']);
  });

  test.each([
    {
      what: 'expired',
      options: () => chained(leaf({ until: now - 3 * day - 1000 })),
      reason: `the certificate expired on ${new Date(now - 3 * day - 1000).toISOString().slice(0, 10)}, 3 days ago`,
    },
    {
      what: 'not valid yet',
      options: () => chained(leaf({ from: now + 2 * day })),
      reason: `the certificate is not valid before ${new Date(now + 2 * day).toISOString().slice(0, 10)}`,
    },
    {
      what: 'self-signed',
      options: () => issue({ name: 'shop.test', names: ['shop.test'], from, until: now + 90 * day }),
      reason: 'the certificate is self-signed',
    },
    {
      what: 'of another host',
      options: () => chained(leaf({ names: ['mail.test', '*.mail.test'] })),
      reason: 'the certificate is for mail.test, *.mail.test and not for shop.test',
    },
    {
      what: 'without its intermediate',
      options: () => good,
      reason:
        'the certificate was issued by an authority that is not trusted, or the server leaves out an intermediate one (issuer: Test Middle)',
    },
    {
      what: 'of an unknown authority',
      options: () => {
        const other = issue({ name: 'Other Root', from, until: now + 900 * day, isAuthority: true });
        const { cert, key } = leaf({ by: other });
        return { cert: cert + other.cert, key };
      },
      reason: 'the certificate was issued by an authority that is not trusted',
    },
  ])('says what is wrong with a certificate that is $what', async ({ options, reason }) => {
    const { cert, key } = options() as { cert: string; key: string };
    const port = await serve({ cert, key });
    expect(await probe(port)).toMatchObject({ status: 'unhealthy', reason });
  });

  test('asks for the server name it is given, and judges the certificate by it', async () => {
    const asked: string[] = [];
    const port = await targets.serve(
      createServer({
        ...chained(good),
        SNICallback: (name, done) => {
          asked.push(name);
          done(null, createSecureContext(chained(good)));
        },
      }),
    );
    expect(await probe(port, { serverName: 'www.shop.test' }, {}, '127.0.0.1')).toMatchObject({
      status: 'healthy',
    });
    expect(await probe(port, {}, {}, '127.0.0.1')).toMatchObject({
      status: 'unhealthy',
      reason: 'the certificate is for shop.test, www.shop.test and not for 127.0.0.1',
    });
    expect(asked).toEqual(['www.shop.test']);
  });

  test.each([
    { days: 100, config: {}, status: 'healthy', reason: null },
    { days: 14.5, config: {}, status: 'healthy', reason: null },
    {
      days: 13.5,
      config: {},
      status: 'unhealthy',
      reason: 'the certificate expires in 13 days, at least 14 are expected',
    },
    {
      days: 20.5,
      config: { warnDays: 30 },
      status: 'degraded',
      reason: 'the certificate expires in 20 days, degraded below 30',
    },
    {
      days: 1.5,
      config: { minimumDays: 7, warnDays: 30 },
      status: 'unhealthy',
      reason: 'the certificate expires in 1 day, at least 7 are expected',
    },
    { days: 0.5, config: { minimumDays: 0 }, status: 'healthy', reason: null },
  ])('with $days days left and $config is $status', async ({ days, config, status, reason }) => {
    const port = await serve(chained(leaf({ until: now + days * day })));
    expect(await probe(port, config, { clock: () => now })).toMatchObject({ status, reason });
  });

  test('counts the days by the platform’s clock, and holds expired what that holds expired', async () => {
    const port = await serve(chained(leaf({ until: now + 90 * day })));
    expect(await probe(port, {}, { clock: () => now + 80 * day })).toMatchObject({
      status: 'unhealthy',
      reason: 'the certificate expires in 10 days, at least 14 are expected',
    });
    expect(await probe(port, {}, { clock: () => now + 95 * day })).toMatchObject({
      status: 'unhealthy',
      reason: `the certificate expired on ${new Date(now + 90 * day).toISOString().slice(0, 10)}, 5 days ago`,
    });
  });

  test('looks at the intermediate certificates too: the first to expire breaks the chain', async () => {
    const short = issue({ name: 'Short Middle', from, until: now + 5.5 * day, by: root, isAuthority: true });
    const { cert, key } = leaf({ by: short });
    const port = await serve({ cert: cert + short.cert, key });
    expect(await probe(port, {}, { clock: () => now })).toMatchObject({
      status: 'unhealthy',
      reason: 'the intermediate certificate Short Middle expires in 5 days, at least 14 are expected',
    });
  });

  test('takes no notice of an old cross-signature above an authority that is trusted by itself', async () => {
    const old = issue({ name: 'Old Root', from, until: now - day, isAuthority: true });
    const crossed = issue({
      name: 'Test Root',
      sameAs: root,
      by: old,
      from,
      until: now - day,
      isAuthority: true,
    });
    const { cert, key } = chained(good) as { cert: string; key: string };
    const port = await serve({ cert: cert + crossed.cert + old.cert, key });
    expect(await probe(port)).toMatchObject({ status: 'healthy', reason: null });
  });

  test('verifyTls: false judges the dates alone', async () => {
    const lax = { verifyTls: false, certificateAuthorities: undefined };
    const self = issue({ name: 'x', from, until: now + 90 * day });
    const port = await serve({ cert: self.cert, key: self.key });
    expect(await probe(port, lax)).toMatchObject({ status: 'healthy' });
    expect(await probe(port, { ...lax, minimumDays: 100 })).toMatchObject({ status: 'unhealthy' });
  });

  test.each([
    { server: 'TLSv1.3', minimum: '1.3', status: 'healthy', reason: null },
    { server: 'TLSv1.2', minimum: '1.2', status: 'healthy', reason: null },
    {
      server: 'TLSv1.2',
      minimum: '1.3',
      status: 'unhealthy',
      reason: 'TLS 1.2 was agreed on, at least 1.3 is expected',
    },
  ] as const)(
    'of a server with $server, at least $minimum expected: $status',
    async ({ server, minimum, status, reason }) => {
      const port = await serve({ ...chained(good), maxVersion: server });
      expect(await probe(port, { minimumVersion: minimum })).toMatchObject({ status, reason });
    },
  );

  test('names a server that speaks nothing newer than TLS 1.1, and one that speaks no TLS', async () => {
    const old = await serve({
      ...chained(good),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    expect(await probe(old)).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: the server speaks no TLS 1.2 or newer',
    });
    const clear = await targets.http((_request, response) => response.end());
    expect(await probe(clear)).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: the server does not speak TLS on this port',
    });
  });

  test.each([
    { text: '[CERTIFICATE_DAYS] == 90', status: 'healthy' },
    { text: '[CERTIFICATE_DAYS] > 200', status: 'unhealthy' },
    { text: '[TLS_VERSION] >= 1.3', status: 'healthy' },
    { text: '[TLS_VERSION] < 1.3', status: 'unhealthy' },
  ])('with the condition $text is $status', async ({ text, status }) => {
    const port = await serve(chained(good));
    const seen = await look(
      { type: 'tls', target: `shop.test:${port}`, config: trusting, conditions: [parseCondition(text)] },
      { resolve, clock: () => now },
    );
    expect(seen).toMatchObject({ status });
  });

  test('ends at its deadline where the handshake hangs, and closes (fault 23)', async () => {
    const port = await targets.tcp((socket) => void socket.on('error', () => {}).on('data', () => {}));
    const seen = await look({ type: 'tls', target: `shop.test:${port}`, timeoutSeconds: 0.3 }, { resolve });
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 0.3 s', timedOut: true });
    await expect.poll(() => targets.openSockets()).toBe(0);
  });
});

/** Speaks in the clear by a script, then TLS: pairs of what is awaited and what is said. */
const startTlsServer = (script: readonly (readonly [string, string])[], after = '') =>
  targets.tcp((socket: Socket) => {
    socket.on('error', () => {});
    const turns = [...script];
    const [, greeting = ''] = turns.shift() ?? [];
    socket.write(greeting);
    const take = (chunk: Buffer): void => {
      const [awaited, said = ''] = turns.shift() ?? [];
      if (chunk.toString() !== awaited) {
        socket.destroy();
        return;
      }
      if (turns.length > 0) {
        socket.write(said);
        return;
      }
      socket.off('data', take);
      socket.write(said + after);
      new TLSSocket(socket, { isServer: true, ...chained(good) }).on('error', () => {});
    };
    socket.on('data', take);
  });

describe('a tls check that begins in the clear', () => {
  const scripts = {
    smtp: [
      ['', '220-mail.shop.test\r\n220 ready\r\n'],
      ['EHLO [127.0.0.1]\r\n', '250-mail.shop.test\r\n250-STARTTLS\r\n250 SIZE\r\n'],
      ['STARTTLS\r\n', '220 go ahead\r\n'],
    ],
    imap: [
      ['', '* OK ready\r\n'],
      ['a1 STARTTLS\r\n', '* CAPABILITY x\r\na1 OK begin\r\n'],
    ],
    pop3: [
      ['', '+OK ready\r\n'],
      ['STLS\r\n', '+OK begin\r\n'],
    ],
  } as const;

  test.each(['smtp', 'imap', 'pop3'] as const)('speaks %s until TLS begins', async (startTls) => {
    const port = await startTlsServer(scripts[startTls]);
    const seen = await probe(port, { startTls });
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'dns', 'tls', 'total']);
  });

  test.each([
    { line: '554 no service\r\n', reason: 'the answer to the connection was "554 no service"' },
    { line: 'x'.repeat(20_000), reason: 'more than 16 KiB came before TLS' },
    { line: '', reason: 'the connection was closed before TLS' },
  ])('says what the server said instead: $reason', async ({ line, reason }) => {
    const port = await targets.tcp((socket) => void socket.on('error', () => {}).end(line));
    expect(await probe(port, { startTls: 'smtp' })).toMatchObject({ status: 'unhealthy', reason });
  });

  test('refuses a server without STARTTLS', async () => {
    const port = await startTlsServer([
      ['', '220 ready\r\n'],
      ['EHLO [127.0.0.1]\r\n', '250 hello\r\n'],
      ['STARTTLS\r\n', '502 not implemented\r\n'],
      ['', ''],
    ]);
    expect(await probe(port, { startTls: 'smtp' })).toMatchObject({
      status: 'unhealthy',
      reason: 'the answer to STARTTLS was "502 not implemented"',
    });
  });

  test('refuses lines slipped in behind the agreement, which would count as encrypted', async () => {
    const port = await startTlsServer(scripts.smtp, '250 injected\r\n');
    expect(await probe(port, { startTls: 'smtp' })).toMatchObject({
      status: 'unhealthy',
      reason: 'the server went on in the clear after it agreed to TLS',
    });
  });

  test('ends at its deadline under a slow drip of lines, and closes (fault 23)', async () => {
    const port = await targets.tcp((socket) => {
      const drip = setInterval(() => socket.write('220-wait\r\n'), 20);
      socket.on('error', () => {}).on('close', () => clearInterval(drip));
    });
    const seen = await look(
      { type: 'tls', target: `shop.test:${port}`, timeoutSeconds: 0.3, config: { startTls: 'smtp' } },
      { resolve },
    );
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 0.3 s' });
    await expect.poll(() => targets.openSockets()).toBe(0);
  });
});

describe('the config of a tls check', () => {
  const definition = tls.definition(z, conditionParser);

  test('has defaults, and takes versions as text or number', () => {
    expect(definition.config.parse({})).toEqual({ minimumDays: 14, minimumVersion: '1.2' });
    expect(definition.config.parse({ minimumVersion: 1.3 })).toMatchObject({ minimumVersion: '1.3' });
  });

  test.each(['shop.test', 'shop.test:8443', '10.0.0.5', '[2001:db8::1]:443'])(
    'takes the target %s',
    (target) => {
      expect(definition.target.safeParse(target).success).toBe(true);
    },
  );

  test.each([
    { config: { minimumDays: 30, warnDays: 20 }, message: 'Give more days than minimumDays.' },
    { config: { minimumVersion: '1.1' }, message: 'Give 1.2 or 1.3.' },
  ])('$config is refused', ({ config, message }) => {
    expect(definition.config.safeParse(config).error?.issues[0]?.message).toBe(message);
  });
});

test('the certificates of these tests are such as OpenSSL verifies', async () => {
  const port = await serve(chained(good));
  const socket = connect({ port, host: '127.0.0.1', servername: 'shop.test', ca: root.cert });
  await new Promise<void>((done, failed) => socket.once('secureConnect', done).once('error', failed));
  expect(socket.authorized).toBe(true);
  socket.destroy();
});

import { createServer, type TlsOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCondition } from '../../../shared/health/conditions/parse.ts';
import type { Resolve } from '../../../shared/health/probing/resolve.ts';
import { type Issued, issue } from './certificates.ts';
import { look } from './look.ts';
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
    names: ['shop.test'],
    from,
    until: now + 90 * day + 60_000,
    by: middle,
    ...given,
  });

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const serve = ({ cert, key }: Issued, options: TlsOptions = {}) =>
  targets.serve(
    createServer({ cert: cert + middle.cert, key, ...options }, (socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    }),
  );
const resolve: Resolve = async () => ['127.0.0.1'];
const probe = (port: number, host = 'shop.test', conditions: string[] = []) =>
  look(
    {
      target: `https://${host}:${port}/`,
      config: { certificateAuthorities: root.cert },
      conditions: conditions.map(parseCondition),
    },
    { resolve },
  );

describe('over https the certificate is judged', () => {
  test.each([
    { names: ['shop.test'], host: 'shop.test' },
    { names: ['other.test', 'SHOP.test'], host: 'shop.test' },
    { names: ['*.shop.test'], host: 'a.shop.test' },
    { names: ['ip:127.0.0.1'], host: '127.0.0.1' },
    { names: [], host: 'shop.test' },
  ])('$names is for $host', async ({ names, host }) => {
    const port = await serve(leaf({ names }));
    expect(await probe(port, host)).toMatchObject({ status: 'healthy', reason: null });
  });

  test.each([
    {
      names: ['mail.test'],
      host: 'shop.test',
      says: "Host: shop.test. is not in the cert's altnames: DNS:mail.test",
    },
    {
      names: ['*.test'],
      host: 'a.shop.test',
      says: "Host: a.shop.test. is not in the cert's altnames: DNS:*.test",
    },
    // With other names, the common name says nothing.
    { names: ['mail.test'], host: 'shop.test', says: 'does not match' },
    { names: ['shop.test'], host: '127.0.0.1', says: "IP: 127.0.0.1 is not in the cert's list" },
    { names: ['ip:127.0.0.2'], host: '127.0.0.1', says: "IP: 127.0.0.1 is not in the cert's list" },
  ])('$names is not for $host', async ({ names, host, says }) => {
    const seen = await probe(await serve(leaf({ names })), host);
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).toMatch(/^tls: Hostname\/IP does not match certificate's altnames/);
    expect(seen.reason).toContain(says);
  });

  test.each([
    { what: 'expired', made: () => leaf({ until: now - day }), reason: 'tls: certificate has expired' },
    {
      what: 'of an unknown authority',
      made: () => leaf({ by: issue({ name: 'Else', from, until: now + day, isAuthority: true }) }),
      reason: 'tls: unable to verify the first certificate',
    },
  ])('one that is $what is refused', async ({ made, reason }) => {
    expect(await probe(await serve(made()))).toMatchObject({ status: 'unhealthy', reason });
  });

  test('its days are those of the server, not of the authority above it', async () => {
    const port = await serve(leaf());
    expect(await probe(port, 'shop.test', ['[CERTIFICATE_DAYS] == 90', '[BODY] == "ok"'])).toMatchObject({
      status: 'healthy',
      reason: null,
    });
  });

  test.each([
    { what: 'TLS 1.2 alone', options: { maxVersion: 'TLSv1.2' as const } },
    { what: 'TLS 1.3 alone', options: { minVersion: 'TLSv1.3' as const } },
    { what: 'no curve but P-384', options: { ecdhCurve: 'P-384' } },
    { what: 'no curve but P-256', options: { ecdhCurve: 'P-256' } },
    { what: 'no cipher but AES-256', options: { ciphers: 'TLS_AES_256_GCM_SHA384' } },
    { what: 'no cipher but ChaCha20', options: { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' } },
  ])('a server with $what is reached', async ({ options }) => {
    expect(await probe(await serve(leaf(), options))).toMatchObject({ status: 'healthy', reason: null });
  });

  test('each look makes a whole handshake: no session is taken up again', async () => {
    const reused: boolean[] = [];
    const own = leaf();
    const port = await targets.serve(
      createServer({ cert: own.cert + middle.cert, key: own.key }, (socket) => {
        reused.push(socket.isSessionReused());
        socket.on('error', () => {});
        socket.end('HTTP/1.1 204 No Content\r\n\r\n');
      }),
    );
    await probe(port);
    await probe(port);
    expect(reused).toEqual([false, false]);
  });
});

import { createServer as createTls } from 'node:https';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { guardedPost } from '../../../shared/notifications/guarded-post.ts';
import type { HttpPost, NotSent } from '../../../shared/notifications/kinds/kind.ts';
import { openWay, type WayOptions } from '../../../shared/notifications/way-out.ts';
import { issue } from '../health/certificates.ts';
import { openTargets } from '../health/servers.ts';
import { noon } from './announcements.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const post = (request: Partial<HttpPost> & { url: string }, given: Partial<WayOptions> = {}) =>
  guardedPost(
    { body: '{}', ...request },
    openWay({
      allowedPrivateRanges: '127.0.0.0/8',
      insideLambda: false,
      clock: () => noon,
      timeoutMs: 2000,
      ...given,
    }),
  );
const refusal = (sending: Promise<unknown>): Promise<NotSent> =>
  sending.then(
    () => Promise.reject(new Error('it was sent')),
    (error: NotSent) => error,
  );

describe('where a request may go', () => {
  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'a link-local or metadata address'],
    ['http://[fd00:ec2::254]/', 'a link-local or metadata address'],
    ['http://2852039166/', 'a link-local or metadata address'],
    ['http://0xa9.0xfe.0xa9.0xfe/', 'a link-local or metadata address'],
    ['http://[::ffff:169.254.169.254]/', 'a link-local or metadata address'],
    ['http://10.0.0.1/', 'a private address'],
    ['http://127.0.0.1/', 'a loopback address'],
    ['http://0.0.0.0/', 'no ordinary address'],
  ])('not to %s (faults 24 and 26)', async (url, why) => {
    const error = await refusal(post({ url }, { allowedPrivateRanges: '' }));
    expect(error).toMatchObject({ isFinal: true, message: expect.stringContaining(why) });
  });

  it('not to loopback when deployed, although its range is allowed (fault 27)', async () => {
    const error = await refusal(post({ url: 'http://127.0.0.1:9001/' }, { insideLambda: true }));
    expect(error).toMatchObject({ isFinal: true, message: expect.stringContaining('inside Lambda') });
  });

  it('not to a name of which one address is refused', async () => {
    const resolve = async () => ['93.184.216.34', '10.0.0.1'];
    const error = await refusal(post({ url: 'https://hook.example/' }, { resolve }));
    expect(error.isFinal).toBe(true);
    expect(error.message).toContain('10.0.0.1 is a private address');
  });

  it('to the address that was judged, whatever the name means a moment later (fault 25)', async () => {
    const port = await targets.http((_request, response) => void response.end('here'));
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const resolve = async () => answers.shift() ?? [];
    const answer = await post({ url: `http://hook.example:${port}/` }, { resolve });
    expect(answer.body).toBe('here');
    expect(answers).toHaveLength(1);
  });

  test.each(['ftp://example.com/', 'not a url', 'https://user:word@example.com/'])(
    'not to %s',
    async (url) => {
      expect(await refusal(post({ url }))).toMatchObject({ isFinal: true });
    },
  );
});

describe('what is sent', () => {
  const forged: readonly Record<string, string>[] = [
    { 'x-team': 'a\r\nx-evil: b' },
    { 'x-team': 'a\nb' },
    { 'x-team': 'a\u0000' },
    // In latin1 this letter is a line feed.
    { 'x-team': 'a\u010ab' },
    { 'x-team\r\nx-evil': 'a' },
  ];
  test.each(forged)('has no line breaks in its headers: %j (fault 28)', async (headers) => {
    let came = 0;
    const port = await targets.http((_request, response) => {
      came++;
      response.end();
    });
    const url = `http://127.0.0.1:${port}/`;
    expect(await refusal(post({ url, headers }))).toMatchObject({
      isFinal: true,
    });
    expect(came).toBe(0);
  });
});

describe('what comes back', () => {
  it('is kept up to 64 KiB', async () => {
    const port = await targets.http((_request, response) => void response.end('x'.repeat(300_000)));
    expect((await post({ url: `http://127.0.0.1:${port}/` })).body).toBe('x'.repeat(65_536));
  });

  it('is not followed elsewhere (fault 24)', async () => {
    let came = 0;
    const port = await targets.http((_request, response) => {
      came++;
      response.writeHead(307, { location: '/other' }).end();
    });
    expect((await post({ url: `http://127.0.0.1:${port}/` })).status).toBe(307);
    expect(came).toBe(1);
  });

  it('may drip as slowly as it likes: the time is up when it is up (fault 23)', async () => {
    const port = await targets.http((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const startedAt = performance.now();
    const error = await refusal(post({ url: `http://127.0.0.1:${port}/` }, { timeoutMs: 200 }));
    expect(error).toMatchObject({ isFinal: false, message: expect.stringContaining('0.2 s') });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it('is a temporary refusal when nobody listens', async () => {
    const port = await targets.closedPort();
    const error = await refusal(post({ url: `http://127.0.0.1:${port}/secret-path` }));
    expect(error).toMatchObject({ isFinal: false, message: expect.stringContaining('ECONNREFUSED') });
    expect(error.message).not.toContain('secret-path');
  });

  it('comes over TLS from who the certificate names, and from nobody else', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const span = { from: now - 86_400_000, until: now + 86_400_000 };
    const root = issue({ name: 'Hook Root', ...span, isAuthority: true });
    const leaf = issue({ name: 'hook', names: ['hook.example'], ...span, by: root });
    const server = createTls(
      { cert: leaf.cert, key: leaf.key },
      (_request, response) => void response.end('safe'),
    );
    const port = await targets.serve(server);
    const resolve = async () => ['127.0.0.1'];
    const at = (host: string, authorities?: string) =>
      post({ url: `https://${host}:${port}/`, authorities }, { resolve });
    expect((await at('hook.example', root.cert)).body).toBe('safe');
    expect((await refusal(at('other.example', root.cert))).message).toContain('tls:');
    expect((await refusal(at('hook.example'))).message).toContain('tls:');
  });
});

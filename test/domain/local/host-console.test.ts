import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparablePath, compilePattern } from '../../../infra/local/cloudfront/paths.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { ask, files, writeConsoleStack } from './console-stack.ts';

describe('Path patterns of a distribution', () => {
  test.each([
    ['/api/*', '/api/v1/checks', true],
    ['/api/*', '/api/', true],
    ['/api/*', '/api', false],
    ['api/*', '/api/x', true],
    ['/API/*', '/api/x', false],
    ['/status*', '/status', true],
    ['/status*', '/status/shop/feed.xml', true],
    ['/status*', '/a/status', false],
    ['/a?c', '/abc', true],
    ['/a?c', '/ac', false],
    ['/a.c', '/abc', false],
    ['*.js', '/assets/app.js', true],
    ['/*.js', '/assets/app.js', true],
    ['*', '/', true],
  ])('%s takes %s: %s', (pattern, path, expected) => {
    expect(compilePattern(pattern)(path)).toBe(expected);
  });

  test.each([
    ['/a//b', '/a/b'],
    ['//', '/'],
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a/..', '/'],
    ['/../../a', '/a'],
    ['/%61pi/x', '/api/x'],
    ['/a/%2e%2e/b', '/b'],
    ['/a%2fb', '/a%2Fb'],
    ['/a%zz', '/a%zz'],
  ])('%s is compared as %s', (path, compared) => {
    expect(comparablePath(path)).toBe(compared);
  });
});

describe('A distribution of the template', () => {
  const stack = writeConsoleStack();
  let host: Host;
  beforeAll(async () => {
    host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false });
  });
  afterAll(async () => {
    await host?.stop();
    stack.remove();
  });

  test('serves its root object under / at the address of the API, with the headers of its policy but Strict-Transport-Security', async () => {
    const { status, headers, body } = await ask(host, '/');
    expect([status, body.toString()]).toEqual([200, '<!doctype html><title>console</title>']);
    const { date, etag, connection, ...others } = headers;
    expect(date).toBe(new Date(host.now()).toUTCString());
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(connection).toBe('close');
    expect(others).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-length': '37',
      // The object's own, which the policy does not override; Last-Modified it takes away.
      'cache-control': 'no-cache',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  test('gives an object without a header of its own the one of the policy', async () => {
    expect((await ask(host, '/assets/logo.png')).headers['cache-control']).toBe('max-age=60');
  });

  test.each([
    ['/', 'bucket'],
    ['/assets/app.js', 'bucket'],
    ['/open/1', 'GET /open/{id}'],
    ['/open/kept', 'GET /open/{id}'],
    ['/all/x', 'ANY /all/{proxy+}'],
    ['//open/1', 'not found by the API'],
    ['/%6fpen/1', 'GET /open/{id}'],
    // Compared as /assets/app.js, which is the bucket's; there no key has dots that mean anything.
    ['/open/../assets/app.js', 'not in the bucket'],
    ['/all/xy', 'not in the bucket'],
    ['/open', 'not in the bucket'],
  ])('%s is answered by: %s', async (path, by) => {
    const { status, headers, body } = await ask(host, path);
    const isApi = headers['apigw-requestid'] !== undefined;
    const answered = isApi
      ? ((JSON.parse(body.toString()) as { routeKey?: string }).routeKey ?? 'not found by the API')
      : status === 200
        ? 'bucket'
        : 'not in the bucket';
    expect(answered).toBe(by);
  });

  test.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/small-work',
    '/assets/../index.html',
    '//index.html',
    '/index.html/',
    '/./index.html',
    '/assets%5c..%5cindex.html',
    '/index.html%00',
    '/__proto__',
  ])(
    '%s is no key of the bucket, and S3 does not say that it is missing to whom may not list',
    async (path) => {
      const { status, headers, body } = await ask(host, path);
      expect([status, headers['content-type']]).toEqual([403, 'application/xml']);
      expect(body.toString()).toContain('<Code>AccessDenied</Code>');
      expect(headers['content-security-policy']).toBe("default-src 'none'");
    },
  );

  test.each(['/%', '/%zz', '/a%c3'])('%s cannot be read and is answered 400', async (path) => {
    expect((await ask(host, path)).status).toBe(400);
  });

  test.each([
    ['POST', '/', 403],
    ['DELETE', '/assets/app.js', 403],
    ['OPTIONS', '/', 403],
    ['POST', '/open/kept', 403],
    ['HEAD', '/', 200],
    ['HEAD', '/assets/app.js', 200],
  ])('%s of %s is answered %d by the methods of its behaviour', async (method, path, status) => {
    expect((await ask(host, path, { method })).status).toBe(status);
  });

  test('a HEAD has the headers of a GET and no body', async () => {
    const { headers, body } = await ask(host, '/assets/logo.png', { method: 'HEAD' });
    expect([headers['content-length'], headers['content-type'], body.length]).toEqual([
      '3000',
      'image/png',
      0,
    ]);
  });

  test.each([
    ['br, gzip', 'br', (body: Buffer) => brotliDecompressSync(body)],
    ['gzip, deflate', 'gzip', (body: Buffer) => gunzipSync(body)],
    ['gzip;q=1.0, br;q=0', 'gzip', (body: Buffer) => gunzipSync(body)],
    ['identity', undefined, (body: Buffer) => body],
    ['', undefined, (body: Buffer) => body],
  ])('who accepts «%s» gets a script as %s', async (accepted, encoding, unpack) => {
    const { headers, body } = await ask(host, '/assets/app.js', { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('Accept-Encoding');
    expect(headers['content-length']).toBe(String(body.length));
    expect(unpack(body).toString()).toBe(files['assets/app.js']?.body);
    // Other bytes than the object's: CloudFront makes its strong ETag a weak one.
    expect(String(headers.etag).startsWith('W/')).toBe(encoding !== undefined);
  });

  test.each([
    ['/', 'less than 1,000 bytes'],
    ['/assets/logo.png', 'a type that is compressed already'],
  ])('%s is not compressed: %s', async (path) => {
    const { headers } = await ask(host, path, { headers: { 'accept-encoding': 'br, gzip' } });
    expect([headers['content-encoding'], headers.vary]).toEqual([undefined, undefined]);
  });

  test('what the client has is not sent again, by its weak or strong ETag', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const first = await ask(host, '/assets/app.js', { headers });
    const weak = String(first.headers.etag);
    for (const etag of [weak, weak.slice(2), `"other", ${weak}`, '*']) {
      const again = await ask(host, '/assets/app.js', { headers: { ...headers, 'if-none-match': etag } });
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, weak]);
      expect(again.headers['content-length']).toBeUndefined();
      expect(again.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    const other = await ask(host, '/assets/app.js', { headers: { ...headers, 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });

  test.each([
    [60_000, 304],
    [-60_000, 200],
  ])('without an ETag the date decides: %d ms after the change', async (afterMs, status) => {
    const since = new Date(host.now() + afterMs).toUTCString();
    expect((await ask(host, '/', { headers: { 'if-modified-since': since } })).status).toBe(status);
  });

  test('a request reaches the API as it came, where the behaviour forwards everything', async () => {
    const { body } = await ask(host, '/open/1?month=1&other=2', {
      headers: { authorization: 'Bearer a', cookie: 'a=1', 'accept-language': 'de', 'x-own': 'yes' },
    });
    expect(JSON.parse(body.toString())).toMatchObject({
      rawPath: '/open/1',
      rawQueryString: 'month=1&other=2',
      cookies: ['a=1'],
      headers: { authorization: 'Bearer a', 'accept-language': 'de', 'x-own': 'yes' },
    });
  });

  test('behind a cache policy the API gets only what is in the key of the cache', async () => {
    const { body } = await ask(host, '/open/kept?other=2&month=2026-07&monthly=1', {
      headers: { authorization: 'Bearer a', cookie: 'a=1', 'accept-language': 'de', 'user-agent': 'x' },
    });
    const event = JSON.parse(body.toString()) as {
      headers: object;
      cookies?: unknown;
      rawQueryString: string;
    };
    expect(event.rawQueryString).toBe('month=2026-07');
    expect(event.cookies).toBeUndefined();
    expect(Object.keys(event.headers)).not.toEqual(expect.arrayContaining(['authorization']));
    for (const name of ['authorization', 'cookie', 'accept-language', 'user-agent'])
      expect(event.headers).not.toHaveProperty(name);
  });

  test('an answer of the API is compressed where its cache policy tells encodings apart, and else is as it was', async () => {
    const page = JSON.stringify({
      statusCode: 200,
      headers: { 'content-type': 'text/html', etag: '"1"' },
      body: 'status '.repeat(300),
    });
    const headers = { 'x-answer': page, 'accept-encoding': 'gzip' };
    const kept = await ask(host, '/open/kept', { headers });
    expect([kept.headers['content-encoding'], kept.headers.etag]).toEqual(['gzip', 'W/"1"']);
    expect(gunzipSync(kept.body).toString()).toBe('status '.repeat(300));
    const again = await ask(host, '/open/kept', { headers: { ...headers, 'if-none-match': 'W/"1"' } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const live = await ask(host, '/open/1', { headers: { ...headers, 'if-none-match': '"1"' } });
    expect([live.status, live.headers['content-encoding'], live.headers.etag]).toEqual([
      200,
      undefined,
      '"1"',
    ]);
  });

  test('a function is told the address of the API where the template has the URL of the distribution', async () => {
    const environment = host.stack.stack.resources.get('Worker')?.properties.Environment;
    expect(environment).toMatchObject({
      Variables: {
        JOINED: `${host.url}/#/incidents`,
        SUBSTITUTED: `at ${host.url}.`,
        OTHER: 'https://d111111abcdef8.cloudfront.net',
      },
    });
  });
});

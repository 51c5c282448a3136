import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCondition } from '../../../shared/health/conditions/parse.ts';
import { CannotTell } from '../../../shared/health/probing/outcome.ts';
import { look, portsWith, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const conditions = (...texts: string[]) => texts.map(parseCondition);
const place = (name: string) => '$'.concat(`{secret:${name}}`);

describe('conditions of an http check', () => {
  test('judge status, body, headers, time and address of the answer', async () => {
    const port = await targets.http((_request, response) => {
      response.setHeader('Content-Type', 'application/json').end('{"items":[{"ok":true}]}');
    });
    const all = conditions(
      '[STATUS] == 200',
      '[BODY].items[0].ok == true',
      'len([BODY].items) == 1',
      '[BODY] contains "items"',
      '[HEADER].content-type == "application/json"',
      '[RESPONSE_TIME] < 5s',
      '[IP] == "127.0.0.1"',
      '[CONNECTED] == true',
    );
    expect(await look({ target: `http://127.0.0.1:${port}/`, conditions: all })).toMatchObject({
      status: 'healthy',
      reason: null,
      statusCode: 200,
    });
  });

  test('that fail make it unhealthy and tell the actual value', async () => {
    const port = await targets.http((_request, response) => response.end('{"state":"broken"}'));
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, conditions: conditions('[BODY].state == "ok"') }),
    ).toMatchObject({
      status: 'unhealthy',
      reason: '[BODY].state == "ok": it is "broken"',
      statusCode: 200,
    });
  });

  test.each([
    { texts: ['[STATUS] == 503'], config: {}, status: 'healthy', reason: null },
    { texts: ['[STATUS] < 300'], config: {}, status: 'unhealthy', reason: '[STATUS] < 300: it is 503' },
    {
      texts: ['[STATUS] == 503'],
      config: { expectedStatus: [200] },
      status: 'unhealthy',
      reason: 'expected status 200, got 503',
    },
    {
      texts: ['[RESPONSE_TIME] < 5s'],
      config: {},
      status: 'unhealthy',
      reason: 'expected status 200-299, got 503',
    },
  ])('$texts with $config: 200-299 is expected unless one speaks of the status', async (given) => {
    const port = await targets.http((_request, response) => response.writeHead(503).end());
    expect(
      await look({
        target: `http://127.0.0.1:${port}/`,
        config: given.config,
        conditions: conditions(...given.texts),
      }),
    ).toMatchObject({ status: given.status, reason: given.reason });
  });

  test('of the certificate know the days that are left', async () => {
    const port = await targets.https((_request, response) => response.end());
    const seen = await look({
      target: `https://127.0.0.1:${port}/`,
      config: { verifyTls: false },
      conditions: conditions('[CERTIFICATE_DAYS] > 1000000'),
    });
    expect(seen.reason).toMatch(/^\[CERTIFICATE_DAYS\] > 1000000: it is \d+$/);
  });

  test('see a body in chunks as one, without what frames it', async () => {
    const port = await targets.tcp((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nab');
      setImmediate(() => socket.write('c\r\n2\r\nde\r'));
      setTimeout(() => socket.end('\n0\r\nt: r\r\n\r\n'), 20);
    });
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, conditions: conditions('[BODY] == "x"') }),
    ).toMatchObject({ reason: '[BODY] == "x": it is "abcde"' });
  });

  test('read text in the charset that the answer names', async () => {
    const port = await targets.http((_request, response) => {
      response
        .setHeader('content-type', 'text/plain; charset=ISO-8859-1')
        .end(Buffer.from('gr\xf6\xdfe', 'latin1'));
    });
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, conditions: conditions('[BODY] == "größe"') }),
    ).toMatchObject({ status: 'healthy' });
  });
});

describe('a coded body', () => {
  const text = JSON.stringify({ state: 'ok', fill: 'x'.repeat(5000) });
  test.each([
    { coding: 'gzip', bytes: gzipSync(text) },
    { coding: 'x-gzip', bytes: gzipSync(text) },
    { coding: 'deflate', bytes: deflateSync(text) },
    { coding: 'deflate', bytes: deflateRawSync(text) },
    { coding: 'br', bytes: brotliCompressSync(text) },
    { coding: 'identity', bytes: Buffer.from(text) },
  ])('as $coding is decoded although nobody asked for it', async ({ coding, bytes }) => {
    const port = await targets.http((_request, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(bytes),
    );
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, conditions: conditions('[BODY].state == "ok"') }),
    ).toMatchObject({ status: 'healthy', reason: null });
  });

  test.each([
    { coding: 'gzip', reason: "the answer's body is no sound gzip: incorrect header check" },
    {
      coding: 'compress',
      reason: "the answer's body is coded as compress: send it plain, or as gzip, deflate or br",
    },
  ])('that is no $coding is unhealthy: $reason', async ({ coding, reason }) => {
    const port = await targets.http((_request, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end('plain text'),
    );
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, conditions: conditions('[BODY] == "x"') }),
    ).toMatchObject({ status: 'unhealthy', reason });
  });

  test('of a few kilobytes that stands for 200 MB is decoded up to 256 KiB and no further (fault 22)', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 'a'));
    expect(bomb.length).toBeLessThan(250 * 1024);
    const port = await targets.http((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const before = process.memoryUsage().rss;
    const seen = await look({
      target: `http://127.0.0.1:${port}/`,
      conditions: conditions('len([BODY]) == 1'),
    });
    expect(seen.reason).toBe('len([BODY]) == 1: it is 262144');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('without an end is kept up to 256 KiB, then the connection is closed (fault 22)', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await targets.http((request, response) => {
      const chunk = Buffer.alloc(16_384, 'a');
      const flood = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', flood);
      request.socket.on('close', () => closed.resolve());
      flood();
    });
    const seen = await look({
      target: `http://127.0.0.1:${port}/`,
      conditions: conditions('len([BODY]) > 300000'),
    });
    const length = Number(/it is (\d+)$/.exec(seen.reason ?? '')?.[1]);
    // The lines between the chunks count against the limit.
    expect(length).toBeGreaterThan(250_000);
    expect(length).toBeLessThanOrEqual(262_144);
    await closed.promise;
  });
});

describe('credentials', () => {
  const authorizations: (string | undefined)[] = [];
  const echoing = async () => {
    authorizations.length = 0;
    return targets.http((request, response) => {
      authorizations.push(request.headers.authorization);
      response.end(`you sent ${request.headers.authorization} and ${request.headers['x-api-key']}`);
    });
  };

  test('basic and bearer are sent as the field asks for it, with secrets by reference', async () => {
    const port = await echoing();
    const ports = secretsPort({ PASSWORD: 'canary:pass', TOKEN: 'canary-token' });
    for (const auth of [
      { basic: { username: 'probe', password: place('PASSWORD') } },
      { bearer: place('TOKEN') },
      { bearer: 'literal-token' },
    ]) {
      await look({ target: `http://127.0.0.1:${port}/`, config: { auth } }, { ports });
    }
    expect(authorizations).toEqual([
      `Basic ${Buffer.from('probe:canary:pass').toString('base64')}`,
      'Bearer canary-token',
      'Bearer literal-token',
    ]);
  });

  test.each([
    { auth: { basic: { username: 'probe', password: place('KEY') } } },
    { auth: { basic: { username: 'probe', password: 'canary-value' } } },
    { auth: { bearer: place('KEY') } },
    { auth: { bearer: 'canary-value' } },
    { headers: { Authorization: 'Bearer canary-value' } },
    { headers: { 'X-Api-Key': 'canary-value' } },
    { headers: { 'X-Api-Key': place('KEY') } },
  ])('that the target sends back are in no reason: $auth$headers (fault 29)', async (config) => {
    const port = await echoing();
    const seen = await look(
      { target: `http://127.0.0.1:${port}/`, config, conditions: conditions('[BODY] == "x"') },
      { ports: secretsPort({ KEY: 'canary-value' }) },
    );
    expect(seen.reason).toContain('[secret]');
    expect(seen.reason).not.toContain('canary');
    expect(seen.reason).not.toContain(Buffer.from('canary-value').toString('base64'));
    expect(seen.reason).not.toContain(Buffer.from('probe:canary-value').toString('base64'));
  });

  test('do not follow a redirect to another origin (fault 24)', async () => {
    const port = await echoing();
    const first = await targets.http((_request, response) =>
      response
        .writeHead(302, { location: `http://127.0.0.1:${port}/`, 'set-cookie': 'session=canary' })
        .end(),
    );
    await look({
      target: `http://127.0.0.1:${first}/`,
      config: { auth: { bearer: 'canary-token' } },
    });
    expect(authorizations).toEqual([undefined]);
  });

  test('in a body are escaped as its type asks for', async () => {
    const bodies: string[] = [];
    const port = await targets.http(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      bodies.push(Buffer.concat(chunks).toString());
      response.end();
    });
    const ports = secretsPort({ KEY: 'a"b&c' });
    const target = `http://127.0.0.1:${port}/`;
    const post = (body: string, headers: Record<string, string> = {}) =>
      look({ target, config: { method: 'POST', headers, body } }, { ports });
    await post(`{"key": "${place('KEY')}"}`);
    await post(`key=${place('KEY')}`, { 'Content-Type': 'application/x-www-form-urlencoded' });
    await post(place('KEY'), { 'Content-Type': 'text/plain' });
    expect(bodies).toEqual(['{"key": "a\\"b&c"}', 'key=a%22b%26c', 'a"b&c']);
  });

  test('that cannot be read say nothing about the target', async () => {
    const ports = portsWith({
      secret: async (name) => {
        throw new CannotTell(`the secret ${name} is not there`);
      },
    });
    const port = await echoing();
    expect(
      await look(
        { target: `http://127.0.0.1:${port}/`, config: { auth: { bearer: place('KEY') } } },
        { ports },
      ),
    ).toMatchObject({ status: 'unknown', reason: 'the secret KEY is not there' });
    expect(authorizations).toEqual([]);
  });

  test('with a line break are never put into a header (fault 28)', async () => {
    const port = await echoing();
    expect(
      await look(
        { target: `http://127.0.0.1:${port}/`, config: { headers: { 'x-api-key': place('KEY') } } },
        { ports: secretsPort({ KEY: 'one\r\nx-admin: yes' }) },
      ),
    ).toMatchObject({
      status: 'unknown',
      reason: `the value of ${place('KEY')} cannot stand in a header: it has line breaks or characters beyond Latin-1`,
    });
    expect(authorizations).toEqual([]);
  });
});

test('a login that sets a cookie and redirects keeps it, on this origin only', async () => {
  const got: unknown[] = [];
  const other = await targets.http((request, response) => {
    got.push(['other', request.headers.cookie]);
    response.end();
  });
  const port = await targets.http((request, response) => {
    got.push([request.url, request.headers.cookie]);
    if (request.url === '/')
      response.writeHead(302, { location: '/in', 'set-cookie': 'sid=1; HttpOnly' }).end();
    else response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end();
  });
  expect((await look({ target: `http://127.0.0.1:${port}/` })).status).toBe('healthy');
  expect(got).toEqual([
    ['/', undefined],
    ['/in', 'sid=1'],
    ['other', undefined],
  ]);
});

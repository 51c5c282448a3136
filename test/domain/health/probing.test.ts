import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { directResolve, type Resolve } from '../../../shared/health/probing/resolve.ts';
import { look, lookAll, loopback } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

describe('http', () => {
  test('an expected status is healthy, with its phases in whole milliseconds', async () => {
    const port = await targets.http((_request, response) => response.end('ok'));
    const seen = await look({ target: `http://127.0.0.1:${port}/` });
    expect(seen).toMatchObject({ status: 'healthy', reason: null, statusCode: 200, attempts: 1, rev: 1 });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'total']);
    for (const value of Object.values(seen.phases)) expect(Number.isInteger(value)).toBe(true);
  });

  test.each([
    { config: {}, status: 503, reason: 'expected status 200-299, got 503' },
    {
      config: { expectedStatus: [200, '300-302'] },
      status: 404,
      reason: 'expected status 200, 300-302, got 404',
    },
    { config: { followRedirects: 0 }, status: 302, reason: 'expected status 200-299, got 302' },
  ])('the reason names expected and actual status: $reason', async ({ config, status, reason }) => {
    const port = await targets.http((_request, response) =>
      response.writeHead(status, { location: '/next' }).end(),
    );
    expect(await look({ target: `http://127.0.0.1:${port}/`, config })).toMatchObject({
      status: 'unhealthy',
      reason,
      statusCode: status,
    });
  });

  test('method, path, headers and body arrive as configured, framed by us', async () => {
    const got: unknown[] = [];
    const port = await targets.http(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      got.push([request.method, request.url, request.headers, Buffer.concat(chunks).toString()]);
      response.writeHead(201).end();
    });
    const config = {
      method: 'POST',
      headers: { 'X-Key': 'k1', 'Content-Type': 'text/plain' },
      body: 'größe',
    };
    expect((await look({ target: `http://127.0.0.1:${port}/a%20b?c=d#e`, config })).status).toBe('healthy');
    expect(got).toEqual([
      [
        'POST',
        '/a%20b?c=d',
        {
          host: `127.0.0.1:${port}`,
          'user-agent': 'Homeostat',
          accept: '*/*',
          'accept-encoding': 'identity',
          'x-key': 'k1',
          'content-type': 'text/plain',
          'content-length': '7',
          connection: 'close',
        },
        'größe',
      ],
    ]);
  });

  test('HEAD needs no body', async () => {
    const port = await targets.http((_request, response) =>
      response.writeHead(200, { 'content-length': 99 }).end(),
    );
    expect((await look({ target: `http://127.0.0.1:${port}/`, config: { method: 'HEAD' } })).status).toBe(
      'healthy',
    );
  });

  test('a refused connection names the error and the address', async () => {
    const port = await targets.closedPort();
    expect(await look({ target: `http://127.0.0.1:${port}/` })).toMatchObject({
      status: 'unhealthy',
      reason: `connect ECONNREFUSED 127.0.0.1:${port}`,
      phases: {},
    });
  });

  test('a target that never answers ends at its timeout', async () => {
    const port = await targets.tcp(() => {});
    const startedAt = performance.now();
    const seen = await look({ target: `http://127.0.0.1:${port}/`, timeoutSeconds: 0.3 });
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 0.3 s' });
    expect(seen.phases.total).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test('a slow drip ends at the same deadline, for there is only one (fault 23)', async () => {
    const port = await targets.tcp((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const seen = await look({ target: `http://127.0.0.1:${port}/`, timeoutSeconds: 0.3 });
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 0.3 s' });
  });

  test('of an endless body 64 KiB are read, then the connection is closed (fault 22)', async () => {
    let sent = 0;
    const closed = Promise.withResolvers<void>();
    const port = await targets.http((request, response) => {
      const chunk = Buffer.alloc(16_384);
      const flood = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      response.on('drain', flood);
      request.socket.on('close', () => closed.resolve());
      flood();
    });
    expect((await look({ target: `http://127.0.0.1:${port}/`, timeoutSeconds: 5 })).status).toBe('healthy');
    await closed.promise;
    // What the kernel's buffers of both ends hold comes on top.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test.each([
    { what: 'no HTTP', bytes: 'SSH-2.0-OpenSSH_9.2\r\n\r\n', reason: 'the answer is not HTTP/1.1' },
    { what: 'HTTP/2', bytes: 'HTTP/2 200\r\n\r\n', reason: 'the answer is not HTTP/1.1' },
    {
      what: 'a folded header',
      bytes: 'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n',
      reason: 'the answer has a malformed header',
    },
    {
      what: 'two lengths',
      bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      reason: 'the answer has a malformed content-length',
    },
    {
      what: 'a short body',
      bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc',
      reason: 'the connection was closed before the answer was complete',
    },
    {
      what: 'a broken chunk',
      bytes: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      reason: 'the answer has a malformed chunk',
    },
    {
      what: 'half a head',
      bytes: 'HTTP/1.1 200 OK\r\na: b\r\n',
      reason: 'the connection was closed without an answer',
    },
    { what: 'nothing', bytes: '', reason: 'the connection was closed without an answer' },
    {
      what: 'huge headers',
      bytes: `HTTP/1.1 200 OK\r\na: ${'b'.repeat(70_000)}\r\n\r\n`,
      reason: "the answer's headers are larger than 64 KiB",
    },
    {
      what: 'endless interim answers',
      bytes: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(4000),
      reason: "the answer's headers are larger than 64 KiB",
    },
  ])('$what is unhealthy: $reason', async ({ bytes, reason }) => {
    const port = await targets.tcp((socket) => {
      socket.on('error', () => {});
      socket.end(bytes);
    });
    expect(await look({ target: `http://127.0.0.1:${port}/` })).toMatchObject({
      status: 'unhealthy',
      reason,
    });
  });

  test.each([
    { what: 'blanks and then a control character', value: `${' '.repeat(3000)}\0`, status: 'unhealthy' },
    { what: 'blanks between two letters', value: `x${' '.repeat(60_000)}x`, status: 'healthy' },
  ])('a header of $what takes no time to read (fault 32)', async ({ value, status }) => {
    const port = await targets.tcp((socket) => {
      socket.on('error', () => {});
      socket.end(`HTTP/1.1 200 OK\r\na:${value}\r\ncontent-length: 0\r\n\r\n`);
    });
    const startedAt = performance.now();
    expect(await look({ target: `http://127.0.0.1:${port}/` })).toMatchObject({ status });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test.each([
    { method: 'POST', length: '0' },
    { method: 'PUT', length: '0' },
    { method: 'PATCH', length: '0' },
    { method: 'GET', length: undefined },
    { method: 'DELETE', length: undefined },
  ])(
    '$method without a body says content-length $length, for servers may insist on one',
    async ({ method, length }) => {
      const got: unknown[] = [];
      const port = await targets.http((request, response) => {
        got.push(request.headers['content-length']);
        response.end();
      });
      await look({ target: `http://127.0.0.1:${port}/`, config: { method } });
      expect(got).toEqual([length]);
    },
  );

  test.each([
    {
      what: 'chunks',
      bytes: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nt: r\r\n\r\n',
    },
    {
      what: 'an interim answer',
      bytes: 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    },
    { what: 'HTTP/1.0', bytes: 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n' },
    { what: 'no reason phrase', bytes: 'HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n' },
  ])('$what on a connection that stays open is complete, byte by byte too', async ({ bytes }) => {
    const whole = await targets.tcp((socket) => void socket.on('error', () => {}).write(bytes, 'latin1'));
    const dripping = await targets.tcp(async (socket) => {
      socket.on('error', () => {}).setNoDelay();
      for (const byte of bytes) {
        if (socket.destroyed) return;
        socket.write(byte);
        await new Promise((next) => setImmediate(next));
      }
    });
    for (const port of [whole, dripping]) {
      expect(await look({ target: `http://127.0.0.1:${port}/` })).toMatchObject({ status: 'healthy' });
    }
  });
});

describe('https', () => {
  const named: Resolve = async () => ['127.0.0.1'];

  test('a certificate nobody vouches for is unhealthy, with the reason', async () => {
    const port = await targets.https((_request, response) => response.end());
    expect(await look({ target: `https://127.0.0.1:${port}/` })).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: self-signed certificate',
    });
  });

  test('verifyTls: false accepts it, and the phases tell of the handshake', async () => {
    const port = await targets.https((_request, response) => response.end());
    const seen = await look(
      { target: `https://named.test:${port}/`, config: { verifyTls: false } },
      { resolve: named },
    );
    expect(seen).toMatchObject({ status: 'healthy', statusCode: 200 });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'dns', 'firstByte', 'tls', 'total']);
  });

  test('the dot that may end a name is left out of the handshake, where servers refuse it', async () => {
    const asked: unknown[] = [];
    const port = await targets.https((request, response) => {
      asked.push((request.socket as TLSSocket).servername);
      response.end();
    });
    await look({ target: `https://named.test.:${port}/`, config: { verifyTls: false } }, { resolve: named });
    expect(asked).toEqual(['named.test']);
  });

  test('a server that speaks no TLS is unhealthy', async () => {
    const port = await targets.http((_request, response) => response.end());
    const seen = await look({ target: `https://127.0.0.1:${port}/` });
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).toMatch(/^tls: /);
  });

  test('a connection closed in the handshake is unhealthy', async () => {
    const port = await targets.tcp((socket) => void socket.on('error', () => {}).end());
    const seen = await look({ target: `https://127.0.0.1:${port}/`, timeoutSeconds: 2 });
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).toMatch(/^tls: /);
  });
});

describe('tcp', () => {
  test('a connection is healthy', async () => {
    const port = await targets.tcp((socket) => socket.on('error', () => {}));
    const seen = await look({ type: 'tcp', target: `127.0.0.1:${port}` });
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'total']);
  });

  test('a refused one is unhealthy and names the address', async () => {
    const port = await targets.closedPort();
    const seen = await look({ type: 'tcp', target: `127.0.0.1:${port}` });
    expect(seen).toMatchObject({ status: 'unhealthy', reason: `connect ECONNREFUSED 127.0.0.1:${port}` });
  });

  test('the next address of a name is tried when the first refuses', async () => {
    const port = await targets.tcp((socket) => socket.on('error', () => {}));
    const resolve: Resolve = async () => ['127.0.0.9', '127.0.0.1'];
    expect((await look({ type: 'tcp', target: `two.test:${port}` }, { resolve })).status).toBe('healthy');
  });
});

describe('names and addresses', () => {
  test('are resolved once: the connection goes to the address that was judged (fault 25)', async () => {
    const port = await targets.tcp((socket) => socket.on('error', () => {}));
    let asked = 0;
    // The second answer would be the metadata service.
    const rebinding: Resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']);
    expect((await look({ type: 'tcp', target: `rebind.test:${port}` }, { resolve: rebinding })).status).toBe(
      'healthy',
    );
    expect(asked).toBe(1);
  });

  test('a refusal is unknown, never unhealthy, and nothing is connected to', async () => {
    let connections = 0;
    const port = await targets.tcp((socket) => {
      connections++;
      socket.destroy();
    });
    const closed = { ...loopback, allowedPrivateRanges: [] };
    for (const target of [
      `127.0.0.1:${port}`,
      `2130706433:${port}`,
      `0x7f.1:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `localhost:${port}`,
    ]) {
      const seen = await look({ type: 'tcp', target }, { policy: closed });
      expect(seen).toMatchObject({
        status: 'unknown',
        reason: expect.stringContaining('is a loopback address'),
      });
    }
    expect(connections).toBe(0);
  });

  test('a name that does not exist is unhealthy', async () => {
    const server = await nameServer(() => undefined);
    const seen = await look(
      { type: 'tcp', target: 'nosuch.example.test:80' },
      { resolve: directResolve([server.address]) },
    );
    expect(seen).toMatchObject({
      status: 'unhealthy',
      reason: 'the name nosuch.example.test does not resolve (ENOTFOUND)',
    });
    server.close();
  });

  test('asked directly, a name server that hangs does not hold up other names', async () => {
    const port = await targets.tcp((socket) => socket.on('error', () => {}));
    const server = await nameServer((name) => (name.startsWith('hang') ? 'silence' : [127, 0, 0, 1]));
    const hanging = Array.from({ length: 8 }, (_, at) => ({
      type: 'tcp',
      target: `hang-${at}.test:${port}`,
      retries: 0,
      timeoutSeconds: 0.5,
    }));
    const answering = { type: 'tcp', target: `answers.test:${port}`, retries: 0, timeoutSeconds: 0.5 };
    const { seen } = await lookAll([...hanging, answering], { resolve: directResolve([server.address]) });
    expect(seen.filter((one) => one.status === 'healthy').map((one) => one.no)).toEqual([9]);
    expect(seen.filter((one) => one.reason === 'no answer within 0.5 s')).toHaveLength(8);
    server.close();
  });

  test('no name server at all says nothing about the target', async () => {
    const seen = await look(
      { type: 'tcp', target: 'any.example.test:80' },
      { resolve: directResolve(['127.0.0.1:1']) },
    );
    expect(seen).toMatchObject({
      status: 'unknown',
      reason: 'no name server answered for any.example.test (ECONNREFUSED)',
    });
  });
});

describe('a slot', () => {
  test('tries again after a failure, within its retries', async () => {
    let asked = 0;
    const port = await targets.http((_request, response) =>
      response.writeHead(++asked < 2 ? 500 : 200).end(),
    );
    expect(await look({ target: `http://127.0.0.1:${port}/`, retries: 2 })).toMatchObject({
      status: 'healthy',
      attempts: 2,
    });
  });

  test('asks once what is known to be unhealthy', async () => {
    let asked = 0;
    const port = await targets.http((_request, response) => {
      asked++;
      response.writeHead(500).end();
    });
    const seen = await look({ target: `http://127.0.0.1:${port}/`, retries: 2 }, { isUnhealthy: true });
    expect(seen).toMatchObject({ status: 'unhealthy', attempts: 1 });
    expect(asked).toBe(1);
  });

  test('leaves out what has no time left: a gap, no failure', async () => {
    const port = await targets.tcp(() => {});
    const hanging = { target: `http://127.0.0.1:${port}/`, retries: 0, timeoutSeconds: 0.4 };
    const { seen } = await lookAll([hanging, hanging, hanging, hanging, hanging], {
      budgetMs: 600,
      concurrency: 2,
    });
    expect(seen.map((one) => one.reason)).toEqual(['no answer within 0.4 s', 'no answer within 0.4 s']);
  });

  test('never has more probes under way than it may', async () => {
    let most = 0;
    const port = await targets.http((_request, response) => {
      most = Math.max(most, targets.openSockets());
      setTimeout(() => response.end(), 10);
    });
    const many = Array.from({ length: 12 }, () => ({ target: `http://127.0.0.1:${port}/` }));
    const { seen } = await lookAll(many, { concurrency: 3 });
    expect(seen.every((one) => one.status === 'healthy')).toBe(true);
    expect(most).toBeLessThanOrEqual(6);
  });

  test('calls a kind it does not know unknown', async () => {
    for (const type of ['ping', 'constructor', '__proto__']) {
      expect(await look({ type })).toMatchObject({
        status: 'unknown',
        reason: `this runner does not know checks of the kind ${type}`,
      });
    }
  });
});

/** A name server on loopback: an IPv4 address, `silence`, or no such name. AAAA questions get an empty answer. */
const nameServer = async (answer: (name: string) => readonly number[] | 'silence' | undefined) => {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    let end = 12;
    const labels: string[] = [];
    while (question[end]) {
      const size = question[end] ?? 0;
      labels.push(question.toString('latin1', end + 1, end + 1 + size));
      end += size + 1;
    }
    const isFour = question.readUInt16BE(end + 1) === 1;
    const found = answer(labels.join('.'));
    if (found === 'silence') return;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(found && isFour ? 1 : 0, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const record =
      found && isFour ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...found]) : Buffer.alloc(0);
    socket.send(Buffer.concat([head, question.subarray(12, end + 5), record]), from.port, from.address);
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return { address: `127.0.0.1:${(socket.address() as AddressInfo).port}`, close: () => socket.close() };
};

import { readFileSync } from 'node:fs';
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCondition } from '../../../shared/health/conditions/parse.ts';
import { look } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const pem = (name: string) => readFileSync(join(import.meta.dirname, 'certificate', name));
const config = { httpVersion: '2', verifyTls: false };

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
const overTls = (onStream: OnStream) => {
  const server = createSecureServer({ key: pem('key.pem'), cert: pem('cert.pem'), allowHTTP1: false });
  server.on('stream', onStream);
  server.on('sessionError', () => {});
  return targets.serve(server);
};
const inTheClear = (onStream: OnStream) => {
  const server = createServer();
  server.on('stream', onStream);
  server.on('sessionError', () => {});
  return targets.serve(server);
};

describe('HTTP/2', () => {
  test('over TLS, with its phases, conditions and what the request carries', async () => {
    const got: unknown[] = [];
    const port = await overTls((stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        got.push({ ...Object.fromEntries(Object.entries(headers)), body: Buffer.concat(chunks).toString() });
        stream.respond({ ':status': 201, 'x-answer': 'yes' });
        stream.end('{"ok":true}');
      });
    });
    const seen = await look({
      target: `https://127.0.0.1:${port}/a?b=c`,
      config: { ...config, method: 'POST', body: 'größe', headers: { 'X-Key': 'k1' } },
      conditions: ['[STATUS] == 201', '[BODY].ok == true', '[HEADER].x-answer == "yes"'].map(parseCondition),
    });
    expect(seen).toMatchObject({ status: 'healthy', reason: null, statusCode: 201 });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'tls', 'total']);
    expect(got).toEqual([
      {
        ':method': 'POST',
        ':scheme': 'https',
        ':authority': `127.0.0.1:${port}`,
        ':path': '/a?b=c',
        'user-agent': 'Homeostat',
        accept: '*/*',
        'accept-encoding': 'identity',
        'x-key': 'k1',
        'content-length': '7',
        body: 'größe',
      },
    ]);
  });

  test('in the clear, with redirects and cookies', async () => {
    const got: unknown[] = [];
    const port = await inTheClear((stream, headers) => {
      got.push([headers[':path'], headers.cookie]);
      if (headers[':path'] === '/') {
        stream.respond(
          { ':status': 302, location: '/in', 'set-cookie': ['a=1', 'b=2'] },
          { endStream: true },
        );
      } else stream.respond({ ':status': 204 }, { endStream: true });
    });
    expect(await look({ target: `http://127.0.0.1:${port}/`, config })).toMatchObject({
      status: 'healthy',
      statusCode: 204,
    });
    expect(got).toEqual([
      ['/', undefined],
      ['/in', 'a=1; b=2'],
    ]);
  });

  test('HEAD needs no body', async () => {
    const port = await inTheClear((stream) => stream.respond({ ':status': 200 }, { endStream: true }));
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, config: { ...config, method: 'HEAD' } }),
    ).toMatchObject({ status: 'healthy' });
  });

  test('a server that only speaks HTTP/1.1 is unhealthy, and says so', async () => {
    const port = await targets.https((_request, response) => response.end());
    const seen = await look({ target: `https://127.0.0.1:${port}/`, config });
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).toMatch(/the server offers no HTTP\/2 on this port|tls: .*(protocol|alert)/i);
  });

  test('an endless body is read up to the limit, then the stream is closed (fault 22)', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await inTheClear((stream) => {
      stream.on('error', () => {});
      stream.on('close', () => closed.resolve());
      stream.respond({ ':status': 200 });
      const chunk = Buffer.alloc(16_384, 'a');
      const flood = () => {
        while (!stream.destroyed && stream.write(chunk));
      };
      stream.on('drain', flood);
      flood();
    });
    const seen = await look({
      target: `http://127.0.0.1:${port}/`,
      config,
      conditions: [parseCondition('len([BODY]) == 1')],
    });
    expect(seen.reason).toBe('len([BODY]) == 1: it is 262144');
    await closed.promise;
  });

  test('a slow drip ends at the deadline (fault 23)', async () => {
    const port = await inTheClear((stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      const drip = setInterval(() => stream.write('x'), 20);
      stream.on('close', () => clearInterval(drip));
    });
    expect(await look({ target: `http://127.0.0.1:${port}/`, config, timeoutSeconds: 0.3 })).toMatchObject({
      status: 'unhealthy',
      reason: 'no answer within 0.3 s',
    });
  });

  test.each([
    {
      what: 'more header fields than 256',
      fields: Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`x-${at}`, 'y'])),
    },
    { what: 'headers beyond 64 KiB', fields: { 'x-big': 'y'.repeat(80_000) } },
  ])('$what are not taken', async ({ fields }) => {
    const port = await inTheClear((stream) => {
      stream.on('error', () => {});
      try {
        stream.respond({ ':status': 200, ...fields }, { endStream: true });
      } catch {
        stream.close();
      }
    });
    const seen = await look({ target: `http://127.0.0.1:${port}/`, config, timeoutSeconds: 2 });
    expect(seen.status).toBe('unhealthy');
  });

  test('a stream that is reset is unhealthy', async () => {
    const port = await inTheClear((stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      stream.write('half');
      setImmediate(() => stream.destroy(new Error('broken')));
    });
    const seen = await look({ target: `http://127.0.0.1:${port}/`, config, timeoutSeconds: 2 });
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).not.toContain('no answer within');
  });

  test('a server that speaks something else is unhealthy', async () => {
    const port = await targets.tcp(
      (socket) => void socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'),
    );
    const seen = await look({ target: `http://127.0.0.1:${port}/`, config, timeoutSeconds: 2 });
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).not.toContain('no answer within');
  });
});

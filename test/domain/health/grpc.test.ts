import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { grpc } from '../../../shared/health/kinds/grpc.ts';
import { requestFrame, statusIn } from '../../../shared/health/kinds/grpc-health.ts';
import { issue } from './certificates.ts';
import { look, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

/** Frames of `HealthCheckResponse`, as protoc's own encoders write them. */
const frames = {
  UNKNOWN: '0000000000',
  SERVING: '00000000020801',
  NOT_SERVING: '00000000020802',
  SERVICE_UNKNOWN: '00000000020803',
} as const;

type Reply = {
  readonly frame?: string;
  readonly code?: string;
  readonly message?: string;
  readonly httpStatus?: number;
};
type Call = { readonly headers: IncomingHttpHeaders; readonly body: string };

const replying =
  (reply: Reply, calls: Call[] = []) =>
  (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const pieces: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => {
      calls.push({ headers, body: Buffer.concat(pieces).toString('hex') });
      const { frame, code, message, httpStatus = 200 } = reply;
      const trailers = { ...(code && { 'grpc-status': code }), ...(message && { 'grpc-message': message }) };
      if (frame === undefined) {
        stream.respond(
          { ':status': httpStatus, 'content-type': 'application/grpc', ...trailers },
          { endStream: true },
        );
        return;
      }
      stream.respond(
        { ':status': httpStatus, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(Buffer.from(frame, 'hex'));
    });
  };

const serve = (reply: Reply, calls?: Call[]) => {
  const server = createServer().on('stream', replying(reply, calls));
  server.on('sessionError', () => {});
  return targets.serve(server as unknown as Server);
};

const probe = (port: number, config: Record<string, unknown> = {}, timeoutSeconds = 2) =>
  look({ type: 'grpc', target: `127.0.0.1:${port}`, config, timeoutSeconds });

describe('a grpc check', () => {
  test('is healthy when the health service says SERVING, and asks as gRPC does', async () => {
    const calls: Call[] = [];
    const port = await serve({ frame: frames.SERVING, code: '0' }, calls);
    const seen = await probe(port, { service: 'shop.v1.Cart' });
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'total']);
    expect(calls).toMatchObject([
      {
        headers: {
          ':method': 'POST',
          ':path': '/grpc.health.v1.Health/Check',
          ':scheme': 'http',
          ':authority': `127.0.0.1:${port}`,
          'content-type': 'application/grpc',
          te: 'trailers',
        },
        // protoc --encode grpc.health.v1.HealthCheckRequest <<< 'service: "shop.v1.Cart"', and its five bytes in front
        body: `000000000e0a0c${Buffer.from('shop.v1.Cart').toString('hex')}`,
      },
    ]);
    await expect.poll(() => targets.openSockets()).toBe(0);
  });

  test.each([
    { reply: { frame: frames.NOT_SERVING, code: '0' }, reason: 'the server is NOT_SERVING' },
    { reply: { frame: frames.UNKNOWN, code: '0' }, reason: 'the server is UNKNOWN' },
    { reply: { frame: frames.SERVICE_UNKNOWN, code: '0' }, reason: 'the server is SERVICE_UNKNOWN' },
    {
      reply: { code: '12' },
      reason: 'UNIMPLEMENTED: the server has no grpc.health.v1.Health service; register one in it',
    },
    { reply: { code: '5' }, reason: "NOT_FOUND: the server's health service does not know the server" },
    {
      reply: { code: '16', message: 'no%20token%21' },
      reason: 'the health service answered UNAUTHENTICATED: no token!',
    },
    { reply: { code: '14' }, reason: 'the health service answered UNAVAILABLE' },
    { reply: { code: '99' }, reason: 'the health service answered code 99' },
    { reply: { frame: frames.SERVING }, reason: 'the answer has no grpc-status' },
    { reply: { httpStatus: 502 }, reason: 'expected a gRPC answer, got HTTP status 502' },
    { reply: { frame: '00', code: '0' }, reason: 'the answer is no HealthCheckResponse' },
    { reply: { frame: '01000000020801', code: '0' }, reason: 'the answer is no HealthCheckResponse' },
    { reply: { frame: '00'.repeat(5000), code: '0' }, reason: 'the answer is larger than 4096 bytes' },
  ])('is unhealthy otherwise: $reason', async ({ reply, reason }) => {
    const port = await serve(reply);
    expect(await probe(port)).toMatchObject({ status: 'unhealthy', reason });
    await expect.poll(() => targets.openSockets()).toBe(0);
  });

  test('sends metadata with secrets in it', async () => {
    const calls: Call[] = [];
    const port = await serve({ frame: frames.SERVING, code: '0' }, calls);
    const config = { metadata: { authorization: `Bearer $\{secret:token}` } };
    const check = { type: 'grpc', target: `127.0.0.1:${port}`, config };
    expect(await look(check, { ports: secretsPort({ token: 't0ken' }) })).toMatchObject({
      status: 'healthy',
    });
    expect(calls[0]?.headers.authorization).toBe('Bearer t0ken');
  });

  test.each([
    { what: 'HTTP/1.1', bytes: 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n' },
    { what: 'nothing', bytes: '' },
  ])('a server that speaks $what is unhealthy', async ({ bytes }) => {
    const port = await targets.tcp(
      (socket) => void socket.on('error', () => {}).once('data', () => socket.end(bytes)),
    );
    const seen = await probe(port);
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).toMatch(/^the server does not speak gRPC: /);
  });

  test('a server that hangs up at once is unhealthy', async () => {
    const port = await targets.tcp((socket) => socket.resetAndDestroy());
    const seen = await probe(port);
    expect(seen.status).toBe('unhealthy');
    expect(seen.timedOut).toBeUndefined();
  });

  test('a secret that no header can carry is our own trouble: unknown, and not told (fault 29)', async () => {
    const port = await serve({ frame: frames.SERVING, code: '0' });
    const config = { metadata: { authorization: `$\{secret:token}` } };
    const check = { type: 'grpc', target: `127.0.0.1:${port}`, config };
    const seen = await look(check, { ports: secretsPort({ token: 'two\nlines-canary' }) });
    expect(seen.status).toBe('unknown');
    expect(seen.reason).not.toContain('canary');
  });

  test('speaks TLS with HTTP/2, and says when a server agrees to something else', async () => {
    const now = Date.now();
    const own = issue({
      name: 'own',
      names: ['grpc.test'],
      from: now - 1000,
      until: now + 86_400_000,
      isAuthority: true,
    });
    const resolve = async () => ['127.0.0.1'];
    const config = { tls: true, certificateAuthorities: own.cert };
    const serveTls = (options: object) => {
      const server = createSecureServer({ cert: own.cert, key: own.key, ...options });
      server.on('stream', replying({ frame: frames.SERVING, code: '0' })).on('sessionError', () => {});
      return targets.serve(server as unknown as Server);
    };
    const port = await serveTls({});
    expect(await look({ type: 'grpc', target: `grpc.test:${port}`, config }, { resolve })).toMatchObject({
      status: 'healthy',
    });
    const old = await targets.https((_request, response) => response.end());
    const lax = { tls: true, verifyTls: false };
    expect(await look({ type: 'grpc', target: `grpc.test:${old}`, config: lax }, { resolve })).toMatchObject({
      status: 'unhealthy',
      reason: expect.stringMatching(/^(the server did not agree to HTTP\/2, which gRPC needs|tls: .*)$/),
    });
  });

  test.each([
    { text: '[STATUS] == "SERVING"', status: 'healthy' },
    { text: '[STATUS] != "SERVING"', status: 'unhealthy' },
  ])('with the condition $text is $status', async ({ text, status }) => {
    const port = await serve({ frame: frames.SERVING, code: '0' });
    const check = { type: 'grpc', target: `127.0.0.1:${port}`, conditions: [parseCondition(text)] };
    expect(await look(check)).toMatchObject({ status });
  });

  test.each([
    { what: 'never answers', drip: false },
    { what: 'drips frames', drip: true },
  ])('ends at its deadline when the server $what, and closes (fault 23)', async ({ drip }) => {
    const port = await targets.tcp((socket) => {
      // An empty SETTINGS frame, then PINGs.
      socket.write(Buffer.from('000000040000000000', 'hex'));
      const ping = Buffer.from('0000080600000000000000000000000000', 'hex');
      const timer = drip ? setInterval(() => socket.write(ping), 20) : undefined;
      socket
        .on('error', () => {})
        .on('data', () => {})
        .on('close', () => clearInterval(timer));
    });
    const seen = await probe(port, {}, 0.3);
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 0.3 s', timedOut: true });
    await expect.poll(() => targets.openSockets()).toBe(0);
  });
});

describe('the messages of grpc.health.v1', () => {
  test.each(Object.entries(frames))('%s', (status, hex) => {
    expect(statusIn(Buffer.from(hex, 'hex'))).toBe(status);
  });

  test('a field that a later version adds is passed over', () => {
    // field 7, text "ok", then the status
    expect(statusIn(Buffer.from('00000000063a026f6b0801', 'hex'))).toBe('SERVING');
  });

  test.each([
    '',
    '00',
    '0000000003080',
    '000000000208',
    '00000000020807',
    '0000000003ffffff',
    '00000000043affffff',
  ])('%s is no answer', (hex) => {
    expect(statusIn(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  test('a long name of a service has its length in two bytes', () => {
    const frame = requestFrame('s'.repeat(200));
    expect(frame.subarray(0, 8).toString('hex')).toBe('00000000cb0ac801');
    expect(frame.length).toBe(5 + 203);
  });
});

describe('the config of a grpc check', () => {
  const { config } = grpc.definition(z, conditionParser);
  test.each([
    { metadata: { 'grpc-timeout': '1S' } },
    { metadata: { Upper: 'x' } },
    { metadata: { a: 'x\ny' } },
    { service: 'a b' },
  ])('%j is refused', (given) => {
    expect(config.safeParse(given).success).toBe(false);
  });
});

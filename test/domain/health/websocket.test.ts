import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { websocket } from '../../../shared/health/kinds/websocket.ts';
import { issue } from './certificates.ts';
import { look, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

type Meet = (client: WebSocket, request: IncomingMessage) => void;

const upgrading = (meet: Meet, options: ConstructorParameters<typeof WebSocketServer>[0] = {}) => {
  const server = new WebSocketServer({ noServer: true, ...options });
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    server.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => {});
      meet(client, request);
    });
};
const serve = (meet: Meet, options?: ConstructorParameters<typeof WebSocketServer>[0]) =>
  targets.serve(createHttp().on('upgrade', upgrading(meet, options)));

const probe = (port: number, config: Record<string, unknown> = {}, timeoutSeconds = 2) =>
  look({ type: 'websocket', target: `ws://127.0.0.1:${port}/live?x=1`, config, timeoutSeconds });

describe('a websocket check', () => {
  test('is healthy when the server agrees, and says goodbye', async () => {
    const met = Promise.withResolvers<unknown>();
    const port = await serve((client, request) => {
      client.on('close', (code) => met.resolve([request.url, request.headers['user-agent'], code]));
    });
    const seen = await probe(port);
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'total']);
    expect(await met.promise).toEqual(['/live?x=1', 'Homeostat', 1000]);
  });

  test('sends headers, subprotocol and a message, and hears the answer', async () => {
    const port = await serve(
      (client, { headers }) => {
        client.send('welcome');
        client.on('message', (data) => client.send(`${headers.authorization} ${client.protocol} ${data}`));
      },
      { handleProtocols: () => 'chat.v2' },
    );
    const config = {
      headers: { authorization: `Bearer $\{secret:token}` },
      subprotocol: 'chat.v2',
      send: 'ping',
      expect: 'Bearer t0ken-value chat.v2 ping',
    };
    const check = { type: 'websocket', target: `ws://127.0.0.1:${port}/`, config };
    expect(await look(check, { ports: secretsPort({ token: 't0ken-value' }) })).toMatchObject({
      status: 'healthy',
    });
  });

  test.each([
    {
      close: true,
      reason: 'expected a message with "ready", got "starting": the server closed with code 1011',
    },
    { close: false, reason: 'expected a message with "ready", got "starting" within 0.3 s' },
  ])('says what came in place of the expected message', async ({ close, reason }) => {
    const port = await serve((client) => {
      client.send('starting');
      if (close) client.close(1011);
    });
    expect(await probe(port, { expect: 'ready' }, 0.3)).toMatchObject({ status: 'unhealthy', reason });
  });

  test('an answer that is no upgrade is unhealthy, a redirect too, which is never followed (fault 24)', async () => {
    let followed = 0;
    const other = await targets.http((_request, response) => {
      followed++;
      response.end();
    });
    const plain = await targets.http((_request, response) => response.writeHead(404).end());
    expect(await probe(plain)).toMatchObject({
      status: 'unhealthy',
      reason: 'expected status 101, got 404',
      statusCode: 404,
    });
    const redirecting = await targets.http((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end(),
    );
    expect(await probe(redirecting)).toMatchObject({
      status: 'unhealthy',
      reason: 'expected status 101, got 302',
    });
    expect(followed).toBe(0);
  });

  test.each([
    { bytes: 'SSH-2.0-OpenSSH_9.2\r\n', why: /Parse Error/ },
    {
      bytes:
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: no\r\n\r\n',
      why: /Invalid Sec-WebSocket-Accept header/,
    },
    { bytes: '', why: /socket hang up/ },
  ])('a server that does not speak it as it should is unhealthy: $why', async ({ bytes, why }) => {
    const port = await targets.tcp(
      (socket) => void socket.on('error', () => {}).once('data', () => socket.end(bytes)),
    );
    const seen = await probe(port);
    expect(seen.status).toBe('unhealthy');
    expect(seen.reason).toMatch(/^the server does not speak WebSocket as it should: /);
    expect(seen.reason).toMatch(why);
  });

  test('the wrong subprotocol is unhealthy', async () => {
    const port = await serve(() => {}, { handleProtocols: () => false });
    expect(await probe(port, { subprotocol: 'chat.v2' })).toMatchObject({
      status: 'unhealthy',
      reason: 'the server does not speak WebSocket as it should: Server sent no subprotocol',
    });
  });

  test('a message over 64 KiB is not read, nor are endless small ones, nor compressed ones asked for (fault 22)', async () => {
    const offers: unknown[] = [];
    const huge = await serve(
      (client, { headers }) => {
        offers.push(headers['sec-websocket-extensions']);
        client.send('x'.repeat(70_000));
      },
      { perMessageDeflate: true },
    );
    const seen = await probe(huge, { expect: 'y' });
    expect(seen.reason).toBe('the server does not speak WebSocket as it should: Max payload size exceeded');
    expect(offers).toEqual([undefined]);
    const endless = await serve((client) => {
      const chunk = 'x'.repeat(10_000);
      for (let sent = 0; sent < 20; sent++) client.send(chunk);
    });
    expect((await probe(endless, { expect: 'y' })).reason).toMatch(/ after 64 KiB of messages$/);
  });

  test.each([
    { what: 'empty messages', frame: [0x81, 0] },
    { what: 'pongs', frame: [0x8a, 0] },
  ])('a flood of $what ends the look early (fault 22)', async ({ frame }) => {
    const flood = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from(frame)));
    const port = await serve((client, { socket }) => {
      client.on('error', () => {});
      const pour = (): void => {
        if (!socket.destroyed) socket.write(flood, () => setImmediate(pour));
      };
      pour();
    });
    const startedAt = performance.now();
    expect((await probe(port, { expect: 'y' }, 4)).reason).toMatch(/ after 64 KiB of messages$/);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test('ends at its deadline under a slow drip of the handshake, and closes (fault 23)', async () => {
    const port = await targets.tcp((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.on('error', () => {}).on('close', () => clearInterval(drip));
    });
    expect(await probe(port, {}, 0.3)).toMatchObject({
      status: 'unhealthy',
      reason: 'no answer within 0.3 s',
    });
    await expect.poll(() => targets.openSockets()).toBe(0);
  });

  test('speaks TLS at wss, and judges the certificate', async () => {
    const now = Date.now();
    const own = issue({
      name: 'own',
      names: ['live.test'],
      from: now - 1000,
      until: now + 86_400_000,
      isAuthority: true,
    });
    const server = createHttps({ cert: own.cert, key: own.key });
    server.on(
      'upgrade',
      upgrading((client) => client.send('hello')),
    );
    const port = await targets.serve(server);
    const check = { type: 'websocket', target: `wss://live.test:${port}/` };
    const resolve = async () => ['127.0.0.1'];
    const trusting = { certificateAuthorities: own.cert, expect: 'hello' };
    expect(await look({ ...check, config: trusting }, { resolve })).toMatchObject({ status: 'healthy' });
    expect(await look(check, { resolve })).toMatchObject({
      status: 'unhealthy',
      reason: 'tls: self-signed certificate',
    });
  });

  test('hears the first message when a condition speaks of it', async () => {
    const port = await serve((client) => client.send('{"type": "welcome", "load": 3}'));
    const check = { type: 'websocket', target: `ws://127.0.0.1:${port}/` };
    const met = parseCondition('[BODY].load < 5');
    const unmet = parseCondition('[BODY].load < 2');
    expect(await look({ ...check, conditions: [met] })).toMatchObject({ status: 'healthy' });
    expect(await look({ ...check, conditions: [unmet] })).toMatchObject({
      status: 'unhealthy',
      reason: '[BODY].load < 2: it is 3',
    });
  });

  test('a secret that no header can carry is our own trouble: unknown, and not told (fault 29)', async () => {
    const port = await serve(() => {});
    const check = {
      type: 'websocket',
      target: `ws://127.0.0.1:${port}/`,
      config: { headers: { 'x-key': `$\{secret:token}` } },
    };
    const seen = await look(check, { ports: secretsPort({ token: 'two\nlines-canary' }) });
    expect(seen.status).toBe('unknown');
    expect(seen.reason).not.toContain('canary');
  });
});

describe('the definition of a websocket check', () => {
  const definition = websocket.definition(z, conditionParser);
  test.each([
    ['https://live.test/', 'Give a ws:// or wss:// URL, such as wss://example.com/live.'],
    ['wss://user:pass@live.test/', expect.stringContaining('Leave user and password out of the URL')],
    ['wss://live.test/#part', 'Leave out the # and what follows: it is never sent.'],
    ['wss://live.test/\r\nx: y', expect.stringContaining('Leave out blanks, line breaks')],
  ])('refuses the target %j', (target, message) => {
    expect(definition.target.safeParse(target).error?.issues[0]?.message).toEqual(message);
  });

  test.each([
    { headers: { 'Sec-WebSocket-Key': 'x' } },
    { headers: { 'x-a': 'one\r\nx-b: two' } },
    { subprotocol: 'a, b' },
    { expect: '' },
  ])('refuses the config %j', (config) => {
    expect(definition.config.safeParse(config).success).toBe(false);
  });
});

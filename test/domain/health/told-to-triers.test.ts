import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tryOnce } from '../../../shared/health/probing/try-once.ts';
import { entry } from './builders.ts';
import { look, lookAll, loopback, portsWith, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const tried = (type: string, port: number, config: Record<string, unknown>) =>
  tryOnce(entry(1, { type, target: `127.0.0.1:${port}`, config, timeoutSeconds: 1 }), {
    network: { resolve: async (host) => [host], policy: loopback },
    ports: portsWith(),
    clock: Date.now,
    onFault: (_entry, error) => {
      throw error;
    },
  });

describe('whoever tries a check that is not saved is told no values of the target', () => {
  const message = (code: string, body: string): Buffer => {
    const bytes = Buffer.from(`${code}0000${body}`, 'latin1');
    bytes.writeUInt32BE(bytes.length - 1, 1);
    return bytes;
  };
  const refusing = (code: string, text: string) =>
    targets.tcp((socket: Socket) => {
      socket.on('error', () => {});
      const welcome = Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')]);
      const error = message('E', `SERROR\0C${code}\0M${text}\0\0`);
      let asked = 0;
      socket.on('data', () => socket.write(asked++ === 0 ? welcome : error));
    });

  test('not in the words with which a database refuses a value', async () => {
    const port = await refusing('22P02', 'invalid input syntax for type integer: "canary"');
    expect((await tried('postgres', port, { username: 'monitor' })).reason).toBe(
      'PostgreSQL: the query failed (22P02)',
    );
  });

  test('but in its own words what is wrong with the query', async () => {
    const port = await refusing('42P01', 'relation "orders" does not exist');
    expect((await tried('postgres', port, { username: 'monitor' })).reason).toBe(
      'PostgreSQL: relation "orders" does not exist (42P01)',
    );
  });

  test('not in the message of a gRPC server', async () => {
    const server = createHttp2();
    server.on('stream', (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '13', 'grpc-message': 'canary' },
        { endStream: true },
      );
    });
    const port = await targets.serve(server as never);
    expect((await tried('grpc', port, {})).reason).toBe('the health service answered INTERNAL');
  });
});

test('a fault of our own is logged without the secrets of the check (fault 29)', async () => {
  const logged: string[] = [];
  await lookAll(
    [{ target: 'http://shop.example.com/', config: { headers: { 'x-key': '$'.concat('{secret:KEY}') } } }],
    {
      ports: secretsPort({ KEY: 'canary-secret' }),
      resolve: async () => {
        throw Object.assign(new TypeError('cannot make canary-secret'), { input: 'canary-secret' });
      },
      onFault: (_entry, error) => logged.push(`${error.name} ${error.stack} ${JSON.stringify(error)}`),
    },
  );
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('TypeError: cannot make [secret]');
  expect(logged[0]).not.toContain('canary');
});

test('an answer that ends with one half of the connection is complete', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
  });
  const port = await targets.serve(server);
  expect(await look({ target: `http://127.0.0.1:${port}/`, timeoutSeconds: 1 })).toMatchObject({
    status: 'healthy',
  });
});

import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { postgresFrames } from '../../../shared/health/probing/postgres-frames.ts';
import { look, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

const targets = openTargets();
afterAll(() => targets.close());

const message = (code: string, body: Buffer | string): Buffer => {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(code, 'latin1');
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
};
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const welcome = Buffer.concat([message('R', number(0)), message('Z', 'I')]);

/** A server that lets everyone in, and then says what it is told to. */
const ask = async (first: Buffer, later: Buffer = Buffer.alloc(0), onOpen?: (socket: Socket) => void) => {
  const port = await targets.tcp((socket) => {
    let isFirst = true;
    socket.on('error', () => {});
    onOpen?.(socket);
    socket.on('data', () => {
      socket.write(isFirst ? first : later);
      isFirst = false;
    });
  });
  const password = '$'.concat('{secret:DATABASE}');
  return look(
    {
      type: 'postgres',
      target: `127.0.0.1:${port}`,
      config: { username: 'monitor', password },
      timeoutSeconds: 1,
    },
    { ports: secretsPort({ DATABASE: 'correct horse battery' }) },
  );
};

test.each([
  { what: 'an error whose fields never end', first: message('E', 'SFATAL\0Mno') },
  { what: 'an error that ends in the middle of a field', first: message('E', 'SFATAL\0Mno\0') },
  { what: 'an error without any field or end', first: message('E', '') },
  { what: 'an unknown way to prove who one is', first: message('R', number(99)) },
  { what: 'a message of two gigabytes', first: Buffer.from([82, 0x7f, 255, 255, 255]) },
  { what: 'a message shorter than its own length', first: Buffer.from([82, 0, 0, 0, 1]) },
  { what: 'a web page', first: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
  {
    what: 'a row with fewer columns than none',
    first: welcome,
    later: Buffer.concat([message('T', Buffer.from([0, 0])), message('D', Buffer.from([255, 255]))]),
  },
  {
    what: 'a row that ends before its columns',
    first: welcome,
    later: Buffer.concat([message('T', Buffer.from([0, 0])), message('D', Buffer.from([0, 9]))]),
  },
  {
    what: 'a proof that takes billions of rounds',
    first: Buffer.concat([
      message('R', Buffer.concat([number(10), Buffer.from('SCRAM-SHA-256\0\0')])),
      message('R', Buffer.concat([number(11), Buffer.from('r=x,s=eA==,i=2000000000')])),
    ]),
  },
])('a server that sends $what is unhealthy, and the run goes on', async ({ first, later }) => {
  const startedAt = performance.now();
  const seen = await ask(first, later);
  expect(seen.status).toBe('unhealthy');
  expect(performance.now() - startedAt).toBeLessThan(1900);
});

test('what a server repeats of the password is not told (fault 29)', async () => {
  const seen = await ask(message('E', 'SFATAL\0C28P01\0Mcorrect horse battery is wrong\0\0'));
  expect(seen).toMatchObject({ status: 'unhealthy', reason: 'PostgreSQL: [secret] is wrong (28P01)' });
});

test('where TLS is wanted, nothing is said in the clear to a server that offers none', async () => {
  const heard: Buffer[] = [];
  const port = await targets.tcp((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(chunk);
      socket.write('N');
    });
  });
  const seen = await look({
    type: 'postgres',
    target: `127.0.0.1:${port}`,
    config: { username: 'monitor', tls: true },
  });
  expect(seen).toMatchObject({ status: 'unhealthy', reason: 'PostgreSQL offers no TLS here' });
  // The bytes of an SSLRequest, and none after them.
  expect(Buffer.concat(heard).toString('hex')).toBe('0000000804d2162f');
});

test('words put in front of the handshake by someone on the way end the look', async () => {
  const port = await targets.tcp((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('SR\0\0\0\x08\0\0\0\0'));
  });
  const seen = await look({
    type: 'postgres',
    target: `127.0.0.1:${port}`,
    config: { username: 'monitor', tls: true },
  });
  expect(seen).toMatchObject({ status: 'unhealthy', reason: "the server's answer is not PostgreSQL" });
});

test('messages pass whole and unchanged, however they are cut into pieces', () => {
  const bodies = fc.array(
    fc.tuple(fc.constantFrom('R', 'S', 'Z', 'D', 'T'), fc.uint8Array({ maxLength: 40 })),
  );
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 20 }), (given, size) => {
      const bytes = Buffer.concat(given.map(([code, body]) => message(code, Buffer.from(body))));
      const gate = postgresFrames();
      const passed: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) passed.push(gate(bytes.subarray(at, at + size)));
      expect(Buffer.concat(passed)).toEqual(bytes);
    }),
    { numRuns: 200 },
  );
});

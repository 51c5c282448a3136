import { afterAll, expect, test } from 'vitest';
import { look, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

const targets = openTargets();
afterAll(() => targets.close());

const packet = (sequence: number, body: Buffer | string): Buffer => {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(4);
  head.writeUIntLE(bytes.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, bytes]);
};

/** Protocol 10, a version, a thread, 8 bytes of challenge, capabilities, character set, status, 12 bytes more, a method. */
const greeting = (capabilities = 0x000a_a200): Buffer => {
  const [low, high] = [Buffer.alloc(2), Buffer.alloc(2)];
  low.writeUInt16LE(capabilities & 0xffff);
  high.writeUInt16LE(capabilities >>> 16);
  const body = Buffer.concat([
    Buffer.from('\x0a8.4.0\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
    low,
    Buffer.from([45, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0mysql_native_password\0'),
  ]);
  return packet(0, body);
};
const ok = (sequence: number) => packet(sequence, Buffer.from([0, 0, 0, 2, 0, 0, 0]));

/** A server that greets and then gives one answer after the other. */
const ask = async (first: Buffer, answers: readonly Buffer[] = [], config: Record<string, unknown> = {}) => {
  const heard: Buffer[] = [];
  const port = await targets.tcp((socket) => {
    const left = [...answers];
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(chunk);
      socket.write(left.shift() ?? Buffer.alloc(0));
    });
    socket.write(first);
  });
  const seen = await look(
    {
      type: 'mysql',
      target: `127.0.0.1:${port}`,
      config: { username: 'monitor', password: '$'.concat('{secret:DATABASE}'), ...config },
      timeoutSeconds: 1,
    },
    { ports: secretsPort({ DATABASE: 'correct horse battery' }) },
  );
  return { seen, heard: Buffer.concat(heard) };
};

test.each([
  { what: 'a greeting that stops in the middle', first: packet(0, '\x0a8.4') },
  { what: 'an empty greeting', first: packet(0, '') },
  { what: 'a web page', first: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
  { what: 'a flood before it greets', first: packet(0, Buffer.alloc(1_000_000, 1)) },
  {
    what: 'more columns than memory holds',
    first: greeting(),
    answers: [ok(2), packet(1, Buffer.from([0xfe, 255, 255, 255, 255, 255, 0, 0, 0]))],
  },
  {
    what: 'columns that are none',
    first: greeting(),
    answers: [ok(2), Buffer.concat([packet(1, '\x01'), packet(2, '\xff')])],
  },
  { what: 'an error without a message', first: greeting(), answers: [packet(2, '\xff')] },
])('a server that sends $what is unhealthy, and the run goes on', async ({ first, answers }) => {
  const startedAt = performance.now();
  const { seen } = await ask(first, answers);
  expect(seen.status).toBe('unhealthy');
  expect(performance.now() - startedAt).toBeLessThan(1900);
});

test('a server that asks for a file of ours gets none', async () => {
  const { seen, heard } = await ask(greeting(), [ok(2), packet(1, '\xfb/etc/passwd')]);
  expect(seen.status).toBe('unhealthy');
  expect(heard.toString('latin1')).not.toContain('root:');
});

test('a server that asks for the password in the clear does not get it', async () => {
  const { seen, heard } = await ask(greeting(), [packet(2, '\xfemysql_clear_password\0')]);
  expect(seen.status).toBe('unhealthy');
  expect(heard.toString('latin1')).not.toContain('correct horse battery');
});

test('where TLS is wanted, no credentials are said to a server that offers none', async () => {
  const { seen, heard } = await ask(greeting(), [], { tls: true });
  expect(seen).toMatchObject({
    status: 'unhealthy',
    reason: 'MySQL: Server does not support secure connection (HANDSHAKE_NO_SSL_SUPPORT)',
  });
  expect(heard).toHaveLength(0);
});

test('what a server repeats of the password is not told (fault 29)', async () => {
  const { seen } = await ask(greeting(), [
    packet(2, Buffer.from('\xff\x15\x04#28000correct horse battery is wrong', 'latin1')),
  ]);
  expect(seen).toMatchObject({
    status: 'unhealthy',
    reason: 'MySQL: [secret] is wrong (ER_ACCESS_DENIED_ERROR)',
  });
});

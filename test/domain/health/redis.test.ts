import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { commandText, type Reply, replyReader } from '../../../shared/health/probing/resp.ts';
import { look, portsWith } from './look.ts';
import { openTargets } from './servers.ts';

const targets = openTargets();
afterAll(() => targets.close());

/** A server that answers every command with the same bytes. */
const server = (answer: string | Buffer) =>
  targets.tcp((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(answer));
  });
const ask = async (answer: string | Buffer, config: Record<string, unknown> = {}) => {
  const target = `127.0.0.1:${await server(answer)}`;
  return look({ type: 'redis', target, config, timeoutSeconds: 2 }, { ports: portsWith() });
};

test.each([
  { answer: '+PONG\r\n', expected: 'PONG', reason: null },
  { answer: ':7\r\n', expected: 7, reason: null },
  { answer: '$5\r\nhello\r\n', expected: 'hello', reason: null },
  { answer: '$-1\r\n', expected: null, reason: null },
  { answer: '*2\r\n:1\r\n$1\r\na\r\n', expected: '[1,"a"]', reason: null },
  { answer: '+PONG\r\n', expected: 'OK', reason: 'the command PING gave "PONG", expected "OK"' },
  {
    answer: '-LOADING Redis is loading the dataset in memory\r\n',
    expected: 'PONG',
    reason: 'Redis: LOADING Redis is loading the dataset in memory',
  },
])('the reply $answer, where $expected is expected: $reason', async ({ answer, expected, reason }) => {
  const status = reason === null ? 'healthy' : 'unhealthy';
  expect(await ask(answer, { expected })).toMatchObject({ status, reason });
});

test.each([
  { what: 'announces more elements than memory holds', answer: '*1000000000\r\n' },
  { what: 'announces lists in lists in lists (fault 22)', answer: '*1000\r\n'.repeat(2000) },
  { what: 'announces a text of gigabytes', answer: '$4000000000\r\n' },
  { what: 'sends a line without end', answer: `+${'x'.repeat(100_000)}` },
  { what: 'sends a flood', answer: `*9000\r\n${'$100\r\n'.concat('x'.repeat(100), '\r\n').repeat(5000)}` },
  { what: 'is a web server', answer: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
  { what: 'announces what is no number', answer: '*1e9\r\n' },
])('a server that $what is unhealthy, at no cost to us', async ({ answer }) => {
  const before = process.memoryUsage().rss;
  const seen = await ask(answer);
  expect(seen).toMatchObject({ status: 'unhealthy', attempts: 1 });
  expect(seen.reason).toMatch(/not Redis|ask for less/);
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
});

test('a server that hangs up is unhealthy', async () => {
  const port = await targets.tcp((socket) => void socket.on('data', () => socket.end()));
  const seen = await look({ type: 'redis', target: `127.0.0.1:${port}` }, { ports: portsWith() });
  expect(seen).toMatchObject({
    status: 'unhealthy',
    reason: 'Redis closed the connection without an answer',
  });
});

test('the words of a command are told with their length in bytes', () => {
  expect(commandText(['GET', 'grüße'])).toBe('*2\r\n$3\r\nGET\r\n$7\r\ngrüße\r\n');
});

/** As a server writes it. */
const written = (reply: Reply): string => {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  return Array.isArray(reply) ? `*${reply.length}\r\n${reply.map(written).join('')}` : '';
};

const { tree } = fc.letrec<{ tree: Reply; leaf: Reply }>((tie) => ({
  leaf: fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.constant(null)),
  tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), fc.array(tie('tree'), { maxLength: 5 })),
}));

test('a reply is the same however its bytes are cut into pieces', () => {
  fc.assert(
    fc.property(tree, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (reply, sizes) => {
      const bytes = Buffer.from(written(reply));
      const reader = replyReader();
      let got: Reply | undefined;
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        got = reader.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(got).toEqual(reply);
    }),
    { numRuns: 200 },
  );
});

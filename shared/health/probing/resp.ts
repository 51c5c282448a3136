import { largestAnswer, tooLarge } from './driver-stream.ts';
import { TargetFailed } from './outcome.ts';

/** A refusal by the server: `NOAUTH Authentication required.` */
export class RedisRefusal extends Error {
  override name = 'RedisRefusal';
}

export type Reply = string | number | null | RedisRefusal | readonly Reply[];

const largestList = 10_000;
const deepest = 8;
/** Numbers, simple texts and errors are lines. */
const longestLine = 4096;

/** A command as RESP has it: a list of texts, each with its length in bytes. */
export const commandText = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

const malformed = () => new TargetFailed("the server's answer is not Redis");

/** What came and was not read yet, and how much was announced so far. */
type Source = { bytes: Buffer; elements: number };
/** Waits for more bytes wherever it stands, so that nothing is read twice however slowly they drip. */
type Reading<T> = Generator<undefined, T, void>;

/**
 * Reads replies of the Redis protocol, version 2. Our own and not a driver's: the driver makes room for as many
 * elements as a server announces, so 88 bytes of nested announcements cost it 2 GB (measured on ioredis 6.0.0).
 */
export const replyReader = () => {
  const source: Source = { bytes: Buffer.alloc(0), elements: 0 };
  let received = 0;
  let reading = replyIn(source, 0);
  return {
    /** Takes more bytes; the first whole reply, or undefined while it is not there yet. Throws `TargetFailed`. */
    push(chunk: Buffer): Reply | undefined {
      received += chunk.length;
      if (received > largestAnswer) throw tooLarge();
      source.bytes = source.bytes.length === 0 ? chunk : Buffer.concat([source.bytes, chunk]);
      const { done, value } = reading.next();
      if (!done) return undefined;
      source.elements = 0;
      reading = replyIn(source, 0);
      return value;
    },
  };
};

function* replyIn(source: Source, depth: number): Reading<Reply> {
  const line = yield* lineIn(source);
  const rest = line.slice(1);
  switch (line[0]) {
    case '+':
      return rest;
    case '-':
      return new RedisRefusal(rest);
    case ':':
      return whole(rest);
    case '$':
      return yield* textIn(source, whole(rest));
    case '*':
      return yield* listIn(source, whole(rest), depth);
    default:
      throw malformed();
  }
}

const whole = (digits: string): number => {
  if (!/^-?\d{1,19}$/.test(digits)) throw malformed();
  return Number(digits);
};

function* lineIn(source: Source): Reading<string> {
  for (;;) {
    const end = source.bytes.indexOf('\r\n', 0, 'latin1');
    if ((end < 0 ? source.bytes.length : end) > longestLine) throw malformed();
    if (end >= 0) {
      const line = source.bytes.toString('utf8', 0, end);
      source.bytes = source.bytes.subarray(end + 2);
      return line;
    }
    yield;
  }
}

function* textIn(source: Source, length: number): Reading<string | null> {
  if (length === -1) return null;
  if (length < 0) throw malformed();
  if (length > largestAnswer) throw tooLarge();
  while (source.bytes.length < length + 2) yield;
  const text = source.bytes.toString('utf8', 0, length);
  source.bytes = source.bytes.subarray(length + 2);
  return text;
}

function* listIn(source: Source, length: number, depth: number): Reading<Reply> {
  if (length === -1) return null;
  if (length < 0 || depth >= deepest) throw malformed();
  source.elements += length;
  if (source.elements > largestList) {
    throw new TargetFailed(`the answer has more than ${largestList} elements: ask for less`);
  }
  const list: Reply[] = [];
  for (let at = 0; at < length; at++) list.push(yield* replyIn(source, depth + 1));
  return list;
}

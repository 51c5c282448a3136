import { TargetFailed } from './outcome.ts';

/** What the head of an answer may weigh, interim answers included. */
export const headerBytes = 64 * 1024;
/** What is read of a body that nobody asks for: a flood is left standing. */
export const unaskedBytes = 64 * 1024;
/** What is kept of a body that conditions or captures look into, as it was sent and again when it is decoded. */
export const keptBytes = 256 * 1024;

export type AnswerHead = {
  readonly status: number;
  /** Names in lower case; repeated ones joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Each by itself, for a comma may stand inside one. */
  readonly setCookies?: readonly string[] | undefined;
};

export type Answer = AnswerHead & {
  /** As it was sent, at most `keptBytes` of it; undefined when nobody asked for it. */
  readonly body?: Buffer | undefined;
};

const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [^\r\n\0]*)?$/;
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
/** Line breaks by halves, which some readers take for whole ones, and NUL. */
const strayControl = /\0|\r(?!\n)|(?<!\r)\n/;

/** Reads the head of an answer, strictly. Throws `TargetFailed` on anything that is not HTTP/1.1. */
export const parseHead = (text: string): AnswerHead => {
  const firstEnd = text.indexOf('\r\n');
  const status = statusLine.exec(firstEnd < 0 ? text : text.slice(0, firstEnd))?.[1];
  if (!status) throw new TargetFailed('the answer is not HTTP/1.1');
  if (strayControl.test(text)) throw malformedHeader();
  const headers = new Map<string, string>();
  let setCookies: string[] | undefined;
  // Line by line over the one text: each look parses a head, and lists of lines cost more than the rest of it.
  for (let at = firstEnd < 0 ? text.length : firstEnd + 2; at < text.length; ) {
    const next = text.indexOf('\r\n', at);
    const end = next < 0 ? text.length : next;
    const colon = text.indexOf(':', at);
    const key = colon < 0 || colon > end ? '' : text.slice(at, colon).toLowerCase();
    if (!headerName.test(key)) throw malformedHeader();
    // No pattern for the value: blanks around it would make one go back and forth for hours.
    const value = text.slice(colon + 1, end).trim();
    if (key === 'set-cookie') {
      setCookies ??= [];
      setCookies.push(value);
    }
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
    at = end + 2;
  }
  return { status: Number(status), headers, setCookies };
};

const malformedHeader = () => new TargetFailed('the answer has a malformed header');

/** Takes what belongs to the body, without what frames it. */
export type Sink = (bytes: Buffer) => void;

/** Knows where a body ends. `push` takes the next bytes and says whether that was all. */
export type BodyEnd = {
  push(chunk: Buffer, sink: Sink | undefined): boolean;
  /** Whether the other side may close here. */
  mayClose(): boolean;
};

export const bodyEndOf = (head: AnswerHead, method: string): BodyEnd => {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return counted(0);
  const coding = head.headers.get('transfer-encoding')?.toLowerCase();
  if (coding !== undefined) {
    if (coding.split(',').at(-1)?.trim() !== 'chunked') return untilClosed;
    return chunked();
  }
  const length = head.headers.get('content-length');
  if (length === undefined) return untilClosed;
  const lengths = new Set(length.split(',').map((part) => part.trim()));
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length.split(',')[0] ?? '')) {
    throw new TargetFailed('the answer has a malformed content-length');
  }
  return counted(Number([...lengths][0]));
};

const untilClosed: BodyEnd = {
  push: (chunk, sink) => {
    sink?.(chunk);
    return false;
  },
  mayClose: () => true,
};

const counted = (length: number): BodyEnd => {
  let got = 0;
  return {
    push: (chunk, sink) => {
      sink?.(chunk.subarray(0, length - got));
      got += chunk.length;
      return got >= length;
    },
    mayClose: () => got >= length,
  };
};

/** Chunk-size lines and trailers are short; a longer one is an attack on our memory. */
const longestLine = 1024;

const chunked = (): BodyEnd => {
  let line = '';
  /** Bytes of the present chunk, its CRLF included, that are still to come; 0 while a line is read. */
  let left = 0;
  let isTrailer = false;
  let isDone = false;
  /** A whole line, without CRLF. */
  const take = (text: string): void => {
    if (isTrailer) {
      isDone = text === '';
      return;
    }
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(text)?.[1];
    if (size === undefined) throw new TargetFailed('the answer has a malformed chunk');
    const length = Number.parseInt(size, 16);
    isTrailer = length === 0;
    left = isTrailer ? 0 : length + 2;
  };
  return {
    push: (chunk, sink) => {
      for (let at = 0; at < chunk.length && !isDone; ) {
        if (left > 0) {
          const step = Math.min(left, chunk.length - at);
          // The last two bytes are the line's end.
          sink?.(chunk.subarray(at, at + Math.max(0, Math.min(step, left - 2))));
          left -= step;
          at += step;
          continue;
        }
        const end = chunk.indexOf(10, at);
        line += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
        if (line.length > longestLine) throw new TargetFailed('the answer has a malformed chunk');
        if (end < 0) break;
        at = end + 1;
        const whole = line.replace(/\r$/, '');
        line = '';
        take(whole);
      }
      return isDone;
    },
    mayClose: () => isDone,
  };
};

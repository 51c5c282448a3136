import { TargetFailed } from './outcome.ts';

/** What an HTTP answer may weigh: the status is all that is judged, so a flood is left standing. */
export const headerBytes = 64 * 1024;
export const bodyBytes = 64 * 1024;

export type AnswerHead = {
  readonly status: number;
  /** Names in lower case; repeated ones joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
};

const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [^\r\n\0]*)?$/;
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Reads the head of an answer, strictly. Throws `TargetFailed` on anything that is not HTTP/1.1. */
export const parseHead = (text: string): AnswerHead => {
  const [first = '', ...lines] = text.split('\r\n');
  const status = statusLine.exec(first)?.[1];
  if (!status) throw new TargetFailed('the answer is not HTTP/1.1');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(0, colon)).toLowerCase();
    // No pattern for the value: blanks around it would make one go back and forth for hours.
    const value = line.slice(colon + 1).trim();
    if (!headerName.test(key) || /[\r\n\0]/.test(line)) {
      throw new TargetFailed('the answer has a malformed header');
    }
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return { status: Number(status), headers };
};

/** Knows where a body ends. `push` takes the next bytes and says whether that was all. */
export type BodyEnd = {
  push(chunk: Buffer): boolean;
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

const untilClosed: BodyEnd = { push: () => false, mayClose: () => true };

const counted = (length: number): BodyEnd => {
  let got = 0;
  return {
    push: (chunk) => {
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
    push: (chunk) => {
      for (let at = 0; at < chunk.length && !isDone; ) {
        if (left > 0) {
          const step = Math.min(left, chunk.length - at);
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

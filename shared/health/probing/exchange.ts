import type { Socket } from 'node:net';
import { type AnswerHead, type BodyEnd, bodyBytes, bodyEndOf, headerBytes, parseHead } from './answer.ts';
import type { Attempt } from './attempt.ts';
import { fromSocketError, TargetFailed } from './outcome.ts';

export type HttpRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
};

/** Sends one request over a fresh connection and reads the answer up to its end or our limits. */
export const exchange = async (
  request: HttpRequest,
  verifyTls: boolean,
  attempt: Attempt,
): Promise<AnswerHead> => {
  const { url } = request;
  const isTls = url.protocol === 'https:';
  const socket = await attempt.connect({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isTls ? 443 : 80),
    ...(isTls && { tls: { verify: verifyTls } }),
  });
  try {
    return await answerOf(socket, request, attempt);
  } finally {
    socket.destroy();
  }
};

const answerOf = (socket: Socket, request: HttpRequest, attempt: Attempt): Promise<AnswerHead> =>
  new Promise((resolve, reject) => {
    const reader = answerReader(request.method);
    const sentAt = performance.now();
    let isFirst = true;
    const guarded = (step: () => AnswerHead | undefined) => {
      try {
        const answer = step();
        if (answer) resolve(answer);
      } catch (error) {
        reject(error);
        socket.destroy();
      }
    };
    socket.on('data', (chunk: Buffer) => {
      if (isFirst) attempt.measured('firstByte', performance.now() - sentAt);
      isFirst = false;
      guarded(() => reader.push(chunk));
    });
    socket.on('end', () => guarded(() => reader.close()));
    socket.on('error', (error) => reject(fromSocketError(error, 'answer')));
    socket.on('close', () => guarded(() => reader.close()));
    socket.write(requestText(request), 'latin1');
    if (request.body !== undefined) socket.write(request.body, 'utf8');
  });

/** The header fields that say how the message is framed are ours; the rest is the check's. */
const requestText = ({ method, url, headers, body }: HttpRequest): string => {
  const fields: Record<string, string> = {
    host: url.host,
    'user-agent': 'Homeostat',
    accept: '*/*',
    'accept-encoding': 'identity',
  };
  for (const [name, value] of Object.entries(headers)) fields[name.toLowerCase()] = value;
  // Many servers answer 411 where one of these methods names no length, be it 0.
  if (body !== undefined || ['POST', 'PUT', 'PATCH'].includes(method)) {
    fields['content-length'] = String(Buffer.byteLength(body ?? ''));
  }
  fields.connection = 'close';
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
};

/** Collects bytes until the answer is whole, or has as much body as we care to see. */
export const answerReader = (method: string) => {
  let pending: Buffer = Buffer.alloc(0);
  let head: AnswerHead | undefined;
  let end: BodyEnd | undefined;
  let interim = 0;
  let got = 0;
  const takeBody = (chunk: Buffer): AnswerHead | undefined => {
    got += chunk.length;
    return end?.push(chunk) || got >= bodyBytes ? head : undefined;
  };
  const push = (chunk: Buffer): AnswerHead | undefined => {
    if (head) return takeBody(chunk);
    pending = Buffer.concat([pending, chunk]);
    const at = pending.indexOf('\r\n\r\n');
    if (interim + (at < 0 ? pending.length : at) > headerBytes) {
      throw new TargetFailed(`the answer's headers are larger than ${headerBytes / 1024} KiB`);
    }
    if (at < 0) return undefined;
    const found = parseHead(pending.toString('latin1', 0, at));
    const rest = pending.subarray(at + 4);
    pending = Buffer.alloc(0);
    // An interim answer (100, 103) comes before the one that counts.
    if (found.status < 200) {
      interim += at;
      return push(rest);
    }
    head = found;
    end = bodyEndOf(found, method);
    return takeBody(rest);
  };
  return {
    /** The answer's head once the answer is complete. */
    push,
    /** The other side closed: the answer's head, or `TargetFailed` when something is missing. */
    close: (): AnswerHead => {
      if (!head) throw new TargetFailed('the connection was closed without an answer');
      if (!end?.mayClose())
        throw new TargetFailed('the connection was closed before the answer was complete');
      return head;
    },
  };
};

import type { Socket } from 'node:net';
import {
  type Answer,
  type AnswerHead,
  type BodyEnd,
  bodyEndOf,
  headerBytes,
  keptBytes,
  parseHead,
  unaskedBytes,
} from './answer.ts';
import type { Attempt } from './attempt.ts';
import { fromSocketError, TargetFailed } from './outcome.ts';

export type HttpRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
};

/** How requests of one check are made. */
export type Manner = {
  readonly verifyTls: boolean;
  /** PEM: what to trust in place of the public authorities. */
  readonly authorities?: string | undefined;
  readonly version: '1.1' | '2';
  /** Whether the body is kept for somebody to look into. */
  readonly keepsBody: boolean;
};

/** Sends one request over a fresh connection and reads the answer up to its end or our limits. */
export const exchange = async (request: HttpRequest, manner: Manner, attempt: Attempt): Promise<Answer> => {
  // Loaded before there is a connection: what happens on it from then on must find its listeners.
  const http2 = manner.version === '2' ? await import('./exchange-http2.ts') : undefined;
  const socket = await attempt.connect(endpointOf(request.url, manner));
  try {
    const answered = http2?.answerOverHttp2 ?? answerOf;
    return await answered(socket, request, manner.keepsBody, attempt);
  } finally {
    socket.destroy();
  }
};

const endpointOf = (url: URL, { verifyTls, authorities, version }: Manner) => {
  const isTls = url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isTls ? 443 : 80),
    ...(isTls && {
      tls: {
        verify: verifyTls,
        ...(authorities !== undefined && { authorities }),
        ...(version === '2' && { protocols: ['h2'] }),
      },
    }),
  };
};

const answerOf = (
  socket: Socket,
  request: HttpRequest,
  keepsBody: boolean,
  attempt: Attempt,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const reader = answerReader(request.method, keepsBody);
    const sentAt = performance.now();
    let isFirst = true;
    let isOver = false;
    const guarded = (step: () => Answer | undefined) => {
      if (isOver) return;
      try {
        const answer = step();
        if (!answer) return;
        isOver = true;
        resolve(answer);
      } catch (error) {
        isOver = true;
        reject(error);
        socket.destroy();
      }
    };
    socket.on('data', (chunk: Buffer) => {
      if (isFirst) attempt.measured('firstByte', performance.now() - sentAt);
      isFirst = false;
      guarded(() => reader.push(chunk));
    });
    socket.on('error', (error) => reject(fromSocketError(error, 'answer')));
    socket.on('close', () => guarded(() => reader.close()));
    socket.write(requestText(request), 'latin1');
    if (request.body !== undefined) socket.write(request.body, 'utf8');
  });

/** The header fields of a request, in lower case, whatever the version of HTTP. Those that frame the message are ours. */
export const fieldsOf = ({ method, url, headers, body }: HttpRequest): Record<string, string> => {
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
  return fields;
};

const requestText = (request: HttpRequest): string => {
  const { method, url } = request;
  const fields = fieldsOf(request);
  fields.connection = 'close';
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
};

/** Collects bytes until the answer is whole, or has as much body as we care to see. */
export const answerReader = (method: string, keepsBody = false) => {
  let pending: Buffer = Buffer.alloc(0);
  let head: AnswerHead | undefined;
  let end: BodyEnd | undefined;
  let interim = 0;
  let got = 0;
  const body = keepsBody ? bodyKeeper() : undefined;
  const most = keepsBody ? keptBytes : unaskedBytes;
  const whole = (found: AnswerHead): Answer => (body ? { ...found, body: body.bytes() } : found);
  const takeBody = (found: AnswerHead, chunk: Buffer): Answer | undefined => {
    got += chunk.length;
    return end?.push(chunk, body?.take) || got >= most ? whole(found) : undefined;
  };
  const push = (chunk: Buffer): Answer | undefined => {
    if (head) return takeBody(head, chunk);
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
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
    return takeBody(found, rest);
  };
  return {
    /** The answer once it is complete. */
    push,
    /** The other side closed: the answer, or `TargetFailed` when something is missing. */
    close: (): Answer => {
      if (!head) throw new TargetFailed('the connection was closed without an answer');
      if (!end?.mayClose())
        throw new TargetFailed('the connection was closed before the answer was complete');
      return whole(head);
    },
  };
};

/** Keeps a body up to `keptBytes`. */
export const bodyKeeper = () => {
  const chunks: Buffer[] = [];
  let kept = 0;
  return {
    /** Takes the next bytes; true once there is no more room. */
    take: (bytes: Buffer): boolean => {
      if (kept < keptBytes && bytes.length > 0) chunks.push(bytes.subarray(0, keptBytes - kept));
      kept += bytes.length;
      return kept >= keptBytes;
    },
    bytes: () => Buffer.concat(chunks),
  };
};

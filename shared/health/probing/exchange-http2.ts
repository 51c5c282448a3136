import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Answer, headerBytes, unaskedBytes } from './answer.ts';
import type { Attempt } from './attempt.ts';
import { bodyKeeper, fieldsOf, type HttpRequest } from './exchange.ts';
import { fromSocketError, TargetFailed } from './outcome.ts';

/** More header fields than this are an attack on our memory. */
const mostFields = 256;

/** One request over a connection that speaks HTTP/2 and nothing before it. */
export const answerOverHttp2 = async (
  socket: Socket,
  request: HttpRequest,
  keepsBody: boolean,
  attempt: Attempt,
): Promise<Answer> => {
  const { url } = request;
  if (url.protocol === 'https:' && (socket as TLSSocket).alpnProtocol !== 'h2') {
    throw new TargetFailed('the server offers no HTTP/2 on this port');
  }
  const session = connect(url.origin, {
    createConnection: () => socket,
    maxHeaderListPairs: mostFields,
    settings: { enablePush: false, maxHeaderListSize: headerBytes },
  });
  try {
    return await answerIn(session, request, keepsBody, attempt);
  } finally {
    session.destroy();
  }
};

const answerIn = (
  session: ClientHttp2Session,
  request: HttpRequest,
  keepsBody: boolean,
  attempt: Attempt,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const broken = (error: Error) => reject(fromHttp2Error(error));
    session.on('error', broken);
    session.on('close', () => reject(new TargetFailed('the connection was closed without an answer')));
    const sentAt = performance.now();
    const stream = session.request(pseudoFieldsOf(request), { endStream: request.body === undefined });
    const body = keepsBody ? bodyKeeper() : undefined;
    let head: Answer | undefined;
    let got = 0;
    const finish = () => {
      if (head) resolve(body ? { ...head, body: body.bytes() } : head);
      else reject(new TargetFailed('the stream was closed without an answer'));
    };
    stream.on('response', (fields, _flags) => {
      attempt.measured('firstByte', performance.now() - sentAt);
      head = headOf(fields);
    });
    stream.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (body ? body.take(chunk) : got >= unaskedBytes) {
        finish();
        stream.close(constants.NGHTTP2_CANCEL);
      }
    });
    stream.on('error', broken);
    stream.on('end', () => {
      // A reset ends the body as well; what broke is told by the events after it.
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR || stream.rstCode === undefined) finish();
    });
    stream.on('close', () => {
      reject(new TargetFailed('the stream was closed before the answer was complete'));
    });
    if (request.body !== undefined) stream.end(request.body, 'utf8');
  });

const pseudoFieldsOf = (request: HttpRequest): Record<string, string> => {
  const { host, ...fields } = fieldsOf(request);
  return {
    ...fields,
    ':method': request.method,
    ':scheme': request.url.protocol.slice(0, -1),
    ':authority': host ?? request.url.host,
    ':path': `${request.url.pathname}${request.url.search}`,
  };
};

const headOf = (fields: IncomingHttpHeaders): Answer => {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(':') || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : String(value));
  }
  return { status: Number(fields[':status']), headers, setCookies: fields['set-cookie'] };
};

const fromHttp2Error = (error: NodeJS.ErrnoException): Error =>
  error.code?.startsWith('ERR_HTTP2')
    ? new TargetFailed(`the answer is not sound HTTP/2: ${error.message}`)
    : fromSocketError(error, 'answer');

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Attempt } from '../probing/attempt.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { withSecrets } from '../probing/secret-references.ts';
import { checkPath, codeName, requestFrame, statusIn } from './grpc-health.ts';
import { hostPortField, parseHostPort } from './host-port.ts';
import { type CheckKind, ofConnections, type Verdict } from './kind.ts';
import { requireTls, type TlsFields, tlsFields, tlsOptionsOf } from './tls-fields.ts';

type GrpcConfig = TlsFields & {
  readonly tls?: boolean;
  readonly service?: string;
  readonly metadata?: Readonly<Record<string, string>>;
};

/** An answer is a dozen bytes. */
const answerBytes = 4096;

/** Healthy when the server's own health service says SERVING. */
export const grpc: CheckKind = {
  placeholders: ['STATUS', ...ofConnections],
  secretFields: ['metadata.*'],
  definition: (z) => ({
    target: hostPortField(z),
    config: z
      .strictObject({
        service: z
          .string()
          .regex(/^[A-Za-z0-9_./-]{0,200}$/, 'Give a name such as shop.v1.Cart, or leave it out.')
          .optional()
          .meta({ description: 'Whose health; the whole server when left out.' }),
        tls: z.boolean().optional().meta({ description: 'Without it the connection is in the clear.' }),
        metadata: z
          .record(
            z
              .string()
              .regex(
                /^(?!grpc-|te$|host$|connection$|content-)[a-z0-9_.-]{1,100}$/,
                'Use lower case letters, digits and hyphens, and no name of the protocol itself.',
              ),
            z
              .string()
              .max(4000)
              .regex(/^[\x20-\x7e]*$/, 'Give printable ASCII characters.'),
          )
          .refine((metadata) => Object.keys(metadata).length <= 20, { error: 'Give at most 20 entries.' })
          .optional()
          .meta({ description: 'Sent with the call, such as `authorization`.' }),
        ...tlsFields(z),
      })
      .superRefine(requireTls),
  }),

  load: () => import('node:http2'),

  async probe({ target, config: given }, attempt) {
    const endpoint = parseHostPort(target);
    if (!endpoint) throw new CannotTell(`${target} is no host:port`);
    const config: GrpcConfig = await withSecrets(given, attempt.ports);
    const bad = Object.entries(config.metadata ?? {}).find(([, value]) => !isCarried(value));
    if (bad) throw new CannotTell(`the metadata ${bad[0]} has a value that no header can carry`);
    // Loaded before the clock starts: what happens on the connection from then on must find its listeners.
    const { connect } = await import('node:http2');
    const startedAt = performance.now();
    const socket = await attempt.connect({
      ...endpoint,
      ...(config.tls && { tls: tlsOptionsOf(config, ['h2']) }),
    });
    try {
      if (config.tls && (socket as TLSSocket).alpnProtocol !== 'h2') {
        throw new TargetFailed('the server did not agree to HTTP/2, which gRPC needs');
      }
      const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
      const authority = `${config.tls ? 'https' : 'http'}://${host}:${endpoint.port}`;
      const session = connect(authority, {
        createConnection: () => socket,
        settings: { enablePush: false },
        // Megabytes: what a hostile server may make us keep.
        maxSessionMemory: 1,
      });
      const answer = await answerOf(session, config, attempt).finally(() => session.destroy());
      attempt.measured('total', performance.now() - startedAt);
      return judge(attempt.showBodies ? answer : { ...answer, message: '' }, config.service ?? '');
    } finally {
      socket.destroy();
    }
  },
};

type Answer = {
  readonly httpStatus: number;
  readonly code: string | undefined;
  readonly message: string;
  readonly body: Buffer;
};

const answerOf = (session: ClientHttp2Session, config: GrpcConfig, attempt: Attempt): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const broken = (error: Error): void =>
      reject(new TargetFailed(`the server does not speak gRPC: ${error.message}`));
    session.on('error', broken);
    const sentAt = performance.now();
    const stream = begin(session, config);
    if (stream instanceof Error) return reject(stream);
    let head: IncomingHttpHeaders & { ':status'?: number } = {};
    let trailers: IncomingHttpHeaders = {};
    const pieces: Buffer[] = [];
    let size = 0;
    stream.on('response', (headers) => {
      attempt.measured('firstByte', performance.now() - sentAt);
      head = headers;
    });
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    stream.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > answerBytes) reject(new TargetFailed(`the answer is larger than ${answerBytes} bytes`));
      else pieces.push(piece);
    });
    stream.on('error', broken);
    // Also where the session ends under the stream: the promise then has been settled by its error, or is by this.
    stream.on('close', () => {
      if (head[':status'] === undefined) return broken(new Error('the call was closed without an answer'));
      // An answer without a body has its status in the head.
      const code = trailers['grpc-status'] ?? head['grpc-status'];
      const message = trailers['grpc-message'] ?? head['grpc-message'];
      resolve({
        httpStatus: head[':status'],
        code: code === undefined ? undefined : String(code),
        message: decoded(String(message ?? '')),
        body: Buffer.concat(pieces),
      });
    });
    stream.end(requestFrame(config.service ?? ''));
  });

/** The session may be over before the call began. */
const begin = (session: ClientHttp2Session, { metadata }: GrpcConfig): ClientHttp2Stream | Error => {
  try {
    return session.request({
      ':method': 'POST',
      ':path': checkPath,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'Homeostat',
      ...metadata,
    });
  } catch (error) {
    return new TargetFailed(`the server does not speak gRPC: ${(error as Error).message}`);
  }
};

/** Whether a header can carry the value of a secret: HTTP/2 itself would let a line break through to whoever comes behind. */
const isCarried = (value: string): boolean => /^[\t\x20-\x7e]*$/.test(value);

/** Percent-encoded; what is not is shown as it came. */
const decoded = (message: string): string => {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
};

const judge = ({ httpStatus, code, message, body }: Answer, service: string): Verdict => {
  if (code === undefined) {
    throw new TargetFailed(
      httpStatus === 200
        ? 'the answer has no grpc-status'
        : `expected a gRPC answer, got HTTP status ${httpStatus}`,
    );
  }
  const name = codeName(code);
  const whose = service === '' ? 'the server' : `the service ${service}`;
  if (name === 'UNIMPLEMENTED') {
    throw new TargetFailed(
      'UNIMPLEMENTED: the server has no grpc.health.v1.Health service; register one in it',
    );
  }
  if (name === 'NOT_FOUND')
    throw new TargetFailed(`NOT_FOUND: the server's health service does not know ${whose}`);
  if (name !== 'OK')
    throw new TargetFailed(`the health service answered ${name}${message === '' ? '' : `: ${message}`}`);
  const status = statusIn(body);
  if (status === undefined) throw new TargetFailed('the answer is no HealthCheckResponse');
  if (status !== 'SERVING') throw new TargetFailed(`${whose} is ${status}`);
  return { status: 'healthy', reason: null, facts: { STATUS: status } };
};

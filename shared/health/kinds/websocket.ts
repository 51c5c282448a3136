import type { Duplex } from 'node:stream';
import type { ClientOptions, RawData, WebSocket } from 'ws';
import type { Attempt } from '../probing/attempt.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { withSecrets } from '../probing/secret-references.ts';
import { type CheckKind, ofConnections, type Verdict } from './kind.ts';
import { type TlsFields, tlsFields, tlsOptionsOf } from './tls-fields.ts';
import { websocketFault } from './websocket-url.ts';

type WebSocketConfig = TlsFields & {
  readonly subprotocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly send?: string;
  readonly expect?: string;
};

/** What all messages may weigh that come before the expected one. */
const heardBytes = 64 * 1024;
const frameHeadBytes = 2;
const normalClosure = 1000;

/** Healthy when the server agrees to speak WebSocket and, where a message is expected, sends it. */
export const websocket: CheckKind = {
  placeholders: ['BODY', ...ofConnections],
  secretFields: ['headers.*', 'send', 'expect'],
  definition: (z) => ({
    target: z
      .string()
      .max(2000)
      .superRefine((target, context) => {
        const message = websocketFault(target);
        if (message) context.addIssue({ code: 'custom', message });
      })
      .meta({ description: 'A ws:// or wss:// URL without user and password.' }),
    config: z.strictObject({
      subprotocol: z
        .string()
        .regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, 'Give one name such as graphql-transport-ws.')
        .optional()
        .meta({ description: 'The server must agree to it.' }),
      headers: z
        .record(
          z
            .string()
            .regex(
              /^[!#$%&'*+.^_`|~\w-]{1,100}$/,
              'Use letters, digits and hyphens for the name of a header.',
            )
            .refine(
              (name) =>
                !/^(connection|upgrade|sec-websocket-.*|content-length|transfer-encoding|te|trailer|expect)$/i.test(
                  name,
                ),
              {
                error: 'Leave this header out: the prober sets it.',
              },
            ),
          z
            .string()
            .max(4000)
            .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'Remove line breaks and other control characters.'),
        )
        .refine((headers) => Object.keys(headers).length <= 50, { error: 'Give at most 50 headers.' })
        .default({}),
      send: z.string().max(10_000).optional().meta({ description: 'A text message to send first.' }),
      expect: z
        .string()
        .min(1, 'Give at least one character.')
        .max(1000)
        .optional()
        .meta({ description: 'Text that one of the messages must contain.' }),
      ...tlsFields(z),
    }),
  }),

  load: () => import('ws'),

  async probe({ target, config: given }, attempt) {
    const fault = websocketFault(target);
    if (fault) throw new CannotTell(fault);
    const config: WebSocketConfig = await withSecrets(given, attempt.ports);
    const url = new URL(target);
    const isTls = url.protocol === 'wss:';
    // Loaded before the clock starts: what happens on the connection from then on must find its listeners.
    const { WebSocket: Client } = await import('ws');
    const startedAt = performance.now();
    const socket = await attempt.connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port) || (isTls ? 443 : 80),
      ...(isTls && { tls: tlsOptionsOf(config, ['http/1.1']) }),
    });
    try {
      const protocols = config.subprotocol === undefined ? [] : [config.subprotocol];
      const client = begin(() => new Client(url, protocols, optionsFor(config, socket)));
      return await converse(client, config, attempt, startedAt);
    } finally {
      socket.destroy();
    }
  },
};

const optionsFor = ({ headers }: WebSocketConfig, socket: Duplex): ClientOptions => ({
  createConnection: (() => socket) as unknown as NonNullable<ClientOptions['createConnection']>,
  headers: { 'user-agent': 'Homeostat', ...headers },
  // A redirect would lead past the guard. Compression would let a few bytes become a flood (fault 22).
  followRedirects: false,
  perMessageDeflate: false,
  maxPayload: heardBytes,
});

/** Throws `CannotTell` where the request cannot be made: a secret may have a value that no header can carry. */
const begin = (make: () => WebSocket): WebSocket => {
  try {
    return make();
  } catch (error) {
    throw new CannotTell(`the request cannot be made: ${(error as Error).message}`);
  }
};

const converse = (
  client: WebSocket,
  { send, expect }: WebSocketConfig,
  attempt: Attempt,
  startedAt: number,
): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    const sentAt = performance.now();
    let heard = 0;
    let last: string | undefined;
    const fail = (reason: string): void => reject(new TargetFailed(reason));
    const unmet = (): string =>
      `expected ${expect === undefined ? 'a message' : `a message with ${JSON.stringify(expect)}`}, got ${attempt.shown(last ?? '')}`;
    const succeed = (): void => {
      attempt.measured('total', performance.now() - startedAt);
      // Said, not waited for: a server that does not answer it has nothing more to prove.
      client.close(normalClosure);
      resolve({ status: 'healthy', reason: null, ...(last !== undefined && { facts: { BODY: last } }) });
    };
    client.on('unexpected-response', (_request, { statusCode = 0 }) => {
      resolve({ status: 'unhealthy', reason: `expected status 101, got ${statusCode}`, statusCode });
    });
    client.on('upgrade', () => attempt.measured('firstByte', performance.now() - sentAt));
    client.on('open', () => {
      if (send !== undefined) client.send(send);
      if (expect === undefined && !attempt.wants('BODY')) return succeed();
      attempt.onDeadline((seconds) => `${unmet()} within ${seconds} s`);
    });
    // Each frame counts with its head, or empty ones would never be too many.
    const count = (length: number): void => {
      heard += length + frameHeadBytes;
      if (heard < heardBytes) return;
      fail(`${unmet()} after ${heardBytes / 1024} KiB of messages`);
      client.terminate();
    };
    client.on('message', (data) => {
      last = textOf(data);
      if (expect === undefined || last.includes(expect)) succeed();
      else count(last.length);
    });
    client.on('ping', ({ length }) => count(length));
    client.on('pong', ({ length }) => count(length));
    client.on('error', (error) => fail(`the server does not speak WebSocket as it should: ${error.message}`));
    client.on('close', (code) => fail(`${unmet()}: the server closed with code ${code}`));
  });

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString();

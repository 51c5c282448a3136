import type { Socket } from 'node:net';
import type { Attempt } from '../probing/attempt.ts';
import { fromSocketError, TargetFailed } from '../probing/outcome.ts';

export const startTlsProtocols = ['smtp', 'imap', 'pop3'] as const;
export type StartTlsProtocol = (typeof startTlsProtocols)[number];

/** Something to say, and the line that answers it. Lines that match `more` come before that one. */
type Turn = { readonly say?: string; readonly until: RegExp; readonly more?: RegExp };

/** The ways to TLS of RFC 3207, RFC 9051 §6.2.1 and RFC 2595 §4. */
const turns: Readonly<Record<StartTlsProtocol, readonly Turn[]>> = {
  smtp: [
    { until: /^220(?: |$)/, more: /^220-/ },
    // An address literal: this side need not have a name to ask for TLS.
    { say: 'EHLO [127.0.0.1]', until: /^250(?: |$)/, more: /^250-/ },
    { say: 'STARTTLS', until: /^220(?: |$)/, more: /^220-/ },
  ],
  imap: [{ until: /^\* OK/i }, { say: 'a1 STARTTLS', until: /^a1 OK/i, more: /^\* / }],
  pop3: [{ until: /^\+OK/ }, { say: 'STLS', until: /^\+OK/ }],
};

/** Submission rather than relaying for mail: port 25 is closed in Lambda outside a VPC, and to most of us at home. */
export const usualPorts: Readonly<Record<StartTlsProtocol | 'tls', number>> = {
  tls: 443,
  smtp: 587,
  imap: 143,
  pop3: 110,
};

/** What all the lines before TLS may weigh. */
const clearBytes = 16 * 1024;

/** Brings a connection that speaks in the clear to where TLS begins. */
export const agreeOnTls = async (
  socket: Socket,
  protocol: StartTlsProtocol,
  attempt: Attempt,
): Promise<void> => {
  const lines = lineReader(socket);
  for (const { say, until, more } of turns[protocol]) {
    if (say !== undefined) socket.write(`${say}\r\n`);
    for (;;) {
      const line = await lines.next();
      if (until.test(line)) break;
      if (more?.test(line)) continue;
      throw new TargetFailed(`the answer to ${say ?? 'the connection'} was ${attempt.shown(line)}`);
    }
  }
  // Whoever slips in lines here would have them read as if they had come encrypted.
  if (lines.release() > 0) throw new TargetFailed('the server went on in the clear after it agreed to TLS');
};

const lineReader = (socket: Socket) => {
  let pending = '';
  let heard = 0;
  let ended: Error | undefined;
  let wake = (): void => {};
  const take = (chunk: Buffer): void => {
    heard += chunk.length;
    if (heard <= clearBytes) pending += chunk.toString('latin1');
    else ended = new TargetFailed(`more than ${clearBytes / 1024} KiB came before TLS`);
    wake();
  };
  const end = (error?: Error): void => {
    ended ??= error
      ? fromSocketError(error, 'answer')
      : new TargetFailed('the connection was closed before TLS');
    wake();
  };
  const onClose = (): void => end();
  socket.on('data', take).on('end', onClose).on('close', onClose).on('error', end);
  return {
    next: async (): Promise<string> => {
      for (;;) {
        const at = pending.indexOf('\n');
        if (at >= 0) {
          const line = pending.slice(0, at).replace(/\r$/, '');
          pending = pending.slice(at + 1);
          return line;
        }
        if (ended) throw ended;
        await new Promise<void>((go) => {
          wake = go;
        });
      }
    },
    /** Leaves the socket to others; gives the number of bytes nobody read. */
    release: (): number => {
      socket.off('data', take).off('end', onClose).off('close', onClose).off('error', end).pause();
      return pending.length;
    },
  };
};

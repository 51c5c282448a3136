import type { Socket } from 'node:net';
import { NotSent, type SmtpMessage } from './kinds/kind.ts';
import type { Way } from './way-out.ts';

/** What nodemailer tells of a refusal. */
type SmtpError = Error & {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
};

/** One message over a guarded connection that is already open: nodemailer speaks SMTP, and neither resolves nor connects. */
export const sendBySmtp = (message: SmtpMessage, way: Way): Promise<void> =>
  way.reach(message.host, message.port, async (attempt) => {
    const { host, port, security, authorities } = message;
    const tls = { verify: true, protocols: [], ...(authorities !== undefined && { authorities }) };
    const socket = await attempt.connect({ host, port, ...(security === 'tls' && { tls }) });
    try {
      await speak(message, socket);
    } catch (error) {
      throw refusalOf(error as SmtpError, message);
    } finally {
      socket.destroy();
    }
  });

const speak = async (message: SmtpMessage, connection: Socket): Promise<void> => {
  const { createTransport } = await import('nodemailer');
  const { host, port, security, authorities, username, password, from, to, subject, text, html, headers } =
    message;
  const isSecured = security === 'tls';
  const transport = createTransport({
    host,
    port,
    secure: isSecured,
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // In these nodemailer would look for files and URLs to attach.
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(authorities !== undefined && { ca: authorities }),
    },
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    getSocket: (_options, done) => done(null, { connection, ...(isSecured && { secured: true }) }),
  });
  const { 'Message-ID': messageId, References: references, 'In-Reply-To': inReplyTo, ...others } = headers;
  await transport.sendMail({
    from: { name: 'Homeostat', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject,
    text,
    html,
    messageId,
    references,
    inReplyTo,
    headers: others,
  });
};

/** What is read of a server's answer here; the sender cuts it further when secrets are out of it. */
const mostCharacters = 2000;

/** Replies of 500 and above are meant to last (RFC 5321 §4.2.1); so is a server that cannot encrypt. */
const refusalOf = (error: SmtpError, { username = '', password = '' }: SmtpMessage): Error => {
  if (error instanceof NotSent) return error;
  const { responseCode = 0, code } = error;
  if (code === 'ETLS' && responseCode >= 500) {
    return new NotSent('the server offers no STARTTLS: use security tls, or another server', {
      isFinal: true,
    });
  }
  // A server may repeat the line that it did not understand, and that may have been the login.
  const login = Buffer.from(`\0${username}\0${password}`).toString('base64');
  const said = error.message.slice(0, mostCharacters);
  const safe = password === '' ? said : said.replaceAll(login, '[secret]');
  const isFinal = responseCode >= 500 && responseCode < 600;
  return new NotSent(`the mail server refused it: ${safe}`, { isFinal });
};

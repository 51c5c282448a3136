import { createServer } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it, test } from 'vitest';
import { email } from '../../../shared/notifications/kinds/email.ts';
import type { NotSent } from '../../../shared/notifications/kinds/kind.ts';
import type { OutgoingEmail } from '../../../shared/platform/aws/email.aws.ts';
import { issue } from '../health/certificates.ts';
import { openTargets } from '../health/servers.ts';
import { alert, announcement, hostile, outgoing, resolvedAnnouncement } from './announcements.ts';
import { type Mail, openMailServer } from './mail-server.ts';
import { portsTo } from './receivers.ts';

const day = 86_400_000;
/** Certificates know whole seconds. */
const today = Math.floor(Date.now() / 1000) * 1000;
const authority = issue({ name: 'Mail Root', from: today - day, until: today + 30 * day, isAuthority: true });
const own = issue({
  name: 'mail.test',
  names: ['ip:127.0.0.1'],
  from: today - day,
  until: today + 30 * day,
  by: authority,
});
const expired = issue({
  name: 'mail.test',
  names: ['ip:127.0.0.1'],
  from: today - 10 * day,
  until: today - day,
  by: authority,
});

let server: Awaited<ReturnType<typeof openMailServer>> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const open = async (options: SMTPServerOptions = {}) => {
  server = await openMailServer(options);
  return server;
};
const encrypting = { cert: own.cert, key: own.key };

const config = (given: Record<string, unknown> = {}) => ({
  transport: 'smtp',
  host: '127.0.0.1',
  port: server?.port,
  security: 'none',
  from: 'alerts@example.com',
  to: ['team@example.com', 'on-call@example.com'],
  certificateAuthorities: authority.cert,
  ...given,
});

const send = (given: Record<string, unknown> = {}, told = announcement()) =>
  email.send(
    outgoing({ announcement: told, config: config(given), dedupeKey: `homeostat:inc-1:${told.no}` }),
    portsTo(),
  );

const only = (): Mail => {
  const [mail, ...others] = server?.mails ?? [];
  if (!mail || others.length > 0) throw new Error(`${others.length + (mail ? 1 : 0)} mails came`);
  return mail;
};
const refusal = (sending: Promise<unknown>): Promise<NotSent> =>
  sending.then(
    () => Promise.reject(new Error('it was sent')),
    (error: NotSent) => error,
  );

describe('an e-mail', () => {
  it('has a subject, a text and a page, and goes to everyone that the channel names', async () => {
    await open({ disabledCommands: ['STARTTLS'] });
    await send();
    const { from, to, parsed, isSecure } = only();
    expect({ from, to, isSecure }).toEqual({
      from: 'alerts@example.com',
      to: ['team@example.com', 'on-call@example.com'],
      isSecure: false,
    });
    expect(parsed.from?.text).toBe('"Homeostat" <alerts@example.com>');
    expect(parsed.subject).toBe('[Firing, critical] home page is down');
    expect(parsed.text).toContain('answered 503, expected 200-299');
    expect(parsed.html).toContain('<b>Service Down: home page</b>');
    expect(parsed.html).toContain('href="https://homeostat.example.com/api/v1/monitoring/act/ack.token"');
  });

  it('says that a program wrote it, and which notification it is', async () => {
    await open({ disabledCommands: ['STARTTLS'] });
    await send();
    const { headers } = only().parsed;
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('x-homeostat-dedupe-key')).toBe('homeostat:inc-1:1');
  });

  it('belongs to the thread of its incident, and has an id that a repeat has too', async () => {
    await open({ disabledCommands: ['STARTTLS'] });
    await send();
    await send({}, resolvedAnnouncement());
    await send({}, resolvedAnnouncement());
    const [firing, resolved, again] = (server?.mails ?? []).map(({ parsed }) => parsed);
    expect(firing?.inReplyTo).toMatch(/^<homeostat\.[0-9a-f]{32}@example\.com>$/);
    expect(resolved?.inReplyTo).toBe(firing?.inReplyTo);
    expect(resolved?.references).toBe(firing?.references);
    expect(resolved?.messageId).not.toBe(firing?.messageId);
    expect(again?.messageId).toBe(resolved?.messageId);
  });

  test.each(hostile)('takes %j as text, in its headers and in its page (fault 28)', async (name) => {
    await open({ disabledCommands: ['STARTTLS'] });
    await send(
      {},
      announcement({ title: name, by: name, alerts: [alert({ ruleName: name, reason: name })] }),
    );
    const { to, raw, parsed } = only();
    expect(to).toEqual(['team@example.com', 'on-call@example.com']);
    const [head = ''] = raw.split('\r\n\r\n');
    expect(head).not.toMatch(/^bcc:/im);
    expect(parsed.subject?.startsWith('[Firing, critical]')).toBe(true);
    expect(parsed.html).not.toMatch(/<(img|script)|<[^>]+\son\w+=/i);
  });
});

describe('the connection to the mail server', () => {
  it('goes on encrypted with STARTTLS, and logs in only then', async () => {
    await open(encrypting);
    await send({ security: 'starttls', username: 'homeostat', password: 'canary-password' });
    const { isSecure, user } = only();
    expect({ isSecure, user }).toEqual({ isSecure: true, user: 'homeostat' });
  });

  it('is encrypted from the first byte with tls', async () => {
    await open({ ...encrypting, secure: true });
    await send({ security: 'tls', username: 'homeostat', password: 'canary-password' });
    const { isSecure, user } = only();
    expect({ isSecure, user }).toEqual({ isSecure: true, user: 'homeostat' });
  });

  it('ends where the server offers no STARTTLS, before anything was said', async () => {
    await open({ disabledCommands: ['STARTTLS'] });
    const error = await refusal(
      send({ security: 'starttls', username: 'homeostat', password: 'canary-password' }),
    );
    expect(error.isFinal).toBe(true);
    expect(error.message).toBe('the server offers no STARTTLS: use security tls, or another server');
    expect(server?.mails).toEqual([]);
  });

  test.each([
    { why: 'is expired', certificate: expired, given: {}, said: /certificate has expired/ },
    {
      why: 'nobody trusts',
      certificate: own,
      given: { certificateAuthorities: undefined },
      said: /unable to/,
    },
  ])('ends at a certificate that $why', async ({ certificate, given, said }) => {
    await open({ cert: certificate.cert, key: certificate.key });
    const error = await refusal(send({ ...given, security: 'starttls' }));
    expect(error.message).toMatch(said);
    expect(error.isFinal).toBe(false);
    expect(server?.mails).toEqual([]);
  });

  it('goes to no private address that nobody allowed (fault 26)', async () => {
    await open();
    const ports = portsTo({ settings: { allowedPrivateRanges: '' } });
    const error = await refusal(email.send(outgoing({ config: config() }), ports));
    expect(error).toMatchObject({
      isFinal: true,
      message: '127.0.0.1 is a loopback address: list its range in allowedPrivateRanges to allow it',
    });
  });

  it('ends when its time is over, whatever the server drips (fault 23)', async () => {
    const targets = openTargets();
    try {
      const port = await targets.serve(
        createServer((socket) => {
          socket.on('error', () => {});
          const timer = setInterval(() => socket.write('220-wait\r\n'), 20);
          socket.on('close', () => clearInterval(timer));
        }),
      );
      const startedAt = performance.now();
      const error = await refusal(
        email.send(outgoing({ config: config({ port }) }), portsTo({ timeoutMs: 200 })),
      );
      expect(error).toMatchObject({
        isFinal: false,
        message: '127.0.0.1 could not be reached: no answer within 0.2 s',
      });
      expect(performance.now() - startedAt).toBeLessThan(2000);
    } finally {
      await targets.close();
    }
  });
});

describe('what the mail server refuses', () => {
  const refusing = (responseCode: number, message: string): SMTPServerOptions => ({
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error(message), { responseCode })),
  });

  test.each([
    { code: 550, said: 'no such mailbox', isFinal: true },
    { code: 450, said: 'come back later', isFinal: false },
  ])('with $code ends the trying: $isFinal', async ({ code, said, isFinal }) => {
    await open(refusing(code, said));
    const error = await refusal(send());
    expect(error.isFinal).toBe(isFinal);
    expect(error.message).toContain(said);
  });

  it('stands in the error without the login, although the server repeats it (fault 29)', async () => {
    await open({
      ...encrypting,
      onAuth: ({ username = '', password = '' }, _session, done) => {
        const login = Buffer.from(`\0${username}\0${password}`).toString('base64');
        done(Object.assign(new Error(`AUTH PLAIN ${login} is wrong`), { responseCode: 535 }));
      },
    });
    const error = await refusal(
      send({ security: 'starttls', username: 'homeostat', password: 'canary-password' }),
    );
    expect(error.isFinal).toBe(true);
    expect(error.message).toContain('AUTH PLAIN [secret] is wrong');
  });
});

describe('through SES', () => {
  const ses = { transport: 'ses', from: 'alerts@example.com', to: ['team@example.com'] };

  it('goes as text and page, without the id that SES sets itself', async () => {
    const sent: OutgoingEmail[] = [];
    const ports = portsTo({ emailIdentities: { sendEmail: async (one) => void sent.push(one) } });
    await email.send(outgoing({ config: ses }), ports);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      from: 'alerts@example.com',
      to: ['team@example.com'],
      subject: '[Firing, critical] home page is down',
    });
    expect(Object.keys(sent[0]?.headers ?? {}).sort()).toEqual([
      'Auto-Submitted',
      'In-Reply-To',
      'References',
      'X-Homeostat-Dedupe-Key',
    ]);
  });

  it('shows markup of a template as text (fault 28)', async () => {
    const pages: string[] = [];
    const ports = { ...portsTo(), ses: async ({ html }: { html: string }) => void pages.push(html) };
    const config = {
      transport: 'ses',
      from: 'alerts@example.com',
      to: ['team@example.com'],
      text: '<b>{{title}}</b> & more',
    };
    await email.send(outgoing({ config }), ports);
    expect(pages[0]).toContain('<p>&lt;b&gt;home page is down&lt;/b&gt; &amp; more</p>');
  });

  it('is refused for good where the stack was deployed without an identity', async () => {
    expect(await refusal(email.send(outgoing({ config: ses }), portsTo()))).toMatchObject({
      isFinal: true,
      message:
        "this stack was deployed without SES: add it to `emailIdentities` in the stack's configuration and deploy",
    });
  });

  test.each([
    { name: 'MessageRejected', isFinal: true },
    { name: 'TooManyRequestsException', isFinal: false },
  ])('$name ends the trying: $isFinal', async ({ name, isFinal }) => {
    const sendEmail = () =>
      Promise.reject(Object.assign(new Error('Email address is not verified'), { name }));
    const error = await refusal(
      email.send(outgoing({ config: ses }), portsTo({ emailIdentities: { sendEmail } })),
    );
    expect(error).toMatchObject({
      isFinal,
      message: `SES refused it: ${name}: Email address is not verified`,
    });
  });
});

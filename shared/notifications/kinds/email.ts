import type * as Zod from 'zod';
import type { FieldFault } from '../../platform/errors.ts';
import { sha256 } from '../../platform/ids.ts';
import { cut, html } from '../escape.ts';
import { render, withTextTemplates } from '../render.ts';
import { htmlDocument } from '../render-html.ts';
import { wholeText } from '../render-text.ts';
import { authoritiesField, secretField, templateFields } from './fields.ts';
import type { ChannelKind, ChannelSettings, Email, Outgoing } from './kind.ts';
import { addressFaults } from './reachable.ts';

type EmailConfig = {
  readonly from: string;
  readonly to: readonly string[];
} & (
  | { readonly transport: 'ses' }
  | {
      readonly transport: 'smtp';
      readonly host: string;
      readonly port: number;
      readonly security: 'tls' | 'starttls' | 'none';
      readonly username?: string;
      readonly password?: string;
      readonly certificateAuthorities?: string;
    }
);

/** SES takes 50 recipients a message. */
const mostRecipients = 50;
/** RFC 5322 allows lines of 998 bytes; mail programs show about so much. */
const mostSubjectCharacters = 200;

const address = (z: typeof Zod) =>
  z.email('Give an e-mail address such as alerts@example.com.').max(254, 'Give at most 254 characters.');

/** The port that each way to encrypt usually has. */
const usualPorts = { tls: 465, starttls: 587, none: 25 } as const;

/** E-mail through SES, or through any SMTP server. */
export const email: ChannelKind = {
  secretFields: ['username', 'password'],
  config: (z) =>
    z.discriminatedUnion('transport', [sesFields(z), smtpFields(z)], 'Give the transport: ses or smtp.'),
  refusals(given, settings): readonly FieldFault[] {
    const config = given as EmailConfig;
    return config.transport === 'smtp' ? smtpFaults(config, settings) : senderFaults(config.from, settings);
  },
  async send(outgoing, ports) {
    const config = outgoing.config as EmailConfig;
    const message = messageOf(outgoing, config);
    if (config.transport === 'ses') {
      await ports.ses(message);
      return {};
    }
    const { host, port, security, username, password, certificateAuthorities: authorities } = config;
    await ports.smtp({ ...message, host, port, security, authorities, username, password });
    return {};
  },
};

const smtpFaults = (
  { host, port }: { readonly host: string; readonly port: number },
  settings: ChannelSettings,
): readonly FieldFault[] =>
  settings.insideLambda && port === 25
    ? [{ path: 'config.port', message: 'Give 587 or 465: Lambda cannot reach port 25.' }]
    : addressFaults(host, 'config.host', settings);

const senderFaults = (
  from: string,
  { emailIdentityNames, isWithoutStack }: ChannelSettings,
): readonly FieldFault[] => {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const isListed = emailIdentityNames.some((name) =>
    ['*', from, domain].some((one) => one.toLowerCase() === name.toLowerCase()),
  );
  if (isWithoutStack || isListed) return [];
  const message = `This stack may not send from ${from}: add the address or its domain to \`emailIdentities\` in the stack's configuration and deploy.`;
  return [{ path: 'config.from', message }];
};

const sharedFields = (z: typeof Zod) => ({
  from: address(z).meta({ description: 'Who sends. With SES one of the identities that the stack lists.' }),
  to: z
    .array(address(z))
    .min(1, 'Give at least one recipient.')
    .max(mostRecipients, `Give at most ${mostRecipients} recipients.`),
  ...templateFields(z),
});

const sesFields = (z: typeof Zod) => z.strictObject({ transport: z.literal('ses'), ...sharedFields(z) });

const smtpFields = (z: typeof Zod) =>
  z
    .strictObject({
      transport: z.literal('smtp'),
      host: z
        .string()
        .regex(
          /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?\.?$/,
          'Give the name of the server, such as smtp.example.com.',
        ),
      port: z
        .int()
        .min(1)
        .max(65_535)
        .optional()
        .meta({ description: '587, 465 with `tls`, 25 with `none`.' }),
      security: z.enum(['tls', 'starttls', 'none']).default('starttls').meta({
        description: '`starttls` refuses to go on in the clear; `none` is for a relay of your own network.',
      }),
      username: z
        .string()
        .min(1)
        .max(320)
        .regex(/^[^\p{Cc}]*$/u, 'Leave out control characters.')
        .optional(),
      password: secretField(z).optional(),
      certificateAuthorities: authoritiesField(z).optional(),
      ...sharedFields(z),
    })
    .superRefine(({ username, password, security }, context) => {
      if ((username === undefined) !== (password === undefined)) {
        const path = [username === undefined ? 'username' : 'password'];
        context.addIssue({ code: 'custom', path, message: 'Give both username and password, or neither.' });
      } else if (password !== undefined && security === 'none') {
        const message = 'Say starttls or tls: a password never goes over the network in the clear.';
        context.addIssue({ code: 'custom', path: ['security'], message });
      }
    })
    .transform((config) => ({ ...config, port: config.port ?? usualPorts[config.security] }));

const messageOf = (outgoing: Outgoing, { from, to }: EmailConfig): Email => {
  const { announcement, dedupeKey } = outgoing;
  const text = render(outgoing);
  return {
    from,
    to,
    subject: cut(text.heading, mostSubjectCharacters),
    text: `${wholeText(text)}\n`,
    html: htmlDocument(
      render(withTextTemplates(outgoing, html), html),
      announcement.severity,
      announcement.status === 'resolved',
    ),
    headers: {
      ...threadHeaders(outgoing, from),
      'Auto-Submitted': 'auto-generated',
      'X-Homeostat-Dedupe-Key': dedupeKey,
    },
  };
};

/**
 * Every message of an incident refers to a first one that was never sent, so that mail programs show them as one thread
 * whichever of them arrive. SES puts an id of its own in place of `Message-ID`; the thread does not need it.
 */
const threadHeaders = ({ dedupeKey, incidentKey }: Outgoing, from: string): Record<string, string> => {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const idOf = (key: string): string => `<homeostat.${sha256(key).slice(0, 32)}@${domain}>`;
  const root = idOf(incidentKey);
  return { 'Message-ID': idOf(dedupeKey), References: root, 'In-Reply-To': root };
};

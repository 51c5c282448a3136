import { signatureOf } from '../sign.ts';
import { addressField, authoritiesField, headersField, secretField, templateFields } from './fields.ts';
import type { ChannelKind, Outgoing } from './kind.ts';
import { addressFaults } from './reachable.ts';
import { requireTaken } from './taken.ts';
import { alertmanagerPayload } from './webhook-alertmanager.ts';
import { ownPayload } from './webhook-own.ts';

type WebhookConfig = {
  readonly url: string;
  readonly format: 'alertmanager' | 'homeostat';
  readonly secrets?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly certificateAuthorities?: string;
};

/** During a rotation old and new keys sign; a third lets a slow receiver keep up. */
const mostSecrets = 3;

/** A POST to any URL, signed when it has secrets. */
export const webhook: ChannelKind = {
  secretFields: ['url', 'secrets', 'headers.*'],
  config: (z) =>
    z.strictObject({
      url: addressField(z),
      format: z.enum(['alertmanager', 'homeostat']).default('alertmanager').meta({
        description: "Alertmanager's webhook payload of version 4, or Homeostat's own.",
      }),
      secrets: z
        .array(secretField(z))
        .min(1, 'Give at least one secret, or leave the field out.')
        .max(mostSecrets, `Give at most ${mostSecrets} secrets.`)
        .optional()
        .meta({ description: 'Each signs: while a key is changed, give the new one and the old one.' }),
      headers: headersField(z).optional(),
      certificateAuthorities: authoritiesField(z).optional(),
      ...templateFields(z),
    }),
  refusals({ url }, settings) {
    const host = URL.parse(String(url).replace(/\$\{secret:[^}]*\}/g, 'x'))?.hostname;
    return host === undefined ? [] : addressFaults(host, 'config.url', settings);
  },
  async send(outgoing, ports) {
    const config = outgoing.config as WebhookConfig;
    const payload = config.format === 'homeostat' ? ownPayload(outgoing) : alertmanagerPayload(outgoing);
    const body = JSON.stringify(payload);
    const answer = await ports.post({
      url: config.url,
      body,
      contentType: 'application/json',
      authorities: config.certificateAuthorities,
      headers: { ...config.headers, ...signedHeaders(outgoing, body, config.secrets ?? []) },
    });
    requireTaken(answer, 'the webhook', outgoing.now);
    return {};
  },
};

const signedHeaders = (
  { announcement, dedupeKey, now }: Outgoing,
  body: string,
  secrets: readonly string[],
): Record<string, string> => {
  const signature = signatureOf(body, secrets, now);
  return {
    'x-homeostat-delivery': dedupeKey,
    'x-homeostat-kind': announcement.kind,
    ...(signature !== undefined && { 'x-homeostat-signature': signature }),
  };
};

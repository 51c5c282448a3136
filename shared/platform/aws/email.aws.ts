import type { SESv2Client } from '@aws-sdk/client-sesv2';
import { clientSettings } from './client.ts';

export type OutgoingEmail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Verified identities of SES that were opted in at deploy. */
export interface EmailIdentities {
  /** Addresses or domains. */
  readonly names: readonly string[];
  sendEmail(email: OutgoingEmail): Promise<void>;
}

let shared: SESv2Client | undefined;

/** `address` is the comma-separated list of identities that were opted in. The SDK client is loaded at the first e-mail. */
export const openEmailIdentities = (address: string): EmailIdentities => ({
  names: address.split(',').filter(Boolean),
  async sendEmail({ from, to, subject, text, html, headers }) {
    const sdk = await import('./sdk/ses.aws.ts');
    shared ??= new sdk.SESv2Client(clientSettings);
    const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
    await shared.send(
      new sdk.SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [...to] },
        // Simple, not raw: raw messages need another permission.
        Content: {
          Simple: {
            Subject: utf8(subject),
            Body: { Text: utf8(text), Html: utf8(html) },
            Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
          },
        },
      }),
    );
  },
});

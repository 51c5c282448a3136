import type * as Zod from 'zod';
import type { TlsOptions } from '../probing/attempt.ts';

/** How a kind that may speak TLS is told to judge the other side's certificate. */
export type TlsFields = {
  readonly verifyTls?: boolean;
  readonly serverName?: string;
  readonly certificateAuthorities?: string;
};

/** Fields for the config of a kind that may speak TLS. */
export const tlsFields = (z: typeof Zod) => ({
  verifyTls: z.boolean().optional().meta({ description: 'False: any certificate will do.' }),
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,253}$/, 'Give a host name such as shop.example.com.')
    .optional()
    .meta({
      description:
        'The name to ask for and to find in the certificate; the host of the target when left out.',
    }),
  certificateAuthorities: z
    .string()
    .max(12_000)
    .regex(
      /-----BEGIN CERTIFICATE-----/,
      'Give certificates in PEM: they begin with -----BEGIN CERTIFICATE-----.',
    )
    .optional()
    .meta({ description: 'PEM: the certificates to trust in place of the public ones.' }),
});

/** What a connection needs of them. `protocols`: ALPN, none when left out. */
export const tlsOptionsOf = (
  { verifyTls = true, serverName, certificateAuthorities }: TlsFields,
  protocols: readonly string[] = [],
): TlsOptions => ({
  verify: verifyTls,
  protocols,
  ...(serverName !== undefined && { serverName }),
  ...(certificateAuthorities !== undefined && { authorities: certificateAuthorities }),
});

/**
 * For a kind that speaks TLS only where its config says `tls: true`: a field that would then change nothing is refused,
 * for whoever gave it believes that something is encrypted.
 */
export const requireTls = (
  { tls, ...fields }: TlsFields & { readonly tls?: boolean | undefined },
  context: Zod.RefinementCtx<unknown>,
): void => {
  if (tls) return;
  for (const name of ['verifyTls', 'serverName', 'certificateAuthorities'] as const) {
    if (fields[name] === undefined) continue;
    const message = `Give tls: true too, or leave ${name} out: it is about the encryption of the connection.`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
};

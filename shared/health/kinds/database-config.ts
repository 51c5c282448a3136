import type * as Zod from 'zod';
import type { TlsOptions } from '../probing/attempt.ts';
import { CannotTell } from '../probing/outcome.ts';
import { type HostPort, parseHostPort } from './host-port.ts';
import { type TlsFields, tlsFields, tlsOptionsOf } from './tls-fields.ts';

/** What a value is compared with. */
export type Expected = string | number | boolean | null;

/** How a database is reached and what it is asked; each kind adds its own. */
export type DatabaseConfig = TlsFields & {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean;
  readonly expected?: Expected | undefined;
};

export const databaseEndpoint = (target: string, usualPort: number): HostPort => {
  const endpoint = parseHostPort(target, usualPort);
  if (!endpoint) throw new CannotTell(`${target} is no host or host:port`);
  return endpoint;
};

/** Undefined where the connection stays in the clear. A protocol of its own runs inside, so ALPN names none. */
export const databaseTls = (config: DatabaseConfig): TlsOptions | undefined =>
  config.tls ? tlsOptionsOf(config) : undefined;

/** In all of them; `withSecrets` puts in the whole config. */
export const databaseSecretFields = ['username', 'password', 'database', 'query', 'expected'] as const;

/** Fields that all databases have. */
export const databaseFields = (z: typeof Zod) => ({
  password: passwordSchema(z),
  tls: z.boolean().default(false).meta({ description: 'Whether the connection is encrypted.' }),
  ...tlsFields(z),
  expected: expectedSchema(z),
});

const passwordSchema = (z: typeof Zod) =>
  z
    .string()
    .regex(/^\$\{secret:[A-Za-z0-9_.-]{1,64}\}$/, {
      error: `Name a secret: '\${secret:NAME}'. 'homeostat secrets set NAME' stores its value.`,
    })
    .optional()
    .meta({ description: `A secret by its name: '\${secret:NAME}'.` });

/** Names travel as text that a zero byte ends. */
export const nameSchema = (z: typeof Zod) =>
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}+$/u, 'Remove line breaks and other control characters.');

const expectedSchema = (z: typeof Zod) =>
  z
    .union([z.string().max(1000), z.number(), z.boolean(), z.null()], {
      error: 'Give a text, a number, true, false or null.',
    })
    .optional()
    .meta({ description: 'What the answer must be: the first column of the first row.' });

/** The server refuses to write as well; this says so when the check is saved. */
export const querySchema = (z: typeof Zod, usual: string) =>
  z
    .string()
    .max(4000)
    .regex(/^\s*\(*\s*(select|show|with|values|table|explain|desc|describe)\b/i, {
      error: 'Give one query that only reads: SELECT, SHOW, WITH, VALUES, TABLE, EXPLAIN or DESCRIBE.',
    })
    .regex(/^[^\0]*$/, 'Remove the zero byte.')
    .default(usual)
    .meta({ description: 'One query that only reads; it runs in a read-only transaction.' });

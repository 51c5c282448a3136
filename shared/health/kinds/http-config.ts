import type { CheckKind } from './kind.ts';

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type HttpConfig = {
  readonly method: (typeof httpMethods)[number];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Single statuses and ranges: `[200, '300-308']`. */
  readonly expectedStatus: readonly (number | string)[];
  /** How many redirects to follow; 0 judges the first answer. */
  readonly followRedirects: number;
  readonly verifyTls: boolean;
};

const defaults: HttpConfig = {
  method: 'GET',
  headers: {},
  expectedStatus: ['200-299'],
  followRedirects: 5,
  verifyTls: true,
};

/** A stored config with what it leaves out. */
export const httpConfigOf = (config: Readonly<Record<string, unknown>>): HttpConfig => ({
  ...defaults,
  ...(config as Partial<HttpConfig>),
});

/** Why this is not a URL to probe, and what to write instead; undefined when it is one. */
export const urlFault = (target: string): string | undefined => {
  const shape = 'Give an http:// or https:// URL, such as https://example.com/health.';
  // The parser drops or encodes these silently; stored as they are, they could forge what people read.
  if (/[\s\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(target)) {
    return 'Leave out blanks, line breaks and invisible characters, or write them percent-encoded.';
  }
  if (!URL.canParse(target)) return shape;
  const url = new URL(target);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return shape;
  if (url.username !== '' || url.password !== '') {
    return 'Leave user and password out of the URL; send an authorization header instead.';
  }
  if (url.port === '0') return 'Give a port from 1 to 65535, or none.';
  return undefined;
};

/** Fields that frame the message or belong to the connection are the prober's own. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export const httpSchema: CheckKind['definition'] = (z) => ({
  target: z
    .string()
    .max(2000)
    .superRefine((target, context) => {
      const message = urlFault(target);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .meta({ description: 'An http:// or https:// URL without user and password.' }),
  config: z
    .strictObject({
      method: z.enum(httpMethods).default(defaults.method),
      headers: z
        .record(
          z.string(),
          z
            .string()
            .max(4000)
            .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'Remove line breaks and other control characters.'),
        )
        .superRefine((headers, context) => {
          for (const name of Object.keys(headers)) {
            const message = headerFault(name);
            if (message) context.addIssue({ code: 'custom', path: [name], message });
          }
        })
        .refine((headers) => Object.keys(headers).length <= 50, { error: 'Give at most 50 headers.' })
        .default({}),
      body: z.string().max(10_000).optional(),
      expectedStatus: z
        .array(
          z.union([z.int().min(200).max(599), z.string().refine(isStatusRange, { error: statusShape })], {
            error: statusShape,
          }),
        )
        .min(1)
        .max(20)
        .default([...defaults.expectedStatus])
        .meta({ description: "Statuses and ranges: `[200, '300-308']`." }),
      followRedirects: z
        .int()
        .min(0)
        .max(10)
        .default(defaults.followRedirects)
        .meta({ description: 'How many redirects to follow; 0 judges the first answer.' }),
      verifyTls: z.boolean().default(defaults.verifyTls),
    })
    .refine((config) => config.body === undefined || !['GET', 'HEAD'].includes(config.method), {
      error: 'Give a method such as POST, or leave the body out.',
      path: ['body'],
    }),
});

const headerFault = (name: string): string | undefined => {
  if (!/^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(name))
    return 'Use letters, digits and hyphens for the name of a header.';
  return ownHeaders.has(name.toLowerCase()) ? 'Leave this header out: the prober sets it.' : undefined;
};

const statusShape = "Give a status such as 204 or a range such as '200-299'.";

const isStatusRange = (text: string): boolean => {
  const [, from, to = from] = /^([2-5]\d\d)(?:-([2-5]\d\d))?$/.exec(text) ?? [];
  return from !== undefined && to !== undefined && from <= to;
};

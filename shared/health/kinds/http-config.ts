import type { Condition, Source } from '../conditions/condition.ts';

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof httpMethods)[number];

/** Single statuses and ranges: `[200, '300-308']`. */
export type ExpectedStatus = readonly (number | string)[];

/** Sent as the header `authorization`, and only to the target's own origin. */
export type HttpAuth =
  | { readonly basic: { readonly username: string; readonly password: string } }
  | { readonly bearer: string };

/** One request of a session. Its texts may hold `${secret:NAME}` and `${step:NAME}`. */
export type HttpStep = {
  readonly name?: string | undefined;
  readonly method: HttpMethod;
  /** Against the check's target: `/login`, or a whole URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly expectedStatus?: ExpectedStatus | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  /** By name: what later steps write as `${step:NAME}`. */
  readonly capture?: Readonly<Record<string, Source>> | undefined;
};

export type HttpConfig = {
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly auth?: HttpAuth | undefined;
  /** 200 to 299 when left out, unless a condition speaks of the status. */
  readonly expectedStatus?: ExpectedStatus | undefined;
  /** How many redirects to follow; 0 judges the first answer. */
  readonly followRedirects: number;
  readonly verifyTls: boolean;
  /** PEM: what to trust in place of the public authorities. */
  readonly certificateAuthorities?: string | undefined;
  /** 1.1 when left out. */
  readonly httpVersion?: '1.1' | '2' | undefined;
  /** In place of the one request to the target: several, one after the other. */
  readonly steps?: readonly HttpStep[] | undefined;
};

export const httpDefaults = {
  method: 'GET',
  headers: {},
  followRedirects: 5,
  verifyTls: true,
} as const satisfies HttpConfig;

export const usualStatus: ExpectedStatus = ['200-299'];

/** A stored config with what it leaves out. */
export const httpConfigOf = (config: Readonly<Record<string, unknown>>): HttpConfig => ({
  ...httpDefaults,
  ...(config as Partial<HttpConfig>),
});

/** `${secret:NAME}` or `${step:NAME}`: the place of a value that is known only when the probe runs. */
export const valuePlace = /\$\{(secret|step):([A-Za-z0-9_.-]{1,64})\}/g;

const shape = 'Give an http:// or https:// URL, such as https://example.com/health.';

/** Why this is not a URL to probe, and what to write instead; undefined when it is one. */
export const urlFault = (target: string): string | undefined => {
  const url = probedUrl(target);
  return typeof url === 'string' ? url : undefined;
};

/** The URL to probe, or why it is none. */
export const probedUrl = (target: string): URL | string => {
  // The parser drops or encodes these silently; stored as they are, they could forge what people read.
  if (/[\s\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(target)) {
    return 'Leave out blanks, line breaks and invisible characters, or write them percent-encoded.';
  }
  const url = URL.parse(target);
  if (!url) return shape;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return shape;
  if (url.username !== '' || url.password !== '') {
    return 'Leave user and password out of the URL; send an authorization header instead.';
  }
  if (url.port === '0') return 'Give a port from 1 to 65535, or none.';
  return url;
};

/** Why this is no URL of a step. Whoever receives a request is written out: no value may choose it. */
export const stepUrlFault = (url: string): string | undefined => {
  if (url === '') return 'Give a path such as /login, or a whole URL.';
  const [one, other] = ['a', 'b'].map((value) => url.replace(valuePlace, value));
  const target = 'http://target.invalid/';
  if (
    one === undefined ||
    other === undefined ||
    !URL.canParse(one, target) ||
    !URL.canParse(other, target)
  ) {
    return 'Give a path such as /login, or a whole URL.';
  }
  if (/\s/.test(url)) return 'Leave out blanks and line breaks, or write them percent-encoded.';
  if (new URL(one, target).origin !== new URL(other, target).origin) {
    return 'Write scheme, host and port out: values may stand in the path and in the query.';
  }
  return urlFault(new URL(one, target).href);
};

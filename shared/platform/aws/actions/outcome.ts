/**
 * The one place that says whether a failed call changed nothing for sure. Everything it does not know for sure is
 * unknown: a time-out, a connection that broke, an answer that cannot be read, a 5xx.
 */

type Failed = {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly statusCode?: number };
};

/** Nothing left this machine: no address, no connection, no key to sign with. */
const neverSent: readonly string[] = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CredentialsProviderError',
  'NeverBegun',
  'NeverSent',
];

/** EC2 answers these with 503 or 500 and does nothing (EC2 API: error codes). */
const refusedWith5xx: readonly string[] = [
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientCapacity',
];

/** Answers of 4xx that only say that the service gave up waiting. */
const unsureWith4xx: readonly string[] = ['RequestTimeout', 'RequestTimeoutException'];

/** Nothing was sent: our own rules forbid it, or there is nobody to send it to. */
export class NeverSent extends Error {
  override name = 'NeverSent';
}

/** An answer of HTTP that is no success, of what is no service of AWS. */
export class HttpRefusal extends Error {
  override name = 'HttpRefusal';
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(message: string, status: number) {
    super(message);
    this.$metadata = { httpStatusCode: status };
  }
}

const namesOf = (error: unknown): readonly string[] => {
  const { name, code, Code } = (error ?? {}) as Failed;
  return [name, code, Code].filter((one) => typeof one === 'string');
};

/** Some SDK clients name an error by the wire's code, others by its shape; ours carry theirs as the cause. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean => {
  if (namesOf(error).some((name) => names.includes(name))) return true;
  const cause = (error as Failed | undefined)?.cause;
  return cause !== undefined && isNamed(cause, ...names);
};

export const isSurelyRefused = (error: unknown): boolean => {
  if (isNamed(error, ...neverSent)) return true;
  const { $metadata, $response } = (error ?? {}) as Failed;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return false;
  if (status >= 500) return isNamed(error, ...refusedWith5xx);
  return status >= 400 && status !== 408 && !isNamed(error, ...unsureWith4xx);
};

/** An error in one line: `IncorrectInstanceState: The instance … (request 1234)`. */
export const sayOf = (error: unknown): string => {
  const { name, message, $metadata } = (error ?? {}) as Failed;
  const said = typeof message === 'string' && message !== '' ? message : String(error);
  const named =
    typeof name === 'string' && !['Error', 'NeverBegun'].includes(name) ? `${name}: ${said}` : said;
  const request = $metadata?.requestId === undefined ? '' : ` (request ${$metadata.requestId})`;
  return `${named.replaceAll(/\s+/g, ' ').slice(0, 500)}${request}`;
};

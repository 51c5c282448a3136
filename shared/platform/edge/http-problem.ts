import { DomainError, type ErrorCode, errorCodes } from '../errors.ts';

/** An answer of the HTTP API as API Gateway's payload format 2.0 wants it. */
export type HttpAnswer = { statusCode: number; headers: Record<string, string>; body?: string };

/** The API answers data, never a page: nothing in it may be run, framed, guessed at or kept. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const retryAfterSeconds = 5;
const retryable: ReadonlySet<ErrorCode> = new Set(['RATE_LIMITED', 'COLLECTION_ERROR']);

/** RFC 9457 problem+json for a refusal. `requestId` is all that an inner fault shows of itself. */
export const toProblem = (error: DomainError, requestId: string): HttpAnswer => {
  const { status, title } = errorCodes[error.code];
  const problem = {
    type: `urn:homeostat:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    instance: `urn:homeostat:request:${encodeURIComponent(requestId)}`,
    ...(error.fields.length > 0 && { errors: error.fields }),
  };
  return {
    statusCode: status,
    headers: {
      ...safeHeaders,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      ...(error.code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer realm="homeostat"' }),
      ...(retryable.has(error.code) && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(problem),
  };
};

/** What AWS calls being asked too fast. */
const throttles = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
]);

/** The refusal behind anything thrown: rules speak for themselves, throttling passes, all else is a fault of ours. */
export const toRefusal = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  if (error instanceof Error && throttles.has(error.name)) {
    return new DomainError('RATE_LIMITED', 'Too much is asked at once. Wait a few seconds and try again.');
  }
  return new DomainError(
    'INTERNAL_ERROR',
    'Something went wrong inside. Try again; if it stays, look for this request id in the log of the function api.',
  );
};

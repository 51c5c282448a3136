/**
 * Every way Homeostat refuses, as one closed union. Each edge (HTTP, queue, CLI) maps it exhaustively, so that
 * a new code cannot be forgotten anywhere. `status` is the HTTP status that the code answers with.
 */
export const errorCodes = {
  MALFORMED_REQUEST: { status: 400, title: 'The request could not be read' },
  UNAUTHENTICATED: { status: 401, title: 'A valid token is needed' },
  FORBIDDEN: { status: 403, title: 'The token does not allow this' },
  NOT_FOUND: { status: 404, title: 'There is no such thing here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This path does not know that method' },
  CONFLICT: { status: 409, title: 'This clashes with what is there' },
  PRECONDITION_FAILED: { status: 412, title: 'It has changed since you read it' },
  CONTENT_TOO_LARGE: { status: 413, title: 'The request is too large' },
  VALIDATION_ERROR: { status: 422, title: 'Some fields are not valid' },
  HEALTH_CHECK_ERROR: { status: 422, title: 'The check cannot run as it is defined' },
  ALERT_ERROR: { status: 422, title: 'The alert cannot work as it is defined' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong inside Homeostat' },
  COLLECTION_ERROR: { status: 503, title: 'What was collected cannot be read just now' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** One field at fault: `path` as the caller wrote it (`config.headers.host`), `message` says what to do. */
export type FieldFault = { path: string; message: string };

/** A refusal that is part of the rules. Anything else thrown is a fault of ours and shows only an opaque id outside. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldFault[];

  constructor(code: ErrorCode, detail: string, fields: readonly FieldFault[] = []) {
    super(detail);
    this.name = 'DomainError';
    this.code = code;
    this.fields = fields;
  }
}

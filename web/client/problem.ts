/** One thing that is wrong with what was sent. */
export type Fault = { readonly path: string; readonly message: string };

/** A refusal of the API (RFC 9457 problem+json), or that it could not be reached. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Of the API's closed set, or `UNREACHABLE`, `UNREADABLE`. */
  readonly code: string;
  readonly faults: readonly Fault[];
  readonly requestId: string | null;

  constructor(
    status: number,
    code: string,
    sentence: string,
    faults: readonly Fault[] = [],
    requestId: string | null = null,
  ) {
    super(sentence);
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.requestId = requestId;
  }
}

type Told = {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly title?: unknown;
  readonly errors?: unknown;
  readonly message?: unknown;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const faultsOf = (errors: unknown): Fault[] =>
  Array.isArray(errors)
    ? errors.flatMap((one: { readonly path?: unknown; readonly message?: unknown } | null) =>
        typeof one?.message === 'string' ? [{ path: textOf(one.path) ?? '', message: one.message }] : [],
      )
    : [];

/** What an answer that is no success says; also of the gateway's own answers, which are no problem+json. */
export const problemOf = (status: number, body: unknown, requestId: string | null = null): Problem => {
  const told = (typeof body === 'object' && body !== null ? body : {}) as Told;
  const sentence =
    textOf(told.detail) ?? textOf(told.title) ?? textOf(told.message) ?? `Homeostat answers with ${status}.`;
  return new Problem(status, textOf(told.code) ?? 'UNREADABLE', sentence, faultsOf(told.errors), requestId);
};

export const unreachable = (): Problem =>
  new Problem(
    0,
    'UNREACHABLE',
    'Homeostat does not answer. What is shown is older; it is tried again by itself.',
  );

/** Whatever was thrown, as something to show. */
export const asProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(0, 'UNREADABLE', error instanceof Error ? error.message : String(error));

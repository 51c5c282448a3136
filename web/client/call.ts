import { type Operations, operations } from './operations.ts';
import { Problem, problemOf, unreachable } from './problem.ts';
import { currentSession, signOut } from './session.ts';

export type OperationId = keyof Operations;
type Part<Id extends OperationId, Name extends 'params' | 'query' | 'body'> = Operations[Id][Name];

/** What an operation takes; a part that it does not take may be left out, and so may a query. */
export type Request<Id extends OperationId> = (Part<Id, 'params'> extends undefined
  ? { readonly params?: undefined }
  : { readonly params: Part<Id, 'params'> }) &
  (undefined extends Part<Id, 'body'>
    ? { readonly body?: Part<Id, 'body'> }
    : { readonly body: Part<Id, 'body'> }) & { readonly query?: Part<Id, 'query'> };
export type Answer<Id extends OperationId> = Operations[Id]['answer'];

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** The revision that a change is meant for: refused with 412 when somebody else changed it meanwhile. */
  readonly revision?: number;
  /** The same for each try of one making, so that a lost answer makes no second one. */
  readonly idempotencyKey?: string;
};

type Loose = {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
};

const timeoutMs = 20_000;

/** `.` and `..` mean the same encoded, and would lead to another operation: nothing is called so. */
const pathPart = (value: string): string => {
  if (/^\.{1,2}$/.test(value))
    throw new Problem(404, 'NOT_FOUND', `There is nothing of the name «${value}».`);
  return encodeURIComponent(value);
};

/** Path and query of a request, relative to where the console lies. Throws a Problem for a name that nothing can have. */
export const addressOf = (id: OperationId, { params = {}, query = {} }: Loose): string => {
  const path = operations[id].path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    pathPart(String(params[name])),
  );
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString();
  return `${path.slice(1)}${search && `?${search}`}`;
};

const headersOf = ({ body }: Loose, { revision, idempotencyKey }: CallOptions): Record<string, string> => {
  const { token } = currentSession();
  return {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(revision !== undefined && { 'if-match': `"${revision}"` }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
};

const withTimeout = (signal: AbortSignal | undefined): AbortSignal =>
  signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs);

const bodyOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  if (!/json/.test(response.headers.get('content-type') ?? '')) return text === '' ? undefined : text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(response.status, 'UNREADABLE', 'The answer of Homeostat was cut off.');
  }
};

/**
 * Calls one operation of the API with the token of the session. Throws a Problem for every refusal and when no answer
 * comes; a token that is not known any more ends the session.
 */
export const call = async <Id extends OperationId>(
  id: Id,
  request: Request<Id>,
  options: CallOptions = {},
): Promise<Answer<Id>> => {
  const loose = request as Loose;
  const { method } = operations[id];
  const { token } = currentSession();
  const address = addressOf(id, loose);
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers: headersOf(loose, options),
      cache: 'no-store',
      signal: withTimeout(options.signal),
      ...(loose.body !== undefined && { body: JSON.stringify(loose.body) }),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  const body = await bodyOf(response);
  if (response.ok) return body as Answer<Id>;
  const problem = problemOf(response.status, body, response.headers.get('x-request-id'));
  // Only the token that was sent is given up: another may have been typed in meanwhile.
  if (response.status === 401 && currentSession().token === token) {
    signOut('This token is not known, or it has expired or was revoked.');
  }
  throw problem;
};

/** The same request as a line for a terminal; the token is the reader's own variable. */
export const curlOf = <Id extends OperationId>(id: Id, request: Request<Id>): string => {
  const loose = request as Loose;
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = [
    `curl -s -X ${operations[id].method} ${quoted(new URL(addressOf(id, loose), document.baseURI).href)}`,
    `  -H "authorization: Bearer $TOKEN"`,
  ];
  if (loose.body !== undefined) {
    lines.push(`  -H 'content-type: application/json'`, `  -d ${quoted(JSON.stringify(loose.body))}`);
  }
  return lines.join(' \\\n');
};

import type { Attempt } from '../probing/attempt.ts';
import type { HttpRequest } from '../probing/exchange.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { type HttpAuth, valuePlace } from './http-config.ts';

/** A request as it is defined, with places for values. */
export type RequestDraft = {
  readonly method: string;
  readonly url: URL | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly auth?: HttpAuth | undefined;
};

/** What a session holds from one request to the next. */
export type Captured = ReadonlyMap<string, string>;
const nothingCaptured: Captured = new Map();

/** A header whose value stays out of every reason, should the target send it back. */
const secretHeader = /auth|cookie|token|secret|passw|key|session|signature/i;

/**
 * The request with its values in place. Throws `CannotTell` when a secret cannot be read or does not fit where it stands.
 */
export const requestOf = async (
  draft: RequestDraft,
  attempt: Attempt,
  captured: Captured = nothingCaptured,
): Promise<HttpRequest> => {
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(draft.headers)) {
    if (secretHeader.test(name)) concealed(text, attempt);
    headers[name] = await filled(text, attempt, captured, inHeader);
  }
  if (draft.auth) headers.authorization = await authorization(draft.auth, attempt);
  const { method, body } = draft;
  return {
    method,
    url: typeof draft.url === 'string' ? await urlOf(draft.url, attempt, captured) : draft.url,
    headers,
    body: body && (await filled(body, attempt, captured, escapeFor(draft.headers, body))),
  };
};

/** A literal credential, and what follows its scheme in `Bearer abc`. */
const concealed = (text: string, attempt: Attempt): void => {
  if (text.includes('${')) return;
  attempt.conceal(text);
  const [, credentials] = /^\w+ (\S+)$/.exec(text) ?? [];
  if (credentials !== undefined) attempt.conceal(credentials);
};

const authorization = async (auth: HttpAuth, attempt: Attempt): Promise<string> => {
  const fill = (text: string) => filled(text, attempt, nothingCaptured, (value) => value);
  if ('bearer' in auth) {
    const token = await fill(auth.bearer);
    attempt.conceal(token);
    return inHeader(`Bearer ${token}`, 'auth.bearer');
  }
  const [username, password] = [await fill(auth.basic.username), await fill(auth.basic.password)];
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  attempt.conceal(password);
  attempt.conceal(credentials);
  return `Basic ${credentials}`;
};

/** Makes a value fit for the place it goes to. */
type Fit = (value: string, place: string) => string;

/** One pass over the text: a value that itself looks like a place for one stays what it is. */
const filled = async (text: string, { ports }: Attempt, captured: Captured, fitted: Fit): Promise<string> => {
  if (!text.includes('${')) return text;
  const values = new Map<string, string>();
  for (const [place, kind, name = ''] of text.matchAll(valuePlace)) {
    const value = kind === 'secret' ? await ports.secret(name) : captured.get(name);
    if (value === undefined) throw new CannotTell(`nothing was captured for ${place}`);
    values.set(place, fitted(value, place));
  }
  return text.replace(valuePlace, (place) => values.get(place) ?? place);
};

/** Control characters would forge further headers (fault 28). A secret is ours; a captured value is the target's. */
const inHeader: Fit = (value, place) => {
  if (!/[^\t\x20-\x7e\x80-\xff]/.test(value)) return value;
  const why = `the value of ${place} cannot stand in a header: it has line breaks or characters beyond Latin-1`;
  throw place.startsWith('${step:') ? new TargetFailed(why) : new CannotTell(why);
};

const inJson: Fit = (value) => JSON.stringify(value).slice(1, -1);
const inForm: Fit = (value) => encodeURIComponent(value);

const escapeFor = (headers: Readonly<Record<string, string>>, body: string): Fit => {
  const [, type = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type') ?? [];
  if (/json/i.test(type) || (type === '' && /^\s*[[{]/.test(body))) return inJson;
  return /x-www-form-urlencoded/i.test(type) ? inForm : (value) => value;
};

const dotSegment = /^[^?#]*\/(?:\.|%2e){1,2}(?=[/?#]|$)/i;

/** A value stays inside the part of the URL where it stands. */
const urlOf = async (text: string, attempt: Attempt, captured: Captured): Promise<URL> => {
  const full = await filled(text, attempt, captured, inForm);
  // No encoding keeps these two from being read as a step in the path.
  if (dotSegment.test(full) && !dotSegment.test(text)) {
    const why = 'value would lead the request to another path';
    throw text.includes('${step:')
      ? new TargetFailed(`a captured ${why}`)
      : new CannotTell(`a secret's ${why}`);
  }
  const url = new URL(full);
  if (url.origin !== new URL(text.replace(valuePlace, 'a')).origin) {
    throw new CannotTell('a value would lead the request to another host');
  }
  return url;
};

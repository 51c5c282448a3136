import type { Answer } from '../probing/answer.ts';
import type { Attempt } from '../probing/attempt.ts';
import type { CookieJar } from '../probing/cookies.ts';
import { exchange, type HttpRequest, type Manner } from '../probing/exchange.ts';
import { type ExpectedStatus, type HttpConfig, usualStatus } from './http-config.ts';
import { redirected } from './http-redirect.ts';
import type { Verdict } from './kind.ts';

/** How an answer is asked for. */
export type Asking = Manner & {
  /** Undefined when any status will do, for a condition judges it. */
  readonly expectedStatus: ExpectedStatus | undefined;
  readonly followRedirects: number;
};

/** The manner of a config. Who judges the status by a condition expects none of it. */
export const askingOf = (
  config: HttpConfig,
  given: ExpectedStatus | undefined,
  { judgesStatus, keepsBody }: { readonly judgesStatus: boolean; readonly keepsBody: boolean },
): Asking => ({
  expectedStatus: given ?? (judgesStatus ? undefined : usualStatus),
  followRedirects: config.followRedirects,
  verifyTls: config.verifyTls,
  authorities: config.certificateAuthorities,
  version: config.httpVersion ?? '1.1',
  keepsBody,
});

/** Cookies of one look, from hop to hop and step to step; there is no jar before somebody sets one. */
export type Session = { jar?: CookieJar };

/** The last answer; `fault` says why it is not the one that was expected. */
export type Asked = { readonly answer: Answer; readonly fault?: string };

/** Asks, and follows redirects while the status is not yet an expected one. Every hop is judged and connected anew. */
export const ask = async (
  first: HttpRequest,
  asking: Asking,
  session: Session,
  attempt: Attempt,
): Promise<Asked> => {
  let request = first;
  for (let hops = 0; ; hops++) {
    const answer = await exchange(withCookies(request, session), asking, attempt);
    if (answer.setCookies) await keepCookies(request.url, answer.setCookies, session, attempt);
    const { expectedStatus } = asking;
    const isExpected = expectedStatus?.some((expected) => covers(expected, answer.status)) ?? false;
    const redirect = isExpected
      ? undefined
      : redirected(request, answer.status, answer.headers.get('location'));
    const next = hops < asking.followRedirects ? redirect : undefined;
    if (next && !('reason' in next)) {
      request = next;
      continue;
    }
    if (isExpected || expectedStatus === undefined) return { answer };
    const after = hops > 0 ? ` after ${hops} ${hops === 1 ? 'redirect' : 'redirects'}` : '';
    const why = next ? `: ${next.reason}` : '';
    const fault = `expected status ${expectedStatus.join(', ')}, got ${answer.status}${after}${why}`;
    return { answer, fault };
  }
};

const covers = (expected: ExpectedStatus[number], status: number): boolean => {
  const [from, to] = String(expected).split('-').map(Number);
  return from !== undefined && status >= from && status <= (to ?? from);
};

const keepCookies = async (
  url: URL,
  setCookies: readonly string[],
  session: Session,
  attempt: Attempt,
): Promise<void> => {
  session.jar ??= (await import('../probing/cookies.ts')).cookieJar(() => attempt.now());
  session.jar.take(url, setCookies);
};

/** The check's own cookies come first. */
const withCookies = (request: HttpRequest, { jar }: Session): HttpRequest => {
  const kept = jar?.fieldFor(request.url);
  if (kept === undefined) return request;
  const { headers } = request;
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'cookie') ?? 'cookie';
  const own = headers[name];
  return { ...request, headers: { ...headers, [name]: own === undefined ? kept : `${own}; ${kept}` } };
};

/** What the check's conditions may speak of. */
export const successOf = async (answer: Answer, attempt: Attempt): Promise<Verdict> => {
  const { status, headers } = answer;
  const facts = { STATUS: status, HEADER: headers };
  if (!attempt.wants('BODY')) return { status: 'healthy', reason: null, statusCode: status, facts };
  const { bodyText } = await import('../probing/body-text.ts');
  const BODY = await bodyText(answer);
  return { status: 'healthy', reason: null, statusCode: status, facts: { ...facts, BODY } };
};

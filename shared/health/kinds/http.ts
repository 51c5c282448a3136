import { exchange, type HttpRequest } from '../probing/exchange.ts';
import { CannotTell } from '../probing/outcome.ts';
import { type HttpConfig, httpConfigOf, httpSchema, urlFault } from './http-config.ts';
import type { CheckKind } from './kind.ts';

/** Healthy when the answer has an expected status. The body is read up to a limit and not judged. */
export const http: CheckKind = {
  definition: httpSchema,

  async probe({ target, config: given }, attempt) {
    const fault = urlFault(target);
    if (fault) throw new CannotTell(fault);
    const config = httpConfigOf(given);
    const startedAt = performance.now();
    const { method, headers, body } = config;
    let request: HttpRequest = { method, url: new URL(target), headers, body };
    for (let hops = 0; ; hops++) {
      const answer = await exchange(request, config.verifyTls, attempt);
      const isExpected = config.expectedStatus.some((expected) => covers(expected, answer.status));
      const redirect = isExpected
        ? undefined
        : redirected(request, answer.status, answer.headers.get('location'));
      const next = hops < config.followRedirects ? redirect : undefined;
      if (next && !('reason' in next)) {
        request = next;
        continue;
      }
      attempt.measured('total', performance.now() - startedAt);
      if (isExpected) return { status: 'healthy', reason: null, statusCode: answer.status };
      const after = hops > 0 ? ` after ${hops} ${hops === 1 ? 'redirect' : 'redirects'}` : '';
      const why = next ? `: ${next.reason}` : '';
      const reason = `expected status ${config.expectedStatus.join(', ')}, got ${answer.status}${after}${why}`;
      return { status: 'unhealthy', reason, statusCode: answer.status };
    }
  },
};

const covers = (expected: HttpConfig['expectedStatus'][number], status: number): boolean => {
  const [from, to] = String(expected).split('-').map(Number);
  return from !== undefined && status >= from && status <= (to ?? from);
};

/** Methods that change nothing (RFC 9110 §9.2.1). */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What may follow to an origin the check did not name: everything else may be a credential. */
const harmlessHeaders = new Set(['accept', 'accept-language', 'user-agent', 'cache-control']);

/** The request a redirect asks for; a reason when it is not to be followed; undefined when it is no redirect. */
const redirected = (
  from: HttpRequest,
  status: number,
  location: string | undefined,
): HttpRequest | { readonly reason: string } | undefined => {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from.url.href)) return { reason: 'its Location is not a URL' };
  const url = new URL(location, from.url.href);
  const fault = urlFault(url.href);
  if (fault) return { reason: `its Location cannot be followed: ${fault}` };
  const isSame = url.origin === from.url.origin;
  // As browsers do: 303 always asks again with GET, 301 and 302 only in place of POST.
  const isGet = from.method !== 'HEAD' && (status === 303 || (status < 303 && from.method === 'POST'));
  const method = isGet ? 'GET' : from.method;
  const body = isGet ? undefined : from.body;
  if (!isSame && body !== undefined) return { reason: `the body is not sent on to ${url.host}` };
  // A hostile target must not choose who else receives a request that changes something.
  if (!isSame && !safeMethods.has(method)) return { reason: `${method} is not sent on to ${url.host}` };
  const headers = Object.fromEntries(
    Object.entries(from.headers).filter(([name]) => {
      const key = name.toLowerCase();
      return isSame ? !(isGet && key === 'content-type') : harmlessHeaders.has(key);
    }),
  );
  return { method, url, headers, body };
};

import { isUtf8 } from 'node:buffer';
import type { HttpRequest } from '../probing/exchange.ts';
import { urlFault } from './http-config.ts';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What may follow to an origin the check did not name: everything else may be a credential. */
const harmlessHeaders = new Set(['accept', 'accept-language', 'user-agent', 'cache-control']);

/** The request a redirect asks for; a reason when it is not to be followed; undefined when it is no redirect. */
export const redirected = (
  from: HttpRequest,
  status: number,
  location: string | undefined,
): HttpRequest | { readonly reason: string } | undefined => {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const url = URL.parse(asSent(location), from.url.href);
  if (!url) return { reason: 'its Location is not a URL' };
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

/** Header fields are read byte by byte; servers that do not encode a path send it as UTF-8. */
const asSent = (location: string): string => {
  if (!/[\x80-\xff]/.test(location)) return location;
  const bytes = Buffer.from(location, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : location;
};

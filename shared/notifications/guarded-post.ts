import { bodyText, exchange } from '../health/index.ts';
import { type HttpAnswer, type HttpPost, NotSent } from './kinds/kind.ts';
import type { Way } from './way-out.ts';

/** What is kept of an answer; receivers say `ok`, or one sentence. */
const mostCharacters = 64 * 1024;

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Values are written as latin1, so what lies beyond could become a line break there. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * One request over a fresh, pinned and verified connection. The answer is given as it came, redirects too: they are not
 * followed, for a body with secrets in it goes only where somebody wrote that it goes. Throws NotSent where no answer came.
 */
export const guardedPost = async (request: HttpPost, way: Way): Promise<HttpAnswer> => {
  const url = URL.parse(request.url);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new NotSent('the address is no http:// or https:// URL: set its secret anew', { isFinal: true });
  }
  if (url.username !== '' || url.password !== '') {
    throw new NotSent('the address holds user and password: send an authorization header instead', {
      isFinal: true,
    });
  }
  const headers = soundHeaders({
    ...request.headers,
    'content-type': request.contentType ?? 'application/json',
  });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return way.reach(host, port, async (attempt) => {
    const { authorities } = request;
    const manner = { verifyTls: true, authorities, version: '1.1', keepsBody: true } as const;
    const sent = { method: request.method ?? 'POST', url, headers, body: request.body };
    const answer = await exchange(sent, manner, attempt);
    const text = await bodyText(answer).catch(() => '');
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: text.slice(0, mostCharacters),
    };
  });
};

/** Values came out of secrets too, and a line break in one would be a header of its own (fault 28). */
const soundHeaders = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name) || !headerValue.test(value)) {
      const shown = headerName.test(name) ? name : 'a header';
      throw new NotSent(`${shown} holds control characters: set its value or its secret anew`, {
        isFinal: true,
      });
    }
  }
  return headers;
};

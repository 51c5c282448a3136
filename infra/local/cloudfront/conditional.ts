import type { IncomingHttpHeaders } from 'node:http';
import type { HttpAnswer } from '../http/response.ts';

/** ETags are compared weakly (RFC 9110, 13.1.2): the compressed and the plain form of one file are the same to a cache. */
const strong = (etag: string): string => etag.trim().replace(/^W\//, '');

/** Whether the client has what the answer says, by its ETag or, without one in the request, by the date. */
export const isUnchanged = (asked: IncomingHttpHeaders, { statusCode, headers }: HttpAnswer): boolean => {
  if (statusCode !== 200) return false;
  const etags = asked['if-none-match'];
  if (etags !== undefined) {
    const { etag } = headers;
    if (typeof etag !== 'string') return false;
    return etags.trim() === '*' || etags.split(',').some((one) => strong(one) === strong(etag));
  }
  const [since, modified] = [asked['if-modified-since'], headers['last-modified']].map((at) =>
    Date.parse(String(at)),
  );
  return since !== undefined && modified !== undefined && modified <= since;
};

const ofTheBody = new Set(['content-type', 'content-encoding', 'content-length', 'content-language']);

export const notModified = ({ headers }: HttpAnswer): HttpAnswer => ({
  statusCode: 304,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheBody.has(name))),
  body: new Uint8Array(),
});

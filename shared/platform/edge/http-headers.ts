import type { Caller } from '../api/caller.ts';
import { canonicalJson } from '../api/canonical.ts';
import type { ApiRequest, ApiRoute } from '../api/route.ts';
import { DomainError } from '../errors.ts';
import { idempotentId, sha256 } from '../ids.ts';

/** Headers of a request, names in lower case as API Gateway gives them. */
type Headers = Readonly<Record<string, string | undefined>>;

const refused = (path: string, detail: string): DomainError =>
  new DomainError('MALFORMED_REQUEST', detail, [{ path, message: detail }]);

/** One entity tag: ours are revisions, anybody's well-formed tag is one that does not match. */
const tagPattern = /^(W\/)?"([\x21\x23-\x7e]*)"$/;
const longestIfMatch = 1000;

/** The revisions in If-Match, or `any` for `*`. A weak tag never matches (RFC 9110 §13.1.1). */
export const readIfMatch = (route: ApiRoute, headers: Headers): ApiRequest['expects'] => {
  const header = headers['if-match'];
  if (!route.etag || header === undefined) return undefined;
  if (header.trim() === '*') return 'any';
  const tags = header
    .slice(0, longestIfMatch)
    .split(',')
    .map((tag) => tagPattern.exec(tag.trim()));
  if (header.length > longestIfMatch || tags.includes(null)) {
    throw refused('If-Match', 'If-Match takes the ETag as it was read, in its quotes, or *.');
  }
  return tags.flatMap((tag) => (tag && !tag[1] && /^\d{1,15}$/.test(tag[2] ?? '') ? [Number(tag[2])] : []));
};

export const etagOf = (revision: number): string => `"${revision}"`;

/** What makes a repeated request recognisable: who, which route, which key; and a hash of what it asked. */
export const readIdempotency = (
  route: ApiRoute,
  headers: Headers,
  caller: Caller,
  body: unknown,
): ApiRequest['idempotency'] => {
  const key = headers['idempotency-key'];
  if (!route.idempotent || key === undefined) return undefined;
  if (!/^[\x20-\x7e]{1,100}$/.test(key) || key.trim() === '') {
    throw refused(
      'Idempotency-Key',
      'Idempotency-Key takes 1 to 100 printable ASCII characters, for example a UUID.',
    );
  }
  return { id: idempotentId(caller.principal, route.id, key), requestHash: sha256(canonicalJson(body)) };
};

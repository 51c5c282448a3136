/** A session's cookies. */
export type CookieJar = {
  /** Keeps what an answer of this URL set. */
  take(url: URL, setCookies: readonly string[] | undefined): void;
  /** The value of the header field for a request to this URL; undefined when there is none to send. */
  fieldFor(url: URL): string | undefined;
};

type Cookie = { readonly name: string; readonly value: string; readonly path: string };

const mostCookies = 50;
const mostBytes = 4096;

/**
 * A jar that gives a cookie back only to the origin that set it. That is narrower than RFC 6265, which lets hosts of a
 * domain share cookies: doing that safely takes the list of public suffixes, and a probe has no need of it.
 */
export const cookieJar = (now: () => number): CookieJar => {
  const origins = new Map<string, Map<string, Cookie>>();
  return {
    take: (url, setCookies = []) => {
      const jar = origins.get(url.origin) ?? new Map<string, Cookie>();
      for (const text of setCookies) {
        const cookie = parsedCookie(text, url, now());
        if (!cookie) continue;
        // The same name under another path is another cookie.
        const key = `${cookie.path} ${cookie.name}`;
        jar.delete(key);
        if (!cookie.isGone && jar.size < mostCookies) jar.set(key, cookie);
      }
      origins.set(url.origin, jar);
    },
    fieldFor: (url) => {
      const sent = [...(origins.get(url.origin)?.values() ?? [])]
        .filter(({ path }) => isUnder(url.pathname, path))
        .sort((left, right) => right.path.length - left.path.length);
      return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
  };
};

/** Undefined for what this origin may not set, or what is no cookie (RFC 6265 §5.2). */
const parsedCookie = (text: string, url: URL, now: number): (Cookie & { isGone: boolean }) | undefined => {
  if (text.length > mostBytes || /[^\t\x20-\x7e\x80-\xff]/.test(text)) return undefined;
  const [pair = '', ...attributes] = text.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  if (name === '') return undefined;
  const given = new Map<string, string>();
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const key = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    given.set(key, at < 0 ? '' : attribute.slice(at + 1).trim());
  }
  const domain = given.get('domain')?.replace(/^\./, '').toLowerCase();
  if (domain && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return undefined;
  if (given.has('secure') && url.protocol !== 'https:') return undefined;
  const path = given.get('path');
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    path: path?.startsWith('/') ? path : folderOf(url.pathname),
    isGone: isGone(given, now),
  };
};

const isGone = (given: ReadonlyMap<string, string>, now: number): boolean => {
  const age = given.get('max-age');
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0;
  const expires = Date.parse(given.get('expires') ?? '');
  return !Number.isNaN(expires) && expires <= now;
};

const folderOf = (pathname: string): string => pathname.slice(0, Math.max(1, pathname.lastIndexOf('/')));

const isUnder = (pathname: string, path: string): boolean =>
  pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'));

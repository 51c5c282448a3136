import type { Answer } from './http.ts';

type Visit = (token: string | undefined, method: string, path: string) => Promise<Answer>;

/** What every file of the console comes with. */
export const consoleHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'cross-origin-opener-policy': 'same-origin',
};

export const contentTypes: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Files that a page of HTML names, as paths from the root. */
export const namedIn = (html: unknown): readonly string[] =>
  [...String(html).matchAll(/(?:src|href)="\.(\/[^"]+)"/g)].map(([, path = '']) => path);

/** Scripts and styles that a script loads when a page is first looked at. */
const loadedBy = (script: unknown): readonly string[] =>
  [...String(script).matchAll(/["'`](?:\.\/|assets\/)([\w.-]+\.(?:js|css))["'`]/g)].map(
    ([, name]) => `/assets/${name}`,
  );

/** Fetches these files and all that they load, each once: a browser that looks at every page of the console. */
export const fetchAll = async (visit: Visit, paths: readonly string[]) => {
  const answers = new Map<string, Answer>();
  const waiting = [...paths];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (answers.has(path)) continue;
    const answer = await visit(undefined, 'GET', path);
    answers.set(path, answer);
    if (path.endsWith('.js')) waiting.push(...loadedBy(answer.body));
  }
  return answers;
};

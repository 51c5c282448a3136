import { createHash } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundledPage, type PageHandler } from '../web/page-site.ts';

const routeKey = 'GET /docs';

describe('The page that shows the API', () => {
  let handler: PageHandler;
  beforeAll(async () => {
    handler = await bundledPage();
  });

  const between = (text: string, open: RegExp, close: string): string => {
    const start = text.search(open);
    const from = text.indexOf('>', start) + 1;
    return text.slice(from, text.indexOf(close, from));
  };

  it('allows exactly its own script and style, by their hashes, and no other source (fault 28)', async () => {
    const { statusCode, headers, body = '' } = await handler({ headers: {}, routeKey });
    expect(statusCode).toBe(200);
    const policy = String(headers?.['content-security-policy']);
    const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'sha256-${sha256(between(body, /<script/, '</script>'))}';`);
    expect(policy).toContain(`style-src 'sha256-${sha256(between(body, /<style/, '</style>'))}';`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('names no address outside itself', async () => {
    const { body = '' } = await handler({ headers: {}, routeKey });
    expect(body.match(/(?:src|href|url\()\s*=?\s*["']?(?!data:)[a-z]*:?\/\//g)).toBeNull();
  });

  it('answers a browser that has the page already with 304 and no body', async () => {
    const first = await handler({ headers: {}, routeKey });
    const again = await handler({ headers: { 'if-none-match': String(first.headers?.etag) }, routeKey });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBeUndefined();
    expect((await handler({ headers: { 'if-none-match': '"another"' }, routeKey })).statusCode).toBe(200);
  });
});

describe('The root of the HTTP API', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('sends the browser to where the console answers, and nobody keeps that', async () => {
    vi.stubEnv('HOMEOSTAT_CONSOLE_URL', 'https://monitoring.example.com');
    const handler = await bundledPage();
    const { statusCode, headers, body } = await handler({ headers: {}, routeKey: 'GET /' });
    expect([statusCode, headers?.location, headers?.['cache-control'], body]).toEqual([
      302,
      'https://monitoring.example.com/',
      'no-store',
      undefined,
    ]);
  });
});

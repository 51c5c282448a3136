import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { build } from 'esbuild';

export type PageHandler = (event: {
  headers: Record<string, string | undefined>;
  routeKey?: string;
}) => Promise<APIGatewayProxyStructuredResultV2>;

/** The page function as it is deployed: a bundle, because only a bundle carries HTML and CSS as text. */
export const bundledPage = async (): Promise<PageHandler> => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-page-'));
  const outfile = join(folder, 'handler.mjs');
  const entry = join(import.meta.dirname, '../../functions/page/handler.ts');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', minify: true });
  const { handler } = (await import(pathToFileURL(outfile).href)) as { handler: PageHandler };
  rmSync(folder, { recursive: true });
  return handler;
};

export type ShownCheck = {
  id: string;
  name: string;
  deploymentId: string;
  type: string;
  target: string;
  status: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
  lastChecked: string | null;
  responseTime: number | null;
  reason: string | null;
  isActive?: boolean;
  isPaused?: boolean;
};

/**
 * The page and the one listing it reads, over HTTP: pages of 100, one token. A test changes `checks`, `token` and
 * `status` while the page looks at it.
 */
export const startSite = async (handler: PageHandler) => {
  const site = {
    checks: [] as ShownCheck[],
    token: 'reader-token',
    status: 200,
    url: '',
    close: async () => {},
  };
  const listing = (url: URL) => {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = from + Number(url.searchParams.get('limit'));
    return { items: site.checks.slice(from, next), next: next < site.checks.length ? String(next) : null };
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://page');
    if (url.pathname === '/') {
      const { statusCode, headers, body } = await handler({ headers: {} });
      return response.writeHead(statusCode ?? 200, headers as Record<string, string>).end(body);
    }
    const status = request.headers.authorization === `Bearer ${site.token}` ? site.status : 401;
    const known = url.pathname === '/api/v1/monitoring/health-checks';
    return response
      .writeHead(known ? status : 404, { 'content-type': 'application/json' })
      .end(status === 200 && known ? JSON.stringify(listing(url)) : '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  site.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return site;
};

import { mkdtempSync, rmSync } from 'node:fs';
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

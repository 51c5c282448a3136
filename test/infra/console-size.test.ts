import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildConsole } from '../../infra/console/build.ts';

/** What a browser has to read before anything is to be seen. */
const mostInitialKb = 150;

let dir = '';
let html = '';
beforeAll(async () => {
  ({ dir } = await buildConsole());
  html = await readFile(join(dir, 'index.html'), 'utf8');
}, 120_000);

const sourceOf = (file: string): Promise<string> => readFile(join(dir, 'assets', file), 'utf8');

/** The chunks that `file` cannot do without, itself first: `import(…)` is for later. */
const withStaticImports = async (file: string, seen = new Set<string>()): Promise<ReadonlySet<string>> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  const imports = (await sourceOf(file)).matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g);
  for (const [, imported = ''] of imports) await withStaticImports(imported, seen);
  return seen;
};

const gzippedKb = async (files: Iterable<string>): Promise<number> => {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await sourceOf(file), { level: 9 }).length;
  return bytes / 1000;
};

const entries = (): readonly string[] =>
  [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(
    ([, file = '']) => file,
  );

test('the JavaScript that is read first is under 150 KB, compressed', async () => {
  const initial = new Set<string>();
  for (const entry of entries()) for (const file of await withStaticImports(entry)) initial.add(file);
  expect(initial.size).toBeGreaterThan(0);
  const kb = await gzippedKb(initial);
  console.log(`initial JavaScript: ${kb.toFixed(1)} KB (gzip -9) in ${initial.size} files`);
  expect(kb).toBeLessThan(mostInitialKb);
});

test('no page needs more than that either, with all that it loads when somebody goes there', async () => {
  const all = (await readdir(join(dir, 'assets'))).filter((file) => file.endsWith('.js'));
  for (const file of all)
    expect(await gzippedKb(await withStaticImports(file)), file).toBeLessThan(mostInitialKb);
});

test('there is no source map, no inline script and no inline style', async () => {
  const files = await readdir(dir, { recursive: true });
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/<style|style=|\bon[a-z]+=/);
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Looks once and prints what it saw. */
const program = `
import { checkKinds } from './shared/health/kinds/index.ts';
import { withDeadline } from './shared/health/probing/attempt.ts';
import { parseRanges } from './shared/health/probing/guard.ts';
import { systemResolve } from './shared/health/probing/resolve.ts';
const { type, ...check } = JSON.parse(process.argv[2]);
const policy = { allowedPrivateRanges: parseRanges('127.0.0.0/8'), insideLambda: false, insideVpc: false };
const { result } = await withDeadline(
  {
    timeoutMs: 5000,
    wanted: new Set(),
    now: Date.now,
    portsOf: () => ({ secret: async () => process.argv[3] }),
    network: { resolve: systemResolve, policy },
  },
  (attempt) => checkKinds[type].probe(check, attempt),
);
console.log(JSON.stringify(result instanceof Error ? { reason: result.message } : result));
`;

/** As infra/constructs/bundle.ts bundles a function: what is imported when first used becomes a chunk of its own. */
const bundle = async (folder: string): Promise<string> => {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: program, resolveDir: root, loader: 'ts', sourcefile: 'look.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    splitting: true,
    minify: true,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  });
  const required = 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);\n';
  for (const { path, text } of outputFiles) {
    await writeFile(path, text.includes('Dynamic require of') ? required + text : text);
  }
  const entry = outputFiles.map(({ path }) => path).find((path) => basename(path) === 'stdin.mjs');
  if (!entry) throw new Error('esbuild wrote no entry');
  return entry;
};

/** What each check sees, looked at by a bundle of the kinds; every secret has the same value. */
export const lookBundled = async (checks: readonly unknown[], secret: string): Promise<unknown[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-bundled-'));
  try {
    const entry = await bundle(folder);
    const seen: unknown[] = [];
    for (const check of checks) {
      const { stdout } = await promisify(execFile)(process.execPath, [entry, JSON.stringify(check), secret]);
      seen.push(JSON.parse(stdout));
    }
    return seen;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

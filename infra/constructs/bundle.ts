import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/** One function's code, ready to be zipped by CDK or run by the local host. */
export type Bundle = {
  readonly name: string;
  /** The directory that holds `index.mjs` and the chunks it loads. */
  readonly dir: string;
  /** Of the contents: the same code has the same hash on every machine. */
  readonly hash: string;
  /** Bytes that Node reads before the first invocation: the entry and whatever it imports statically. */
  readonly staticBytes: number;
  /** Those and the chunks that are loaded when first used. */
  readonly totalBytes: number;
  /** Source files of which something is read before the first invocation, as paths from the project's root. */
  readonly staticSources: readonly string[];
};
export type Bundles = Readonly<Record<string, Bundle>>;

/** A function cannot be bundled; the message names the file and what is wrong in it. */
export class BundleError extends Error {
  override name = 'BundleError';
}

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

const options = {
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Module fields first: the CommonJS builds of the SDK start a tenth slower and cannot be shaken.
  mainFields: ['module', 'main'],
  conditions: ['module'],
  splitting: true,
  minify: true,
  treeShaking: true,
  legalComments: 'none',
  charset: 'utf8',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
  // Sketches can be written as protobuf, and then need this; nothing here writes them so.
  external: ['protobufjs'],
  loader: { '.html': 'text', '.css': 'text', '.svg': 'text' },
  logLevel: 'silent',
  absWorkingDir: projectRoot,
} satisfies esbuild.BuildOptions;

/** esbuild's helper for `require` of a Node module from CommonJS code; it throws unless `require` exists. */
const requireHelper = 'Dynamic require of';
const requireBanner =
  'import{createRequire as __homeostatRequire}from"node:module";const require=__homeostatRequire(import.meta.url);\n';

type OutputFile = { readonly name: string; readonly text: string };

const withRequire = (file: esbuild.OutputFile): OutputFile => ({
  name: basename(file.path),
  text: file.text.includes(requireHelper) ? requireBanner + file.text : file.text,
});

/** Paths in the metafile of the outputs that Node reads before the first invocation. */
const staticOutputsOf = (metafile: esbuild.Metafile): readonly string[] => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && metafile.outputs[next]) follow(next);
    }
  };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    // A dynamically imported module is an entry point of its own chunk; the handler's is index.mjs.
    if (entryPoint && basename(path) === 'index.mjs') follow(path);
  }
  return [...reached];
};

const hashOf = (files: readonly OutputFile[]): string => {
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(`${name}\0${text.length}\0`).update(text);
  return hash.digest('hex');
};

/** Directories are named by their contents, so a host that still runs the older code keeps it whole. */
const writeOnce = async (dir: string, files: readonly OutputFile[]): Promise<void> => {
  if (existsSync(dir)) return;
  const unfinished = `${dir}.${process.pid}.part`;
  await mkdir(unfinished, { recursive: true });
  await Promise.all(files.map(({ name, text }) => writeFile(join(unfinished, name), text)));
  try {
    await rename(unfinished, dir);
  } catch (error) {
    // Another process wrote the very same contents in the meantime.
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
};

const explain = (entry: string, error: unknown): BundleError => {
  const failures = (error as Partial<esbuild.BuildFailure>).errors ?? [];
  const lines = failures.map(({ text, location }) =>
    location ? `  ${location.file}:${location.line}:${location.column}: ${text}` : `  ${text}`,
  );
  return new BundleError(
    `${entry} cannot be bundled:\n${lines.join('\n') || `  ${(error as Error).message}`}`,
  );
};

const bundleOne = async (name: string, outdir: string): Promise<Bundle> => {
  const entry = `functions/${name}/handler.ts`;
  if (!existsSync(join(projectRoot, entry))) {
    throw new BundleError(
      `${entry} is missing: the contract beside it wants a handler. Write it, or take the contract out of functions/index.ts.`,
    );
  }
  const result = await esbuild
    .build({ ...options, entryPoints: { index: entry }, outdir })
    .catch((error: unknown) => Promise.reject(explain(entry, error)));
  const files = result.outputFiles.map(withRequire).sort((left, right) => (left.name < right.name ? -1 : 1));
  const hash = hashOf(files);
  const dir = join(outdir, `${name}-${hash.slice(0, 12)}`);
  await writeOnce(dir, files);
  const staticOutputs = staticOutputsOf(result.metafile);
  const staticFiles = new Set(staticOutputs.map((path) => basename(path)));
  const sources = staticOutputs.flatMap((path) => Object.keys(result.metafile.outputs[path]?.inputs ?? {}));
  const bytes = (chosen: readonly OutputFile[]) =>
    chosen.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return {
    name,
    dir,
    hash,
    staticBytes: bytes(files.filter((file) => staticFiles.has(file.name))),
    totalBytes: bytes(files),
    staticSources: [...new Set(sources)].sort(),
  };
};

/**
 * Bundles a program of our own into one file that runs on every Node the package promises to run on. What only
 * a checkout has (CDK, esbuild) stays outside and is needed only by commands that synthesize.
 */
export const bundleProgram = async (entry: string): Promise<string> => {
  if (!existsSync(join(projectRoot, entry)))
    throw new BundleError(`${entry} is missing: it is what the program starts with.`);
  const result = await esbuild
    .build({
      ...options,
      entryPoints: [entry],
      outfile: 'program.mjs',
      outExtension: {},
      splitting: false,
      minify: false,
      legalComments: 'eof',
      target: 'node20',
      external: [...options.external, 'aws-cdk-lib', 'cdk-nag', 'constructs', 'esbuild'],
    })
    .catch((error: unknown) => Promise.reject(explain(entry, error)));
  return result.outputFiles.map((file) => withRequire(file).text).join('');
};

/**
 * esbuild uses every core for one bundle already; more of them at once would only take memory (1.1 GB for all at
 * once, 0.8 GB so), which a small machine has not.
 */
const bundlesAtOnce = 2;

/** esbuild is a Go program that lives for seconds: collecting its garbage less often saves a third of its time. */
const collectLessOften = (): void => {
  process.env.GOGC ??= '400';
};

/**
 * Bundles functions by name (`functions/<name>/handler.ts`), each into its own directory under `outdir`, all in the
 * one process that esbuild keeps. Throws a BundleError naming every file at fault.
 */
export const bundleFunctions = async (names: readonly string[], outdir: string): Promise<Bundles> => {
  collectLessOften();
  const outcomes = new Map<string, Bundle | Error>();
  const waiting = [...names];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      outcomes.set(name, await bundleOne(name, outdir).catch((error: Error) => error));
    }
  };
  await Promise.all(Array.from({ length: bundlesAtOnce }, work));
  const inOrder = names.map((name) => [name, outcomes.get(name)] as const);
  const failures = inOrder.flatMap(([, outcome]) => (outcome instanceof Error ? [outcome.message] : []));
  if (failures.length > 0) throw new BundleError(failures.join('\n'));
  return Object.fromEntries(inOrder) as Bundles;
};

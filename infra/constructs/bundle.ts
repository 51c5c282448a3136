import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
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
/** The same for code and for what lies beside it: paths in the bundle, with slashes. */
type BundledFile = { readonly name: string; readonly content: string | Uint8Array };

const withRequire = (file: esbuild.OutputFile): OutputFile => ({
  name: basename(file.path),
  text: file.text.includes(requireHelper) ? requireBanner + file.text : file.text,
});

/** Paths in the metafile of an entry and of all it loads; `at start`: of what Node reads before the first invocation. */
const reachedFrom = (
  metafile: esbuild.Metafile,
  entry: string,
  when: 'at start' | 'ever',
): ReadonlySet<string> => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (metafile.outputs[next] && (when === 'ever' || kind === 'import-statement')) follow(next);
    }
  };
  follow(entry);
  return reached;
};

const hashOf = (files: readonly BundledFile[]): string => {
  const hash = createHash('sha256');
  for (const { name, content } of files) hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest('hex');
};

/** Directories are named by their contents, so a host that still runs the older code keeps it whole. */
const writeOnce = async (dir: string, files: readonly BundledFile[]): Promise<void> => {
  if (existsSync(dir)) return;
  const unfinished = `${dir}.${process.pid}.part`;
  const folders = new Set(files.map(({ name }) => dirname(join(unfinished, name))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await Promise.all(files.map(({ name, content }) => writeFile(join(unfinished, name), content)));
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

/** What functions carry beside their code, by name of the function: as which folder, and where it comes from. */
export type Carried = Readonly<Record<string, { readonly as: string; readonly from: Promise<string> }>>;

const filesOf = async (carried: Carried[string] | undefined): Promise<readonly BundledFile[]> => {
  if (!carried) return [];
  const from = await carried.from;
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(async (path) => ({
      name: `${carried.as}/${relative(from, path).replaceAll(sep, '/')}`,
      content: await readFile(path),
    })),
  );
};

/** What esbuild made of a group of functions: everything that one of them loads, and which of it is whose. */
type Built = { readonly files: ReadonlyMap<string, OutputFile>; readonly metafile: esbuild.Metafile };

const buildTogether = async (names: readonly string[], outdir: string): Promise<Built> => {
  const entries = names.map((name) => [name, `functions/${name}/handler.ts`] as const);
  for (const [, entry] of entries) {
    if (existsSync(join(projectRoot, entry))) continue;
    throw new BundleError(
      `${entry} is missing: the contract beside it wants a handler. Write it, or take the contract out of functions/index.ts.`,
    );
  }
  const { outputFiles, metafile } = await esbuild
    .build({
      ...options,
      entryPoints: Object.fromEntries(entries.map(([name, entry]) => [basename(name), entry])),
      outdir,
    })
    .catch((error: unknown) => Promise.reject(explain(entries.map(([, entry]) => entry).join(', '), error)));
  const files = new Map(outputFiles.map((file) => [basename(file.path), withRequire(file)]));
  return { files, metafile };
};

/** Lambda and the local host start with `index.mjs`; nothing imports an entry by its name. */
const entryName = 'index.mjs';

const bundleOf = async (
  name: string,
  { files: all, metafile }: Built,
  outdir: string,
  carried?: Carried[string],
): Promise<Bundle> => {
  const made = `${basename(name)}.mjs`;
  const entry = Object.keys(metafile.outputs).find((path) => basename(path) === made) ?? '';
  const outputsOf = (when: 'at start' | 'ever'): readonly OutputFile[] =>
    [...reachedFrom(metafile, entry, when)]
      .map((path) => all.get(basename(path)))
      .filter((file) => file !== undefined)
      .map((file) => (file.name === made ? { ...file, name: entryName } : file))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  const files = outputsOf('ever');
  const whole = [...files.map(({ name, text }) => ({ name, content: text })), ...(await filesOf(carried))];
  const hash = hashOf(whole);
  const dir = join(outdir, `${name}-${hash.slice(0, 12)}`);
  await writeOnce(dir, whole);
  const bytes = (chosen: readonly OutputFile[]) =>
    chosen.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const sources = [...reachedFrom(metafile, entry, 'at start')].flatMap((path) =>
    Object.keys(metafile.outputs[path]?.inputs ?? {}),
  );
  return {
    name,
    dir,
    hash,
    staticBytes: bytes(outputsOf('at start')),
    totalBytes: bytes(files),
    staticSources: [...new Set(sources)].sort(),
  };
};

/**
 * Bundles a program of our own into one file that runs on every Node the package promises to run on. What only
 * a checkout has (CDK, esbuild, Vite) stays outside and is needed only by commands that synthesize.
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
      external: [...options.external, 'aws-cdk-lib', 'cdk-nag', 'constructs', 'esbuild', 'vite'],
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
 * Functions that are made of the same modules are bundled in one go, which reads these once: eight of them so take a sixth
 * of the time. Of a shared module each then carries what any of them uses, a fifth more to read at start, which is why
 * only functions stand here that seldom start.
 */
const together: readonly (readonly string[])[] = [
  [
    'planner',
    'remedy-apply',
    'remedy-approval',
    'remedy-close',
    'remedy-gate',
    'remedy-verify',
    'responder',
    'scaler',
  ],
];

/** Whole groups, also when one of a group is wanted alone: its code must be the same in every deployment. */
const groupsOf = (names: readonly string[]): readonly (readonly string[])[] => {
  const wanted = together.filter((group) => group.some((name) => names.includes(name)));
  const grouped = new Set(wanted.flat());
  return [...wanted, ...names.filter((name) => !grouped.has(name)).map((name) => [name])];
};

/**
 * Bundles functions by name (`functions/<name>/handler.ts`), each into its own directory under `outdir`, all in the
 * one process that esbuild keeps, and lays beside it what it carries. Throws a BundleError naming every file at fault.
 */
export const bundleFunctions = async (
  names: readonly string[],
  outdir: string,
  carried: Carried = {},
): Promise<Bundles> => {
  collectLessOften();
  const bundles = new Map<string, Bundle>();
  const failures = new Map<number, string>();
  const waiting = [...groupsOf(names).entries()];
  const bundleGroup = async (group: readonly string[]): Promise<void> => {
    const built = await buildTogether(group, outdir);
    for (const name of group.filter((one) => names.includes(one)))
      bundles.set(name, await bundleOf(name, built, outdir, carried[name]));
  };
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, group] = next;
      await bundleGroup(group).catch((error: Error) => failures.set(at, error.message));
    }
  };
  await Promise.all(Array.from({ length: bundlesAtOnce }, work));
  if (failures.size > 0) {
    const inOrder = [...failures].sort(([left], [right]) => left - right).map(([, message]) => message);
    throw new BundleError(inOrder.join('\n'));
  }
  return Object.fromEntries(names.map((name) => [name, bundles.get(name)])) as Bundles;
};

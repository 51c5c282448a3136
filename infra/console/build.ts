import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/platform/clock.ts';
import { hashFiles } from '../sources.ts';
import type { ConsoleBuildAnswer } from './building.ts';

/** The console as browsers get it. */
export type BuiltConsole = {
  /** Holds index.html, and under assets/ what it loads. */
  readonly dir: string;
  /** Of the sources it was built from. */
  readonly hash: string;
};

/** The console cannot be built; the message names the file and what is wrong in it. */
export class ConsoleBuildError extends Error {
  override name = 'BundleError';
}

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
const cacheDir = join(projectRoot, 'node_modules/.cache/homeostat/console');
/** What decides how the files come out: the console's sources, the versions of packages, and the program that builds. */
const roots = ['web', 'infra/console'];
const single = ['package-lock.json'];

const oneDayMs = 86_400_000;

/** Builds of other sources go when nothing can be reading them any more. */
const prune = async (outdir: string, current: string, now: number): Promise<void> => {
  for (const name of await readdir(outdir)) {
    const path = join(outdir, name);
    const found = await stat(path).catch(() => undefined);
    if (name !== current && found && now - found.mtimeMs > oneDayMs)
      await rm(path, { recursive: true, force: true });
  }
};

/**
 * Vite runs in a process of its own: beside CDK and esbuild rather than after them, always for production whatever the
 * environment here says, and without leaving its memory behind.
 */
const buildApart = (outDir: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // Under `node --watch` a child would tell its parent, in place of Node's watcher, of each module it loads.
    const { WATCH_REPORT_DEPENDENCIES: _, ...env } = process.env;
    const child = fork(fileURLToPath(new URL('./building.ts', import.meta.url)), {
      cwd: projectRoot,
      execArgv: [],
      env: { ...env, NODE_ENV: 'production' },
    });
    child.once('error', reject);
    child.on('message', ({ failure }: ConsoleBuildAnswer) =>
      failure === undefined
        ? resolve()
        : reject(new ConsoleBuildError(`The console cannot be built:\n${failure}`)),
    );
    child.once('exit', (code, signal) =>
      reject(new Error(`the console could not be built: its process ended with ${signal ?? code}`)),
    );
    child.send({ outDir });
  });

const hashNow = async (): Promise<string> => (await hashFiles(projectRoot, { roots, single })).slice(0, 32);

/** Undefined when the sources changed meanwhile: nobody knows then of which sources it is. */
const buildOnce = async (outdir: string, hash: string): Promise<string | undefined> => {
  const dir = join(outdir, hash);
  if (existsSync(dir)) return dir;
  await mkdir(outdir, { recursive: true });
  const unfinished = await mkdtemp(`${dir}.part-`);
  try {
    await buildApart(unfinished);
    if ((await hashNow()) !== hash) return undefined;
    // Fails when another process has put its own there meanwhile, which is the same.
    await rename(unfinished, dir).catch((error: unknown) => existsSync(dir) || Promise.reject(error));
    await prune(outdir, hash, systemClock());
    return dir;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

/** Somebody who saves that often while it is built is not done yet. */
const mostAttempts = 5;

/**
 * The console, built unless these very sources were built before. Two processes may do it at once: each builds apart,
 * and the first to end is what both use. Throws a ConsoleBuildError that names the file at fault.
 * @param outdir where builds are kept by the hash of their sources
 */
export const buildConsole = async ({
  outdir = cacheDir,
}: {
  readonly outdir?: string;
} = {}): Promise<BuiltConsole> => {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const hash = await hashNow();
    const dir = await buildOnce(outdir, hash);
    if (dir !== undefined) return { dir, hash };
  }
  throw new ConsoleBuildError(
    'The console cannot be built: its sources change while they are read. Try again.',
  );
};

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

export type Sources = {
  /** Folders, with everything in them. */
  readonly roots: readonly string[];
  readonly single: readonly string[];
};

/** Everything that decides what the assembly holds. The local host is not among it: it only reads the assembly. */
const assembled: Sources = {
  roots: ['functions', 'infra', 'shared', 'web'],
  single: ['cdk.json', 'package-lock.json'],
};
const left = join('infra', 'local');

const filesUnder = async (projectRoot: string, root: string): Promise<readonly string[]> => {
  const entries = await readdir(join(projectRoot, root), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(`${left}${sep}`));
};

/**
 * Contents rather than times: a checkout changes the times of files that stay the same, and a restored cache keeps the
 * times of files that changed.
 */
export const hashFiles = async (
  projectRoot: string,
  { roots, single }: Sources,
  hash = createHash('sha256'),
): Promise<string> => {
  const paths = [
    ...single,
    ...(await Promise.all(roots.map((root) => filesUnder(projectRoot, root)))).flat(),
  ].sort();
  const contents = await Promise.all(paths.map((path) => readFile(join(projectRoot, path))));
  paths.forEach((path, at) => {
    const content = contents[at] ?? Buffer.alloc(0);
    hash.update(`\0${path}\0${content.length}\0`).update(content);
  });
  return hash.digest('hex');
};

/** A hash over the contents of all sources and over `config`. */
export const hashSources = (projectRoot: string, config: unknown): Promise<string> =>
  hashFiles(projectRoot, assembled, createHash('sha256').update(JSON.stringify(config)));

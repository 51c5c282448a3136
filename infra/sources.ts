import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Everything that decides what the assembly holds. The local host is not among it: it only reads the assembly. */
const roots = ['functions', 'infra', 'shared', 'web'];
const single = ['cdk.json', 'package-lock.json'];
const left = join('infra', 'local');

const filesUnder = async (projectRoot: string, root: string): Promise<readonly string[]> => {
  const entries = await readdir(join(projectRoot, root), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(`${left}${sep}`));
};

/**
 * A hash over the contents of all sources and over `config`. Contents rather than times: a checkout changes the
 * times of files that stay the same, and a restored cache keeps the times of files that changed.
 */
export const hashSources = async (projectRoot: string, config: unknown): Promise<string> => {
  const paths = [
    ...single,
    ...(await Promise.all(roots.map((root) => filesUnder(projectRoot, root)))).flat(),
  ].sort();
  const contents = await Promise.all(paths.map((path) => readFile(join(projectRoot, path))));
  const hash = createHash('sha256').update(JSON.stringify(config));
  paths.forEach((path, at) => {
    const content = contents[at] ?? Buffer.alloc(0);
    hash.update(`\0${path}\0${content.length}\0`).update(content);
  });
  return hash.digest('hex');
};

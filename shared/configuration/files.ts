import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Problem } from './problem.ts';

/** Enough for any team, and an end for a folder that was named by mistake. */
export const maximumFiles = 500;

/** What an operating system says about a file, for people. */
const adviceFor: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file: check the name, or run the command where the file is.',
  EISDIR: 'Name a file: this is a folder. A file can take in all of it with include: [folder/*.yaml].',
  ENOTDIR: 'Correct the path: a part of it is a file, not a folder.',
  EACCES: 'Give read permission: this file may not be read.',
};

export const readText = async (
  file: string,
): Promise<{ readonly text: string } | { readonly problem: Problem }> => {
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { problem: { file, line: 1, column: 1, path: '', message: adviceFor[code] ?? message } };
  }
};

/**
 * The files an `include` entry names, seen from the file it stands in, in the order of their names. `*` may stand
 * for anything in the last part of the path; hidden files are left out.
 */
export const includedFiles = async (
  from: string,
  pattern: string,
): Promise<{ readonly files: readonly string[] } | { readonly fault: string }> => {
  const path = isAbsolute(pattern) ? pattern : join(dirname(from), pattern);
  const folder = dirname(path);
  if (folder.includes('*')) return { fault: 'Put a * only into the last part of the path.' };
  if (!path.includes('*')) return { files: [path] };
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const wanted = new RegExp(`^${basename(path).split('*').map(literal).join('.*')}$`);
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && wanted.test(name));
    return { files: names.sort().map((name) => join(folder, name)) };
  } catch {
    return { fault: `Create the folder ${folder}, or correct the path: it is not there.` };
  }
};

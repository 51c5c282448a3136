import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another host works in the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/**
 * Takes the data folder for this process, before any database in it is opened. SQLite's exclusive transaction is a
 * lock of the operating system's: it ends with the process however that ends, and unlike a process id in a file it
 * can neither be left behind nor be mistaken for a later process of the same number. Throws FolderInUseError, with
 * the process id of the host that is there as far as it is known. Returns how to give the folder back.
 */
export const lockFolder = (folder: string, pid = process.pid): (() => void) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const holder = join(folder, 'lock.pid');
  const database = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test(String(error))) throw error;
    throw new FolderInUseError(
      `another Homeostat${processIn(holder)} works in ${folder}: stop it, or give this one a folder of its own with HOMEOSTAT_DATA`,
    );
  }
  writeFileSync(holder, String(pid));
  return () => {
    rmSync(holder, { force: true });
    database.close();
  };
};

const processIn = (file: string): string => {
  try {
    return ` (process ${readFileSync(file, 'utf8')})`;
  } catch {
    return '';
  }
};

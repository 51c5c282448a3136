import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another host works in the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Folders this very process holds. A lock that only bears our process id is of an earlier life: in containers it is always 1. */
const held = new Set<string>();

/**
 * Takes the data folder for this process, before any database in it is opened. A lock whose process has died (kill
 * -9, a crash) is taken over. Throws FolderInUseError with the process id of a host that still runs. Returns how to
 * give the folder back.
 */
export const lockFolder = (folder: string, pid = process.pid): (() => void) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, 'lock');
  const mine = join(folder, `lock.${randomUUID()}`);
  writeFileSync(mine, String(pid));
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A link is made whole or not at all: two hosts that start at once never both get it.
        linkSync(mine, lock);
        held.add(lock);
        return () => {
          held.delete(lock);
          rmSync(lock, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = holderOf(lock);
      if (holder !== undefined && (holder === pid ? held.has(lock) : isAlive(holder))) {
        throw new FolderInUseError(
          `another Homeostat (process ${holder}) works in ${folder}: stop it, or give this one a folder of its own with HOMEOSTAT_DATA`,
        );
      }
      rmSync(lock, { force: true });
    }
    throw new FolderInUseError(`${folder} is being taken by another Homeostat just now`);
  } finally {
    rmSync(mine, { force: true });
  }
};

const holderOf = (lock: string): number | undefined => {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
};

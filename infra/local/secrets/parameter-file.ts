import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** As SSM's GetParameter tells it; seconds since 1970. */
export type StoredParameter = {
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly LastModifiedDate: number;
};
export type Stored = Record<string, StoredParameter>;

/** Parameters by their whole name. Nothing is kept between two calls: another process may write the file too. */
export type ParameterStore = {
  read(): Readonly<Stored>;
  /** Gives what `edit` returns; a throw in it changes nothing. */
  change<T>(edit: (stored: Stored) => T): T;
};

/** What a standard parameter of SSM may hold. */
export const mostValueBytes = 4096;

const fresh = (entries: object = {}): Stored => Object.assign(Object.create(null), entries);

export const inMemory = (): ParameterStore => {
  let stored = fresh();
  return {
    read: () => stored,
    change(edit) {
      const changed = fresh(stored);
      const result = edit(changed);
      stored = changed;
      return result;
    },
  };
};

/** One file that only its owner can read, written aside and renamed: a kill leaves the old one or the new. */
export const inFile = (file: string): ParameterStore => {
  const read = (): Stored => fresh(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  return {
    read,
    change(edit) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      return whileLocked(`${file}.lock`, () => {
        const stored = read();
        const result = edit(stored);
        const unfinished = `${file}.${randomUUID()}.new`;
        writeFileSync(unfinished, JSON.stringify(stored, null, 2), { mode: 0o600 });
        renameSync(unfinished, file);
        return result;
      });
    },
  };
};

/** A change takes milliseconds: a lock of this age was left by a process that died. */
const staleAfterMs = 5_000;
const lookAgainAfterMs = 10;

/** Host and command line may change the file at once; without a lock the later one would undo the earlier. */
const whileLocked = <T>(lock: string, work: () => T): T => {
  for (let waitedMs = 0; !tryLock(lock); waitedMs += lookAgainAfterMs) {
    if (waitedMs > staleAfterMs || isStale(lock)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookAgainAfterMs);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
};

const tryLock = (lock: string): boolean => {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
};

const isStale = (lock: string): boolean => {
  const found = statSync(lock, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > staleAfterMs;
};

import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A log file is moved aside at this size, and the one moved aside before goes: at most twice this a function. */
const fileBytes = 5_000_000;

export type LogFiles = {
  /** Appends one line to `<name>.log`; lines of one name keep their order. */
  append(name: string, line: string): void;
  /** Resolves when everything appended so far is written. */
  flush(): Promise<void>;
};

/** Log files under one folder. Without a folder (a host in memory) nothing is kept. */
export const openLogFiles = (folder: string | undefined): LogFiles => {
  if (folder === undefined) return { append: () => {}, flush: () => Promise.resolve() };
  const pending = new Map<string, string[]>();
  let writing: Promise<void> | undefined;

  const writeFileOf = async (name: string, lines: readonly string[]): Promise<void> => {
    const path = join(folder, `${name.replaceAll(/[^\w.-]/g, '_')}.log`);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size > fileBytes) await rename(path, `${path}.1`);
    await appendFile(path, `${lines.join('\n')}\n`);
  };
  const writeAll = async (): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    while (pending.size > 0) {
      const round = [...pending];
      pending.clear();
      await Promise.all(round.map(([name, lines]) => writeFileOf(name, lines)));
    }
  };
  const kick = (): Promise<void> => {
    writing ??= writeAll()
      // A full disk must not stop what is watched; the terminal still shows warnings.
      .catch(() => {})
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };

  return {
    append(name, line) {
      const lines = pending.get(name);
      if (lines) lines.push(line);
      else pending.set(name, [line]);
      void kick();
    },
    async flush() {
      while (writing || pending.size > 0) await kick();
    },
  };
};

export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/**
 * What a person should see of a function's line: the level and one readable sentence of a structured line with level
 * WARN or ERROR, and any line that is not structured. Undefined when it belongs into the file only.
 */
export const noteworthy = (line: string): { readonly level: LogLevel; readonly text: string } | undefined => {
  if (line.trim() === '') return undefined;
  const entry = parse(line);
  if (!entry) return { level: 'WARN', text: line };
  const level = String(entry.level ?? '').toUpperCase();
  if (level !== 'WARN' && level !== 'ERROR' && level !== 'CRITICAL') return undefined;
  const error = entry.error as { name?: unknown; message?: unknown } | undefined;
  const cause = error?.message === undefined ? '' : `: ${String(error.message)}`;
  return { level: level === 'WARN' ? 'WARN' : 'ERROR', text: `${String(entry.message ?? line)}${cause}` };
};

const parse = (line: string): Record<string, unknown> | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};

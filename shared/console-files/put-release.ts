import type { Files } from '../platform/aws/files.aws.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { decideRelease, retiredMarkOf } from './decide-release.ts';
import { entryKey, type ReleaseFile } from './release.ts';

const atOnce = 8;

const mark = { body: new Uint8Array(), contentType: 'text/plain; charset=utf-8', cacheControl: 'no-store' };

/**
 * Makes the bucket serve the release. Everything but the entry is put first, then the entry, and only then what is old is
 * looked at: at each moment whoever asks gets one whole release.
 */
export const putRelease = async (
  files: Files,
  release: readonly ReleaseFile[],
  now: number,
): Promise<{ readonly put: number; readonly retired: number; readonly removed: number }> => {
  const [entry, rest] = [
    release.filter(({ key }) => key === entryKey),
    release.filter(({ key }) => key !== entryKey),
  ];
  await inParallel(rest, atOnce, (file) => files.put(file));
  await inParallel(entry, 1, (file) => files.put(file));
  const { retire, remove } = decideRelease(
    release.map(({ key }) => key),
    await files.list(),
    now,
  );
  await inParallel(retire, atOnce, (key) => files.put({ key: retiredMarkOf(key), ...mark }));
  // One after the other: a file before the mark that says that it is old.
  for (const key of remove) await files.delete(key);
  return { put: release.length, retired: retire.length, removed: remove.length };
};

/** Takes out every file: a bucket that holds one cannot be deleted. One that is gone is empty. */
export const emptyFiles = async (files: Pick<Files, 'list' | 'delete'>): Promise<void> => {
  await inParallel(await files.list(), atOnce, ({ key }) => files.delete(key));
};

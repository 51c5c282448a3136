import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of a release; its key is its path, as the browser asks for it, without a slash before it. */
export type ReleaseFile = {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
};

/** The file that names all others: it is put last, and asked for anew each time. */
export const entryKey = 'index.html';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** With `nosniff` a file of a wrong type is not used at all, so an unknown one is refused while somebody looks. */
const contentTypeOf = (key: string): string => {
  const contentType = contentTypes[extname(key).toLowerCase()];
  if (contentType === undefined)
    throw new Error(
      `${key} has no known type: add ${extname(key) || 'its ending'} to shared/console-files/release.ts`,
    );
  return contentType;
};

/** Under `assets/` the name of a file holds the hash of what is in it: such a file never changes. */
const cacheControlOf = (key: string): string => {
  if (key === entryKey) return 'no-cache';
  return key.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
};

/** The release as it was built into a folder. Throws when it is not whole: then nothing of it must be put. */
export const readRelease = async (folder: URL): Promise<readonly ReleaseFile[]> => {
  const root = fileURLToPath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<ReleaseFile> => {
        const path = join(entry.parentPath, entry.name);
        const key = relative(root, path).replaceAll(sep, '/');
        return {
          key,
          body: await readFile(path),
          contentType: contentTypeOf(key),
          cacheControl: cacheControlOf(key),
        };
      }),
  );
  if (!files.some(({ key }) => key === entryKey))
    throw new Error(`the release has no ${entryKey}; build the console again and deploy again`);
  return files.sort((left, right) => (left.key < right.key ? -1 : 1));
};

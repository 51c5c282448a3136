/**
 * Cursors are opaque to callers: a version and the position after which the listing goes on. They hold no
 * partition key and grant nothing: each page is read with the caller's own reach again.
 */
const version = '1';

export const encodeCursor = (position: string): string =>
  Buffer.from(`${version}\n${position}`).toString('base64url');

/** The position, or undefined for anything this version did not write itself. */
export const decodeCursor = (cursor: string): string | undefined => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const position = text.slice(version.length + 1);
  return text.startsWith(`${version}\n`) && encodeCursor(position) === cursor ? position : undefined;
};

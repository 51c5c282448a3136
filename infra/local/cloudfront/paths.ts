/** A pattern of a cache behaviour: `*` is any number of characters, `?` exactly one; capitals count. */
export const compilePattern = (pattern: string): ((path: string) => boolean) => {
  if (pattern === '*') return () => true;
  // With or without the first slash a pattern means the same.
  const source = `/${pattern.replace(/^\//, '')}`
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (path) => expression.test(path);
};

/**
 * The path that patterns are compared with: several slashes are one, dot segments are gone and what needs no encoding
 * has none. Origins get the path as it came.
 */
export const comparablePath = (path: string): string => {
  const decoded = path.replaceAll(/%[0-9a-f]{2}/gi, (code) => {
    const sign = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[\w.~-]/.test(sign) ? sign : code.toUpperCase();
  });
  const kept: string[] = [];
  const segments = decoded.split('/').slice(1);
  for (const [at, segment] of segments.entries()) {
    const isLast = at === segments.length - 1;
    if (segment === '..') kept.pop();
    // A dot segment at the end, or a slash there, leaves a slash.
    if (isLast && ['', '.', '..'].includes(segment)) kept.push('');
    else if (!['', '.', '..'].includes(segment)) kept.push(segment);
  }
  return `/${kept.join('/')}`;
};

/** The key that S3 reads out of a path, letter for letter: `..` means nothing in it. Undefined when it cannot be read. */
export const keyOf = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return undefined;
  }
};

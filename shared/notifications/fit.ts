/**
 * As many of the parts, in order, as `most` UTF-16 units hold, one a line; what is left out is counted. Parts stay whole,
 * for half a part may be half of some markup.
 */
export const fitted = (parts: readonly string[], most: number): string => {
  const kept: string[] = [];
  // Room for the line that counts what is left out.
  let room = most - 20;
  for (const part of parts) {
    room -= part.length + 1;
    if (room < 0) return [...kept, `and ${parts.length - kept.length} more`].join('\n');
    kept.push(part);
  }
  return kept.join('\n');
};

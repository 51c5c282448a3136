/** A file in the bucket. */
export type HeldFile = { readonly key: string; readonly writtenAt: number };

export type ReleaseChange = {
  /** No release holds these any more: from now on they are kept for open tabs only. */
  readonly retire: readonly string[];
  /** Neither the release nor an open tab needs these. */
  readonly remove: readonly string[];
};

/** A tab may stay open over a deployment, and loads the rest of its pages when they are first looked at. */
const keptForMs = 30 * 86_400_000;

/**
 * Beside a file that no release holds any more lies an empty one, which by its own date says since when: the date of the
 * file itself is that of its first release, which may have been the current one until a minute ago.
 */
const retiredPrefix = 'retired/';
export const retiredMarkOf = (key: string): string => `${retiredPrefix}${key}`;

/** What is to be done with what the bucket holds, once the release of these keys is in it. */
export const decideRelease = (
  released: readonly string[],
  held: readonly HeldFile[],
  now: number,
): ReleaseChange => {
  const current = new Set(released);
  const retiredAt = new Map(
    held
      .filter(({ key }) => key.startsWith(retiredPrefix))
      .map(({ key, writtenAt }) => [key.slice(retiredPrefix.length), writtenAt]),
  );
  const old = held.map(({ key }) => key).filter((key) => !key.startsWith(retiredPrefix) && !current.has(key));
  const expired = old.filter((key) => now - (retiredAt.get(key) ?? now) > keptForMs);
  const kept = new Set(old.filter((key) => !expired.includes(key)));
  const needlessMarks = [...retiredAt.keys()].filter((key) => !kept.has(key)).map(retiredMarkOf);
  return {
    retire: [...kept].filter((key) => !retiredAt.has(key)),
    // A file goes before its mark: after a crash between the two the mark is needless and goes the next time.
    remove: [...expired, ...needlessMarks],
  };
};

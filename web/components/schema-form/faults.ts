/** One thing that is wrong, its path relative to where it is looked at. */
export type Fault = { readonly path: string; readonly message: string };

/** The faults of one member (`name`) or item (`3`), told as from there. Paths are `a.b`, `a[3]` or `a.3`. */
export const faultsAt = (faults: readonly Fault[], key: string | number): readonly Fault[] =>
  faults.flatMap(({ path, message }) => {
    for (const begin of [String(key), `[${key}]`]) {
      if (path === begin) return [{ path: '', message }];
      if (path.startsWith(`${begin}.`)) return [{ path: path.slice(begin.length + 1), message }];
      if (path.startsWith(`${begin}[`)) return [{ path: path.slice(begin.length), message }];
    }
    return [];
  });

/** The faults that none of the keys takes: of what is looked at itself, and of what is not shown in it. */
export const faultsBeside = (
  faults: readonly Fault[],
  keys: readonly (string | number)[],
): readonly Fault[] => {
  const taken = (fault: Fault): boolean => keys.some((key) => faultsAt([fault], key).length > 0);
  return faults.filter((fault) => !taken(fault));
};

/** As one text under a field; undefined when all is well. */
export const faultText = (faults: readonly Fault[]): string | undefined => {
  if (faults.length === 0) return undefined;
  return [...new Set(faults.map(({ path, message }) => (path ? `${path}: ${message}` : message)))].join(' ');
};

export type Change = {
  /** `settings.desired`, `tags[0]`; `state` where the whole is one value. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly isChanged: boolean;
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');

const valuesIn = (value: unknown, path = ''): Map<string, string> => {
  if (value === undefined) return new Map();
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0)
    return new Map([[path === '' ? 'state' : path, textOf(value)]]);
  const isList = Array.isArray(value);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...valuesIn(inner, isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`),
    ]),
  );
};

/**
 * Each value of two pictures of the world, with its path; what changes comes first. What one of them lacks is `–`. Of a
 * plan (`isPartial`) the second picture names only what is to change: what it does not name is no change.
 */
export const changesOf = (
  before: unknown,
  after: unknown,
  { isPartial = false }: { readonly isPartial?: boolean } = {},
): readonly Change[] => {
  const [was, will] = [valuesIn(before), valuesIn(after)];
  const rows = [...new Set([...was.keys(), ...will.keys()])].map((path) => {
    const row = { path, before: was.get(path) ?? '–', after: will.get(path) ?? '–' };
    const isNamed = !isPartial || will.has(path);
    return { ...row, isChanged: isNamed && row.before !== row.after };
  });
  return [...rows.filter(({ isChanged }) => isChanged), ...rows.filter(({ isChanged }) => !isChanged)];
};

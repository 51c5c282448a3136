import { canonicalJson } from '../platform/api/canonical.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Leaves out each field without which the definition would come out the same, except those that `always` stand there. */
export const withoutDefaults = (
  fields: Fields,
  resolve: (fields: Fields) => unknown,
  always: readonly string[] = [],
): Fields => {
  const whole = canonicalJson(resolve(fields));
  let kept = fields;
  for (const name of Object.keys(fields)) {
    if (always.includes(name)) continue;
    const { [name]: _left, ...less } = kept;
    if (isSame(() => resolve(less), whole)) kept = less;
  }
  return kept;
};

/** The same inside one of its fields, where that is a map. */
export const withoutInnerDefaults = (
  fields: Fields,
  name: string,
  resolve: (fields: Fields) => unknown,
): Fields => {
  const inner = fields[name];
  if (!isMap(inner)) return fields;
  return { ...fields, [name]: withoutDefaults(inner, (less) => resolve({ ...fields, [name]: less })) };
};

/** The same in it and in every map inside it, however deep. */
export const withoutDeepDefaults = (
  fields: Fields,
  resolve: (fields: Fields) => unknown,
  always: readonly string[] = [],
): Fields => {
  let kept = withoutDefaults(fields, resolve, always);
  for (const [name, held] of Object.entries(kept)) {
    const around = kept;
    const lean = (one: Fields, put: (less: Fields) => unknown): Fields =>
      withoutDeepDefaults(one, (less) => resolve({ ...around, [name]: put(less) }), always);
    if (isMap(held)) kept = { ...kept, [name]: lean(held, (less) => less) };
    else if (Array.isArray(held)) {
      const done: unknown[] = [...held];
      for (const [at, one] of held.entries())
        if (isMap(one)) done[at] = lean(one, (less) => done.with(at, less));
      kept = { ...kept, [name]: done };
    }
  }
  return kept;
};

const isSame = (resolve: () => unknown, whole: string): boolean => {
  try {
    return canonicalJson(resolve()) === whole;
  } catch {
    return false;
  }
};

/** `90` → `90s`, `300` → `5m`, `0.25` → `250ms`; finer than a millisecond as the number itself. */
export const durationText = (seconds: number): string | number => {
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds / 1000 !== seconds) return seconds;
  if (!Number.isInteger(seconds)) return `${milliseconds}ms`;
  if (seconds === 0) return 0;
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
};

/** With these fields, where they are there, as durations. */
export const withDurations = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      names.includes(name) && typeof value === 'number' ? durationText(value) : value,
    ]),
  );

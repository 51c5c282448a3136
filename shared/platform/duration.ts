/** Durations as people write them: `500ms`, `10s`, `5m`, `1h`, `1d`. Kept apart from the schemas, which need zod. */

const unitMilliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const durationPattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/;
export const durationHint = 'Give seconds as a number, or a duration such as 10s, 5m or 1h.';

/** Seconds; a text that does not match `durationPattern` counts as 0. */
export const secondsOf = (value: string | number): number => {
  if (typeof value === 'number') return value;
  const [, amount = '0', unit = 's'] = durationPattern.exec(value) ?? [];
  return (Number(amount) * (unitMilliseconds[unit] ?? 1000)) / 1000;
};

/** Seconds as people read them: `90 s`, `5 min`, `2 h`, `3 d`. */
export const readableSeconds = (seconds: number): string => {
  const fitting = (
    [
      [86_400, 'd'],
      [3600, 'h'],
      [60, 'min'],
    ] as const
  ).find(([size]) => seconds >= size && seconds % size === 0);
  const [size, unit] = fitting ?? [1, 's'];
  return `${Math.round((seconds / size) * 1000) / 1000} ${unit}`;
};

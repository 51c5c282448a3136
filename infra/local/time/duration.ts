const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `2h` or plain milliseconds. */
export const durationMs = (duration: number | string): number => {
  if (typeof duration === 'number') return duration;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? [];
  const unitMs = unitsMs[unit];
  if (amount === undefined || unitMs === undefined)
    throw new Error(`${duration} is not a duration such as 30s or 5m`);
  return Number(amount) * unitMs;
};

/** Epoch milliseconds, or an ISO 8601 instant. */
export const instantOf = (instant: number | string): number => {
  const at = typeof instant === 'number' ? instant : Date.parse(instant);
  if (Number.isNaN(at)) throw new Error(`${instant} is not an instant such as 2026-01-31T12:00:00Z`);
  return at;
};

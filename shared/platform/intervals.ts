/** Intervals that slots know, in seconds; a check with any other is refused. */
export const allowedIntervalSeconds = [
  10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200,
  86400,
] as const;

export const isAllowedInterval = (seconds: number): boolean =>
  (allowedIntervalSeconds as readonly number[]).includes(seconds);

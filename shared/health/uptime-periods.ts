/** Each reaches back at least as long as it says: the first to a full hour, the others to a full day (UTC). */
export const uptimePeriods = ['24h', '7d', '30d', '90d', '365d'] as const;
export type UptimePeriod = (typeof uptimePeriods)[number];

export const daysOf: Readonly<Record<UptimePeriod, number>> = {
  '24h': 1,
  '7d': 7,
  '30d': 30,
  '90d': 90,
  '365d': 365,
};

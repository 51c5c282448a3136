import type { CheckStatus } from '../platform/events.ts';
import type { Uptime } from './uptime.ts';

export const badgeMetrics = ['status', 'uptime', 'latency'] as const;
export type BadgeMetric = (typeof badgeMetrics)[number];

export type Badge = { readonly label: string; readonly message: string; readonly color: string };

const statusColors: Readonly<Record<CheckStatus, string>> = {
  healthy: 'brightgreen',
  degraded: 'yellow',
  unhealthy: 'red',
  unknown: 'lightgrey',
};

export const statusBadge = (label: string, status: CheckStatus): Badge => ({
  label,
  message: status,
  color: statusColors[status],
});

/** From how many per cent on which color. */
const uptimeColors = [
  [99.9, 'brightgreen'],
  [99, 'green'],
  [98, 'yellowgreen'],
  [95, 'yellow'],
  [90, 'orange'],
  [0, 'red'],
] as const;

/** Two decimals, cut: 99.999 % of a year is five minutes of downtime and no 100 %. */
export const uptimeBadge = (label: string, { uptimePercent }: Pick<Uptime, 'uptimePercent'>): Badge => {
  if (uptimePercent === null) return { label, message: 'unknown', color: statusColors.unknown };
  const [, color] = uptimeColors.find(([from]) => uptimePercent >= from) ?? [0, 'red'];
  return { label, message: `${Math.floor(uptimePercent * 100) / 100} %`, color };
};

export const latencyBadge = (label: string, { responseTimeMs }: Pick<Uptime, 'responseTimeMs'>): Badge =>
  responseTimeMs === null
    ? { label, message: 'unknown', color: statusColors.unknown }
    : { label, message: `${Math.round(responseTimeMs.average)} ms`, color: 'blue' };

/** Characters that XML cannot hold even escaped. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** The badge as SVG; whatever stands in its texts is text. Loads what draws it when first used. */
export const drawBadge = async ({ label, message, color }: Badge): Promise<string> => {
  const { makeBadge } = await import('badge-maker');
  return makeBadge({ label: label.replace(notXml, ''), message, color });
};

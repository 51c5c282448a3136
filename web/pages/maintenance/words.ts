import type { Schemas } from '../../client/operations.ts';
import { durationText, exactTime } from '../../components/time-text.ts';

export type Maintenance = Schemas['PlannedMaintenance'];
type Window = Maintenance['windows'][number];

const zone = ({ timeZone }: { readonly timeZone?: string }): string => ` (${timeZone ?? 'UTC'})`;

/** `22 Nov 2026, 12:00:00 UTC for 2 h`, `mon, tue 22:00 to 04:00 (Europe/Berlin)` */
export const windowText = (window: Window): string => {
  if ('at' in window) return `${exactTime(window.at)} for ${durationText(window.duration)}`;
  if ('cron' in window) return `${window.cron} for ${durationText(window.duration)}${zone(window)}`;
  return `${window.weekdays.join(', ')} ${window.from} to ${window.until}${zone(window)}`;
};

export const stateWords = {
  active: { word: 'now', tone: 'calm' },
  waiting: { word: 'to come', tone: 'plain' },
  ended: { word: 'over', tone: 'plain' },
} as const;

/** The fields that a person writes, as a body of `replaceMaintenance` takes them. */
export const maintenanceBodyOf = ({
  name,
  matchers,
  windows,
  reason,
}: Maintenance): Record<string, unknown> => ({
  name,
  matchers,
  windows,
  reason,
});

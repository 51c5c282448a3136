import { type Weekday, wallClock, weekdays } from '../platform/wall-clock.ts';
import type { MaintenanceWindow } from './maintenance.ts';

/** Whether one of the windows is open at `at` (epoch ms): from its first instant on, and not at its end. */
export const isInMaintenance = async (
  windows: readonly MaintenanceWindow[],
  at: number,
): Promise<boolean> => {
  for (const window of windows) if (await isOpen(window, at)) return true;
  return false;
};

const isOpen = (window: MaintenanceWindow, at: number): boolean | Promise<boolean> => {
  if ('cron' in window) return isOpenByCron(window, at);
  if ('weekdays' in window) return isOpenByWeekday(window, at);
  const startsAt = Date.parse(window.at);
  return startsAt <= at && at < startsAt + window.durationSeconds * 1000;
};

type ByCron = Extract<MaintenanceWindow, { cron: string }>;
type ByWeekday = Extract<MaintenanceWindow, { weekdays: readonly Weekday[] }>;

/** A window is open when its last start is not longer ago than it lasts. */
const isOpenByCron = async (
  { cron, durationSeconds, timeZone = 'UTC' }: ByCron,
  at: number,
): Promise<boolean> => {
  const { Cron } = await import('croner');
  const starts = new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true });
  const next = starts.nextRun(new Date(at - durationSeconds * 1000));
  return next !== null && next.getTime() <= at;
};

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const isOpenByWeekday = (window: ByWeekday, at: number): boolean => {
  const { minutes, weekday } = wallClock(at, window.timeZone ?? 'UTC');
  const [from, until] = [minutesOf(window.from), minutesOf(window.until)];
  const isOn = (day: Weekday | undefined): boolean => day !== undefined && window.weekdays.includes(day);
  if (from < until) return isOn(weekday) && from <= minutes && minutes < until;
  // Past midnight: it belongs to the day on which it began.
  const yesterday = weekdays[(weekdays.indexOf(weekday) + weekdays.length - 1) % weekdays.length];
  return (isOn(weekday) && from <= minutes) || (isOn(yesterday) && minutes < until);
};

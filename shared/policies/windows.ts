import { wallClock, weekdays } from '../platform/wall-clock.ts';
import type { PolicyDefinition, PolicyWindow } from './policy.ts';
import { listed } from './select.ts';

/** Why nothing may run now; `untilAt` in epoch ms: the first minute in which it may, when one comes within eight days. */
export type WindowHold = { readonly reason: string; readonly untilAt?: number | undefined };

const minuteMs = 60_000;
const dayMinutes = 1440;
/** A week and a day: every weekly window has come by then, whatever the clocks did meanwhile. */
const searchedMinutes = 8 * dayMinutes;
/** Zones change their offset only on such a boundary of UTC, so that one look at the calendar serves so many minutes. */
const offsetStepMinutes = 15;

/**
 * What the policy's windows say at `now`: an open window that denies goes before all; where there are windows that
 * allow, one of them must be open. All by the clock on the wall of the window's zone: an hour that the clocks skip is
 * never there, one that they repeat is there twice. No windows: always.
 */
export const windowHold = (
  { windows }: Pick<PolicyDefinition, 'windows'>,
  now: number,
): WindowHold | undefined => {
  const clock = wallClocks();
  const denial = windows.find((window) => window.kind === 'deny' && isOpen(window, now, clock));
  if (!denial && isAllowed(windows, now, clock)) return undefined;
  const reason = denial
    ? `Nothing runs ${shownWindow(denial)}.`
    : `It runs only ${listed(windows.filter(({ kind }) => kind === 'allow').map(shownWindow))}.`;
  const untilAt = firstAllowed(windows, now, clock);
  return untilAt === undefined ? { reason } : { reason, untilAt };
};

const isAllowed = (windows: readonly PolicyWindow[], at: number, clock: WallClock): boolean => {
  const open = windows.filter((window) => isOpen(window, at, clock));
  if (open.some(({ kind }) => kind === 'deny')) return false;
  return open.length > 0 || windows.every(({ kind }) => kind === 'deny');
};

const firstAllowed = (
  windows: readonly PolicyWindow[],
  now: number,
  clock: WallClock,
): number | undefined => {
  const thisMinute = Math.floor(now / minuteMs) * minuteMs;
  for (let minute = 1; minute <= searchedMinutes; minute++) {
    const at = thisMinute + minute * minuteMs;
    if (isAllowed(windows, at, clock)) return at;
  }
  return undefined;
};

const isOpen = (window: PolicyWindow, at: number, clock: WallClock): boolean => {
  const { minute, weekday } = clock(at, window.timeZone);
  const isOn = (day: number): boolean => window.weekdays.includes(day);
  const { fromMinute, toMinute } = window;
  if (fromMinute < toMinute) return isOn(weekday) && fromMinute <= minute && minute < toMinute;
  // Past midnight: it belongs to the day on which it began.
  return (isOn(weekday) && fromMinute <= minute) || (isOn((weekday + 6) % 7) && minute < toMinute);
};

type WallClock = (at: number, timeZone: string) => { readonly minute: number; readonly weekday: number };

/** Minutes of the week (Monday 0:00 is 0) that the wall shows. */
const weekMinuteOf = (at: number, timeZone: string): number => {
  const { minutes, weekday } = wallClock(at, timeZone);
  return weekdays.indexOf(weekday) * dayMinutes + minutes;
};

const wallClocks = (): WallClock => {
  const known = new Map<string, number>();
  return (at, timeZone) => {
    const step = Math.floor(at / (offsetStepMinutes * minuteMs));
    const key = `${step} ${timeZone}`;
    const start = known.get(key) ?? weekMinuteOf(step * offsetStepMinutes * minuteMs, timeZone);
    known.set(key, start);
    const since = Math.floor(at / minuteMs) - step * offsetStepMinutes;
    const shown = (start + since) % (7 * dayMinutes);
    return { minute: shown % dayMinutes, weekday: Math.floor(shown / dayMinutes) };
  };
};

export const timeOfDay = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** `fri 18:00–06:00 (Europe/Berlin)` */
const shownWindow = ({ weekdays: on, fromMinute, toMinute, timeZone }: PolicyWindow): string => {
  const days = on.length === 7 ? 'daily' : on.map((day) => weekdays[day]).join(', ');
  return `${days} ${timeOfDay(fromMinute)}–${timeOfDay(toMinute)} (${timeZone})`;
};

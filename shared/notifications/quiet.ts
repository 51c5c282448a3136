import { isInMaintenance } from '../health/index.ts';
import { type Severity, severities } from '../platform/events.ts';
import { weekdays as everyDay, wallClock } from '../platform/wall-clock.ts';
import type { Announcement } from './announcement.ts';
import type { QuietHours } from './channel.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** More than any change of the clocks. */
const mostShiftMinutes = 3 * 60;

/**
 * Until when (epoch ms) all of this waits; undefined when it is told now. One announcement that is severe enough takes
 * those before it along, for the order is kept. What a person asked for, a test, never waits.
 */
export const quietUntil = async (
  quiet: QuietHours | undefined,
  unsent: readonly Pick<Announcement, 'severity' | 'kind'>[],
  now: number,
): Promise<number | undefined> => {
  if (!quiet || !(await isQuietAt(quiet, now))) return undefined;
  const exceptFrom = rankOf(quiet.exceptFrom ?? 'critical');
  const isUrgent = unsent.some(({ severity, kind }) => kind === 'test' || rankOf(severity) >= exceptFrom);
  return isUrgent ? undefined : endOf(quiet, now);
};

const rankOf = (severity: Severity): number => severities.indexOf(severity);

const isQuietAt = ({ from, until, timeZone, weekdays }: QuietHours, at: number): Promise<boolean> =>
  isInMaintenance(
    [{ weekdays: everyDay.filter((day) => weekdays?.includes(day) ?? true), from, until, timeZone }],
    at,
  );

/**
 * The first minute after `now` in which it is not quiet any more. The clock on the wall says how far away it should be;
 * on the two days a year when it jumps, the instant lies an hour off and is looked for.
 */
const endOf = async (quiet: QuietHours, now: number): Promise<number> => {
  const thisMinute = Math.floor(now / minuteMs) * minuteMs;
  const minutesLeft =
    (minutesOf(quiet.until) - wallClock(now, quiet.timeZone ?? 'UTC').minutes + 1440) % 1440;
  const supposed = thisMinute + (minutesLeft || 1440) * minuteMs;
  for (let shift = 0; shift <= mostShiftMinutes; shift++) {
    const later = supposed + shift * minuteMs;
    if (await isEnd(quiet, later)) return later;
    const earlier = supposed - shift * minuteMs;
    if (earlier > now && (await isEnd(quiet, earlier))) return earlier;
  }
  // It is quiet around the clock: tomorrow it is judged anew.
  return now + dayMs;
};

const isEnd = async (quiet: QuietHours, at: number): Promise<boolean> =>
  !(await isQuietAt(quiet, at)) && isQuietAt(quiet, at - minuteMs);

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

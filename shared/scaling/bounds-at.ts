import { type Weekday, wallClock, weekdays } from '../platform/wall-clock.ts';
import type { ScalerDefinition } from './scaler.ts';

/** Other bounds while a time of the week lasts: none at night, more before the shop opens. */
export type ScheduledBounds = {
  /** On which it begins; every day when left out. */
  readonly weekdays?: readonly Weekday[] | undefined;
  /** `20:00` on the wall of `timeZone`. */
  readonly from: string;
  /** The earlier one: into the next day. */
  readonly until: string;
  /** UTC when left out. */
  readonly timeZone?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
};

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const isOpen = (
  { weekdays: days = weekdays, from, until, timeZone = 'UTC' }: ScheduledBounds,
  at: number,
) => {
  const { minutes, weekday } = wallClock(at, timeZone);
  const yesterday = weekdays[(weekdays.indexOf(weekday) + 6) % 7] ?? weekday;
  const [start, end] = [minuteOf(from), minuteOf(until)];
  if (start < end) return days.includes(weekday) && start <= minutes && minutes < end;
  return (days.includes(weekday) && start <= minutes) || (days.includes(yesterday) && minutes < end);
};

/** The rule with the bounds that hold at `at` (epoch ms): those of the first entry whose time it is, else its own. */
export const boundsAt = (definition: ScalerDefinition, at: number): ScalerDefinition => {
  const entry = definition.schedule?.find((one) => isOpen(one, at));
  return entry
    ? { ...definition, min: entry.min ?? definition.min, max: entry.max ?? definition.max }
    : definition;
};

import { toIso } from '../../platform/clock.ts';

/** Instants as the page tells them: in its own time zone, the zone named, the exact instant beside it for machines. */

type Shape = 'instant' | 'day' | 'utcDay' | 'month' | 'clock' | 'parts';

const shapes: Readonly<Record<Shape, Intl.DateTimeFormatOptions>> = {
  instant: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  },
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  utcDay: { day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' },
  parts: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
};

const formats = new Map<string, Intl.DateTimeFormat>();
/** More zones than any stack has pages with; a new one costs a hundred uses of a known one. */
const mostFormats = 300;

const formatOf = (shape: Shape, timeZone: string): Intl.DateTimeFormat => {
  const name = `${shape} ${timeZone}`;
  const known = formats.get(name);
  if (known) return known;
  if (formats.size >= mostFormats) formats.clear();
  const made = new Intl.DateTimeFormat('en-GB', { ...shapes[shape], timeZone });
  formats.set(name, made);
  return made;
};

const shown = (shape: Shape) => (at: number, timeZone: string) => formatOf(shape, timeZone).format(at);

/** `2 Nov 2026, 13:05 GMT+1` */
export const instant = shown('instant');
/** `Monday 2 November 2026` */
export const day = shown('day');
/** `13:05 GMT+1` */
export const clockTime = shown('clock');
/** `2 Nov 2026`, of a day that begins at `at` in UTC. */
export const utcDay = (at: number): string => formatOf('utcDay', 'UTC').format(at);
/** `2026-11` → `November 2026` */
export const monthName = (month: string): string =>
  formatOf('month', 'UTC').format(Date.parse(`${month}-01`));

export const timeTag = (at: number, timeZone: string, show = instant): string =>
  `<time datetime="${toIso(at)}">${show(at, timeZone)}</time>`;

/** `yyyy-mm` on the wall calendar of the zone. */
export const monthOf = (at: number, timeZone: string): string => {
  const { year, month } = wallParts(at, timeZone);
  return `${year}-${month}`;
};

const wallParts = (at: number, timeZone: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    formatOf('parts', timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );

/** How far the wall clock of the zone is ahead of UTC. */
const offsetMs = (at: number, timeZone: string): number => {
  const { year, month, day: date, hour, minute, second } = wallParts(at, timeZone);
  return Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`) - Math.floor(at / 1000) * 1000;
};

/** Epoch ms: when the month begins in the zone. Asked twice, for the offset may change between the guess and the answer. */
export const monthStart = (month: string, timeZone: string): number => {
  const wall = Date.parse(`${month}-01T00:00:00Z`);
  const guess = wall - offsetMs(wall, timeZone);
  return wall - offsetMs(guess, timeZone);
};

/** The month so many months later. */
export const monthPlus = (month: string, count: number): string => {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + count);
  return toIso(at.getTime()).slice(0, 7);
};

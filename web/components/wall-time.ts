/**
 * Times as people set them: `2026-11-22T18:04` in a zone (IANA name; undefined: the reader's own), as a field of the
 * type datetime-local holds them.
 */

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string | undefined): Intl.DateTimeFormat => {
  const known = formats.get(timeZone ?? '');
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  });
  formats.set(timeZone ?? '', made);
  return made;
};

/** What a clock in the zone shows at `at` (epoch ms), to the minute. */
export const wallTime = (at: number, timeZone?: string): string => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
};

const asIfUtc = (wall: string): number =>
  /^\d{4,6}-\d\d-\d\dT\d\d:\d\d$/.test(wall) ? Date.parse(`${wall}:00Z`) : Number.NaN;

/** The instant (epoch ms) at which a clock in the zone shows `wall`; undefined where that is no time. */
export const instantAt = (wall: string, timeZone?: string): number | undefined => {
  const shown = asIfUtc(wall);
  if (Number.isNaN(shown)) return undefined;
  // The second round is for when the first guess lies on the other side of a change of the clocks.
  let at = shown;
  for (let round = 0; round < 2; round++) at = shown - (asIfUtc(wallTime(at, timeZone)) - at);
  return at;
};

const dayMs = 86_400_000;

/** `hh:mm` of the day after the one that `now` lies in, there. */
export const tomorrowAt = (time: string, now: number, timeZone?: string): number => {
  const today = wallTime(now, timeZone).slice(0, 10);
  const tomorrow = new Date(Date.parse(today) + dayMs).toISOString().slice(0, 10);
  return instantAt(`${tomorrow}T${time}`, timeZone) ?? now + dayMs;
};

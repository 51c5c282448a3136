import type { MaintenanceWindow } from '../../health/index.ts';

export type Occurrence = { readonly startsAt: number; readonly endsAt: number };

/** Windows that follow one another without a gap are one; so many of them are joined at most. */
const mostJoined = 50;
const dayMs = 86_400_000;

/** The occurrence that runs at `now` and the next one that begins before `until` (epoch ms), of each window. */
export const occurrencesOf = async (
  window: MaintenanceWindow,
  now: number,
  until: number,
): Promise<readonly Occurrence[]> => {
  const from = await firstOf(window, now);
  if (from === undefined || from.startsAt >= until) return [];
  if (from.startsAt > now) return [from];
  const next = await from.next?.();
  return [from, ...(next && next.startsAt < until ? [next] : [])].map(({ startsAt, endsAt }) => ({
    startsAt,
    endsAt,
  }));
};

type Found = Occurrence & { next?(): Promise<Found | undefined> };

const firstOf = async (window: MaintenanceWindow, now: number): Promise<Found | undefined> => {
  if ('cron' in window) {
    const lasts = window.durationSeconds * 1000;
    return found(await openCron(window.cron, window.timeZone), async (startsAt) => startsAt + lasts, {
      now,
      since: now - lasts,
    });
  }
  if ('weekdays' in window) {
    const [fromHour, fromMinute] = window.from.split(':').map(Number);
    const [untilHour, untilMinute] = window.until.split(':').map(Number);
    const starts = await openCron(
      `${fromMinute} ${fromHour} * * ${window.weekdays.join(',')}`,
      window.timeZone,
    );
    const ends = await openCron(`${untilMinute} ${untilHour} * * *`, window.timeZone);
    // The clock on the wall says when it ends, also on a day that has 23 or 25 hours.
    return found(starts, async (startsAt) => ends(startsAt) ?? startsAt + dayMs, {
      now,
      since: now - 2 * dayMs,
    });
  }
  const startsAt = Date.parse(window.at);
  const endsAt = startsAt + window.durationSeconds * 1000;
  return endsAt > now ? { startsAt, endsAt } : undefined;
};

/** Epoch ms of the first run after `at`. */
type Next = (at: number) => number | undefined;

const openCron = async (cron: string, timeZone = 'UTC'): Promise<Next> => {
  const { Cron } = await import('croner');
  const runs = new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true });
  return (at) => runs.nextRun(new Date(at))?.getTime();
};

/** The first occurrence that ends after `now`, looked for since `since`. */
const found = async (
  starts: Next,
  endOf: (startsAt: number) => Promise<number>,
  { now, since }: { readonly now: number; readonly since: number },
): Promise<Found | undefined> => {
  let startsAt = starts(since);
  while (startsAt !== undefined && (await endOf(startsAt)) <= now) startsAt = starts(startsAt);
  if (startsAt === undefined) return undefined;
  let endsAt = await endOf(startsAt);
  let last = startsAt;
  for (let joined = 0; joined < mostJoined; joined++) {
    const after = starts(last);
    if (after === undefined || after > endsAt) break;
    last = after;
    endsAt = Math.max(endsAt, await endOf(after));
  }
  const end = endsAt;
  return { startsAt, endsAt, next: () => found(starts, endOf, { now: end, since: end - 1 }) };
};

import type { Announcement } from './announcement.ts';
import type { ChannelRecord } from './channel.ts';
import { mostUnsent, type Notification } from './notification.ts';

/** Well below the 400 KB that an item may have, for the log and the names stand in it, too. */
const mostUnsentBytes = 250_000;

/**
 * The notification after one more announcement was taken over; the very same object when it is a repeat. An end is only
 * noted where the beginning was not told, or where no end is wanted.
 */
export const take = (
  before: Notification | undefined,
  announcement: Announcement,
  channel: Pick<ChannelRecord, 'id' | 'definition'>,
  now: number,
): Notification => {
  if (before && announcement.no <= before.takenNo) return before;
  const { incidentId, groupKey, no } = announcement;
  const noted: Notification = before
    ? { ...before, takenNo: no }
    : {
        channelId: channel.id,
        incidentId,
        groupKey,
        unsent: [],
        takenNo: no,
        sentNo: 0,
        sentStatus: null,
        log: [],
        attempts: 0,
        nextAttemptAt: now,
        version: 0,
      };
  // Noted all the same: a beginning that comes after its end, from whoever tells a fallback, is too late to be told.
  if (!isWanted(noted, announcement, channel.definition.tellsResolved)) return noted;
  return {
    ...noted,
    unsent: coalesced([...noted.unsent, announcement]),
    // While the channel fails it is left in peace until its next attempt. Who only waits for the end of quiet hours
    // is judged anew, for this may be severe enough; and after the end of trying something new is tried once.
    nextAttemptAt:
      noted.failingSince === undefined || noted.nextAttemptAt === 0
        ? Math.min(noted.nextAttemptAt || now, now)
        : noted.nextAttemptAt,
  };
};

/** An end is told to those for whom the last thing they were, or are going to be, told is that something fires. */
const isWanted = (
  { unsent, sentStatus }: Notification,
  { status, kind }: Announcement,
  tellsResolved: boolean,
): boolean => {
  if (status === 'firing' || kind === 'test' || kind === 'digest') return true;
  return tellsResolved && (unsent.at(-1)?.status ?? sentStatus) === 'firing';
};

/**
 * Keeps the list short without telling anything wrong: the oldest stays, for it may be on its way right now, and the
 * newest, which is how things stand. An update or a reminder gives way to what follows it while the incident goes on.
 * Beyond the limit, first what was neither a beginning nor an end gives way, then the oldest pair of an end and a
 * beginning (or the other way round), so that firing and resolved still take turns.
 */
export const coalesced = (unsent: readonly Announcement[]): readonly Announcement[] => {
  const kept = [...unsent];
  const [before, newest] = kept.slice(-2);
  // The one before may be the oldest: what is sent, or given up, goes by its number, so that replacing it is safe.
  if (kept.length > 1 && before && newest && isPassing(before) && before.status === newest.status) {
    kept.splice(-2, 1);
  }
  while (kept.length > 2 && (kept.length > mostUnsent || bytesOf(kept) > mostUnsentBytes)) dropOne(kept);
  return kept;
};

const isPassing = ({ kind }: Announcement): boolean => kind === 'update' || kind === 'reminder';

const bytesOf = (unsent: readonly Announcement[]): number => Buffer.byteLength(JSON.stringify(unsent));

const dropOne = (kept: Announcement[]): void => {
  const isInner = (at: number) => at > 0 && at < kept.length - 1;
  const idle = kept.findIndex((one, at) => isInner(at) && kept[at - 1]?.status === one.status);
  if (idle > 0) {
    kept.splice(idle, 1);
    return;
  }
  // All the inner ones take turns now: any two neighbours cancel each other out.
  kept.splice(1, Math.min(2, kept.length - 2));
};

import type { Announcement } from './announcement.ts';
import type { ChannelRecord } from './channel.ts';
import { fallbackIdOf, lookingAtFallback } from './fallback.ts';
import type { Notification } from './notification.ts';
import { loadChannel } from './registry.ts';
import { changeNotification } from './store.ts';
import { take } from './take.ts';
import type { AnnounceWorld } from './world.ts';

/**
 * Writes down for each channel that it is to be told this; sending is another step (`sendDue`, or the sweep within a
 * minute). The same announcement again changes nothing, so that a decider that was killed hands all of them on anew.
 * Give an incident's announcements in the order of their `no`: one that comes after a newer one counts as a repeat.
 */
export const announce = async (
  world: AnnounceWorld,
  channels: readonly ChannelRecord[],
  announcement: Announcement,
): Promise<void> => {
  await Promise.all(channels.map((channel) => announceAlong(world, channel, announcement, new Set())));
};

/** `passed`: the channels in whose place this one is told; fallbacks may name one another in a circle. */
const announceAlong = async (
  world: AnnounceWorld,
  channel: ChannelRecord,
  announcement: Announcement,
  passed: ReadonlySet<string>,
): Promise<void> => {
  if (passed.has(channel.id)) return;
  const notification = await announceTo(world, channel, announcement);
  // Who was told in this one's place that something fires hears of its end, whatever this one does by then. A repeat
  // goes there, too: whoever announced it first may have been killed here.
  if (announcement.status !== 'resolved' || !notification?.fallback?.isFiring) return;
  const fallback = await fallbackOf(world, channel);
  if (!fallback) return;
  await announceAlong(world, fallback, inPlaceOf(channel, announcement), new Set([...passed, channel.id]));
};

const announceTo = (
  world: AnnounceWorld,
  channel: ChannelRecord,
  announcement: Announcement,
): Promise<Notification | undefined> => {
  const now = world.clock();
  return changeNotification(world, channel.id, announcement.incidentId, (before) => {
    const after = take(before, announcement, channel, now);
    return after === before ? before : lookingAtFallback(after, channel, now);
  });
};

/** Tells the channel's fallback in its place, if there is one that is active. */
export const announceToFallback = async (
  world: AnnounceWorld,
  channel: ChannelRecord,
  announcements: readonly Announcement[],
): Promise<void> => {
  const fallback = await fallbackOf(world, channel);
  if (!fallback) return;
  for (const announcement of announcements) {
    await announceAlong(world, fallback, inPlaceOf(channel, announcement), new Set([channel.id]));
  }
};

const fallbackOf = async (
  { state }: AnnounceWorld,
  channel: ChannelRecord,
): Promise<ChannelRecord | undefined> => {
  const id = fallbackIdOf(channel);
  const fallback = id === undefined || id === channel.id ? undefined : await loadChannel(state, id);
  return fallback?.definition.isActive ? fallback : undefined;
};

/** With the name of the channel that should have told it, so that whoever reads it knows why it comes this way. */
const inPlaceOf = ({ definition }: ChannelRecord, announcement: Announcement): Announcement => ({
  ...announcement,
  inPlaceOf: announcement.inPlaceOf ?? definition.name,
});

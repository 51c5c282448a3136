import type { Announcement, AnnouncementKind } from './announcement.ts';
import { type ChannelRecord, channelIdOf } from './channel.ts';
import type { Notification } from './notification.ts';

/** So long a channel may fail before its fallback is told. */
export const fallbackAfterMs = 2 * 60_000;

/** What somebody must hear of; the rest can wait for the channel itself. */
const pressing: readonly AnnouncementKind[] = ['firing', 'escalated', 'resolved'];

type Doing = {
  readonly now: number;
  /** The channel failed again and again, whatever the incident. */
  readonly isBroken?: boolean;
};

/**
 * What the fallback is to be told in this channel's place, in order: while the channel is down, whatever presses and was
 * not handed over yet; and again what was being handed over when somebody was killed, as long as the channel itself has
 * not told it.
 */
export const owedToFallback = (
  { unsent, fallback, failingSince, isUndelivered }: Notification,
  { definition }: Pick<ChannelRecord, 'definition'>,
  { now, isBroken = false }: Doing,
): readonly Announcement[] => {
  const isDown =
    isBroken ||
    isUndelivered === true ||
    (failingSince !== undefined && now - failingSince >= fallbackAfterMs);
  const { isPending = false, no: handed = 0 } = fallback ?? {};
  if (definition.fallback === undefined || !(isDown || isPending)) return [];
  return unsent
    .filter(({ kind }) => pressing.includes(kind))
    .filter(({ no }) => (no > handed ? isDown : isPending));
};

export const fallbackIdOf = ({ definition }: Pick<ChannelRecord, 'definition'>): string | undefined =>
  definition.fallback === undefined ? undefined : channelIdOf(definition.fallback);

/**
 * Notes that the fallback is about to be told this. It must be noted first: whoever announces the end from now on sees
 * that the fallback has to hear of it, too.
 */
export const tellingFallback = (
  notification: Notification,
  owed: readonly Announcement[],
  now: number,
): Notification => {
  const { no: handed = 0 } = notification.fallback ?? {};
  const last = owed.at(-1);
  if (!last || last.no < handed) return notification;
  const fallback = { no: last.no, isFiring: last.status === 'firing', isPending: true };
  return { ...notification, fallback, lookAt: now };
};

export const fallbackTold = (notification: Notification, no: number): Notification => {
  const { fallback } = notification;
  if (!fallback?.isPending || fallback.no > no) return notification;
  return { ...notification, fallback: { ...fallback, isPending: undefined }, lookAt: undefined };
};

/** Has the sweep look when the fallback's time comes, if that is before the next attempt. */
export const lookingAtFallback = (
  notification: Notification,
  channel: Pick<ChannelRecord, 'definition'>,
  now: number,
): Notification => {
  const { failingSince, nextAttemptAt, fallback } = notification;
  if (failingSince === undefined || nextAttemptAt === 0) return notification;
  const lookAt = fallback?.isPending ? now : Math.max(now, failingSince + fallbackAfterMs);
  return lookAt < nextAttemptAt && owedToFallback(notification, channel, { now: lookAt }).length > 0
    ? { ...notification, lookAt }
    : notification;
};

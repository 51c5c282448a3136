import type { Notification } from '../notifications/index.ts';
import { toIso } from '../platform/clock.ts';
import type { ToldView } from './views.ts';

/** What one channel was told of an incident, as answers show it. */
export const viewOfTold = (notification: Notification, channelName: string | undefined): ToldView => {
  const { unsent, nextAttemptAt, failingSince } = notification;
  const isWaiting = unsent.length > 0 && notification.isUndelivered !== true;
  return {
    channelId: notification.channelId,
    channelName: channelName ?? null,
    sent: notification.log.map(({ no, kind, at }) => ({ no, kind, at: toIso(at) })),
    unsent: unsent.map(({ no, kind, at }) => ({ no, kind, at: toIso(at) })),
    failingSince: failingSince === undefined ? null : toIso(failingSince),
    nextAttemptAt: isWaiting && nextAttemptAt > 0 ? toIso(nextAttemptAt) : null,
    lastError: notification.lastError ?? null,
    isUndelivered: notification.isUndelivered === true,
  };
};

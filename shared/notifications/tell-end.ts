import { toIso } from '../platform/clock.ts';
import { announceToFallback } from './announce.ts';
import type { Announcement } from './announcement.ts';
import { endTold } from './attempt.ts';
import type { ChannelRecord } from './channel.ts';
import { fallbackTold, owedToFallback, tellingFallback } from './fallback.ts';
import type { Notification } from './notification.ts';
import { changeNotification } from './store.ts';
import type { SendWorld } from './world.ts';

/** When the bus is away, the sweep comes again after so long. */
const againMs = 5 * 60_000;

/**
 * Hands over to the fallback what it is owed. Doing it twice tells nothing twice, and killed in between, it is done
 * again by the next sweep. Gives the notification as it is then.
 */
export const tellFallback = async (
  world: SendWorld,
  channel: ChannelRecord,
  notification: Notification,
  isBroken = false,
): Promise<Notification> => {
  const now = world.clock();
  const owedIn = (one: Notification) => owedToFallback(one, channel, { now, isBroken });
  if (owedIn(notification).length === 0) return notification;
  const { channelId, incidentId } = notification;
  // Decided anew on what is written over: the channel may have taken it meanwhile.
  let owed: readonly Announcement[] = [];
  await changeNotification(world, channelId, incidentId, (before) => {
    owed = before ? owedIn(before) : [];
    return before && tellingFallback(before, owed, now);
  });
  const last = owed.at(-1);
  if (!last) return notification;
  await announceToFallback(world, channel, owed);
  const told = await changeNotification(
    world,
    channelId,
    incidentId,
    (before) => before && fallbackTold(before, last.no),
  );
  return told ?? notification;
};

/** Says on the bus that trying ended, with an id that is the same however often it is said. */
export const tellEnd = async (
  world: SendWorld,
  channel: ChannelRecord,
  notification: Notification,
): Promise<void> => {
  if (!notification.isUntold) return;
  const { channelId, incidentId, undeliveredAt = 0, failingSince = undeliveredAt, lastError } = notification;
  const id = `notification:${channelId}/${incidentId}@${undeliveredAt}`;
  const taken = await world.bus.publish([
    {
      type: 'notification.undelivered',
      detail: {
        id,
        at: toIso(undeliveredAt),
        ...world.place,
        channelId,
        channelName: channel.definition.name,
        incidentId,
        since: toIso(failingSince),
        reason: lastError ?? 'unknown',
      },
    },
  ]);
  const lookAt = world.clock() + againMs;
  await changeNotification(world, channelId, incidentId, (before) => {
    if (!before?.isUntold || before.undeliveredAt !== undeliveredAt) return before;
    return taken.includes(id) ? endTold(before) : { ...before, lookAt };
  });
};

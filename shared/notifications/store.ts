import { noteChange } from '../changes/index.ts';
import { bucketOf } from '../platform/ids.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Key, Table, Value } from '../storage/table.ts';
import { isEnded } from './attempt.ts';
import type { ChannelRecord } from './channel.ts';
import { type Notification, notificationKey, sendBuckets } from './notification.ts';
import { loadChannels } from './registry.ts';
import type { AnnounceWorld } from './world.ts';

/**
 * | who asks     | question                                  | access                                                     |
 * |--------------|-------------------------------------------|------------------------------------------------------------|
 * | decider      | a channel is to be told something         | get, put `CHANNEL#<id>` / `N#<incident>` if its version is the one read |
 * | sender       | what is to be sent, and what became of it | the same                                                   |
 * | sender       | how does the channel do                   | get, put `CHANNEL#<id>` / `BREAKER` if its version is the one read |
 * | notifier     | what is due                               | queryDue `SEND#<0–7>`, then get, consistent                |
 * | notifier, api | what was not delivered                   | queryDue `UNDELIVERED#<0–7>`, then get, consistent         |
 * | api          | who was told of an incident               | query `CHANNELS`, then batchGet `CHANNEL#<id>` / `N#<incident>` |
 *
 * All in `state`. What is still tried never expires. When nothing is, it is kept as long as alert events are, and longer
 * where the channel still believes that something fires: it must know that of the resolution that may come.
 */
const keptSeconds = 90 * 86_400;
const keptWhileFiringSeconds = 400 * 86_400;

export const sendBucket = (number: number): string => `SEND#${number}`;
export const undeliveredBucket = (number: number): string => `UNDELIVERED#${number}`;

/** Where it lies in the index `due`; undefined when nobody has to look at it. */
export const dueOf = (notification: Notification): { due: string; dueAt: number } | undefined => {
  const { channelId, incidentId, unsent, undeliveredAt = 0, nextAttemptAt, lookAt, claim } = notification;
  if (unsent.length === 0) return undefined;
  const bucket = bucketOf(`${channelId}/${incidentId}`, sendBuckets);
  if (!isEnded(notification)) {
    return { due: sendBucket(bucket), dueAt: claim?.until ?? lookAt ?? nextAttemptAt };
  }
  // Until the end is told the sweep must find it.
  return notification.isUntold
    ? { due: sendBucket(bucket), dueAt: lookAt ?? undeliveredAt }
    : { due: undeliveredBucket(bucket), dueAt: undeliveredAt };
};

const expiryOf = (notification: Notification, now: number): { expiresAt?: number } => {
  const { unsent, sentStatus } = notification;
  if (unsent.length > 0 && !isEnded(notification)) return {};
  const kept = unsent.length === 0 && sentStatus === 'firing' ? keptWhileFiringSeconds : keptSeconds;
  return { expiresAt: Math.floor(now / 1000) + kept };
};

const toItem = (notification: Notification, attempt: string, now: number): Item => ({
  ...notificationKey(notification.channelId, notification.incidentId),
  v: 1,
  ...(notification as unknown as Record<string, Value | undefined>),
  attempt,
  ...dueOf(notification),
  ...expiryOf(notification, now),
});

export const toNotification = (item: Item): Notification => {
  const { pk, sk, v, attempt, due, dueAt, expiresAt, ...notification } = item;
  return notification as unknown as Notification;
};

export const readNotification = async (
  state: Pick<Table, 'get'>,
  key: Key,
): Promise<Notification | undefined> => {
  const item = await state.get(key, { consistent: true });
  return item && toNotification(item);
};

/** More than there are writers of one item; beyond it something is wrong, and the caller comes again later. */
const mostTries = 20;

/**
 * Changes one notification by compare-and-set. `change` is pure; giving back what it got (or nothing) writes nothing. It is
 * called again with what is there when somebody else was faster, and must then see for itself whether it still applies.
 * An acknowledgement that was lost shows as a conflict with our own attempt, and counts as written. Gives what is there
 * in the end.
 */
export const changeNotification = async (
  { state, clock, newId }: AnnounceWorld,
  channelId: string,
  incidentId: string,
  change: (before: Notification | undefined) => Notification | undefined,
): Promise<Notification | undefined> => {
  const key = notificationKey(channelId, incidentId);
  for (let tries = 0; tries < mostTries; tries++) {
    const before = await readNotification(state, key);
    const after = change(before);
    if (after === undefined || after === before) return before;
    const written = { ...after, version: after.version + 1 };
    const attempt = newId();
    try {
      const condition = before
        ? { equals: { version: before.version } }
        : { vacantAt: Math.floor(clock() / 1000) };
      await state.put(toItem(written, attempt, clock()), condition);
      if (isShown(before, written))
        await noteChange(state, 'notifications', `${channelId}/${incidentId}@${written.version}`);
      return written;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const found = await state.get(key, { consistent: true });
      if (found?.attempt === attempt) return written;
    }
  }
  throw new Error(`the notification of ${incidentId} to ${channelId} is written by too many at once`);
};

/** Whether people see it: what was delivered, fails, or is given up. Claims and waiting are our own affair. */
const isShown = (before: Notification | undefined, after: Notification): boolean =>
  (before?.sentNo ?? 0) !== after.sentNo ||
  before?.isUndelivered !== after.isUndelivered ||
  before?.lastError !== after.lastError;

/** The channels that were told, or are to be told, of an incident. */
export const channelsTold = async (
  state: Pick<Table, 'get' | 'query'>,
  incidentId: string,
): Promise<readonly ChannelRecord[]> => {
  const channels = await loadChannels(state);
  const told = await Promise.all(
    channels.map(({ id }) => state.get(notificationKey(id, incidentId), { consistent: true })),
  );
  return channels.filter((_, at) => told[at] !== undefined);
};

/** What the channels were told, or are to be told, of an incident. */
export const readNotifications = async (
  state: Pick<Table, 'query' | 'batchGet'>,
  incidentId: string,
): Promise<readonly Notification[]> => {
  const channels = await loadChannels(state);
  const items = await state.batchGet(channels.map(({ id }) => notificationKey(id, incidentId)));
  return items.map(toNotification);
};

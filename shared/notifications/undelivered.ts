import type { Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import type { Announcement } from './announcement.ts';
import { channelIdIn, incidentIdIn, notificationKey, sendBuckets } from './notification.ts';
import { loadChannels } from './registry.ts';
import { toNotification, undeliveredBucket } from './store.ts';

/** What a channel never took. */
export type Undelivered = {
  readonly channelId: string;
  readonly incidentId: string;
  /** Epoch ms: since when the channel took nothing of it, and when trying ended. */
  readonly since: number;
  readonly undeliveredAt: number;
  readonly reason: string;
  /** Failures in a row. */
  readonly attempts: number;
  readonly unsent: readonly Announcement[];
};

/** Of each bucket; whoever has more than eight thousand undelivered notifications gets the oldest. */
const mostPerBucket = 1000;

/** By the index alone, oldest first in each bucket. */
export const undeliveredKeys = async (
  state: Pick<Table, 'queryDue'>,
  now: number,
): Promise<readonly { readonly channelId: string; readonly incidentId: string }[]> => {
  const buckets = Array.from({ length: sendBuckets }, (_, bucket) => undeliveredBucket(bucket));
  const found = await Promise.all(buckets.map((bucket) => state.queryDue(bucket, now, mostPerBucket)));
  return found
    .flat()
    .sort((left, right) => left.dueAt - right.dueAt)
    .map(({ pk, sk }) => ({ channelId: channelIdIn(pk), incidentId: incidentIdIn(sk) }));
};

/** The newest first; at most `limit`. */
export const listUndelivered = async (
  state: Pick<Table, 'queryDue' | 'batchGet'>,
  clock: Clock,
  limit = 200,
): Promise<readonly Undelivered[]> => {
  const keys = (await undeliveredKeys(state, clock())).slice(-limit);
  const items = await state.batchGet(
    keys.map(({ channelId, incidentId }) => notificationKey(channelId, incidentId)),
    { consistent: true },
  );
  return items
    .map(toNotification)
    .filter(({ isUndelivered }) => isUndelivered)
    .map(({ channelId, incidentId, undeliveredAt = 0, failingSince, lastError, attempts, unsent }) => ({
      channelId,
      incidentId,
      since: failingSince ?? undeliveredAt,
      undeliveredAt,
      reason: lastError ?? 'unknown',
      attempts,
      unsent,
    }))
    .sort((left, right) => right.undeliveredAt - left.undeliveredAt);
};

/**
 * Puts one message into the queue that an alarm looks at, while anything is undelivered. Messages stay there for ten
 * minutes and this runs each minute, so that the alarm stands until the last one is delivered or redriven, or its channel
 * removed. Gives how many there are.
 */
export const tellUndelivered = async (
  {
    state,
    undelivered,
  }: { readonly state: Pick<Table, 'queryDue' | 'query'>; readonly undelivered: Pick<Queue, 'send'> },
  now: number,
): Promise<number> => {
  const found = await undeliveredKeys(state, now);
  if (found.length === 0) return 0;
  // Who removed a channel does not want it to be delivered: a redrive drops it, and so does time.
  const there = new Set((await loadChannels(state)).map(({ id }) => id));
  const keys = found.filter(({ channelId }) => there.has(channelId));
  if (keys.length === 0) return 0;
  const channels = [...new Set(keys.map(({ channelId }) => channelId))].slice(0, 20);
  await undelivered.send([{ body: { kind: 'undelivered', notifications: keys.length, channels } }]);
  return keys.length;
};

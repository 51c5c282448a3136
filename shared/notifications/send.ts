import {
  afterFailure,
  afterSent,
  claimed,
  type Failure,
  fractionOf,
  isClaimed,
  isEnded,
  isTest,
  postponed,
  sendMs,
} from './attempt.ts';
import { noteFailure, noteSuccess } from './breaker.ts';
import type { ChannelRecord } from './channel.ts';
import { lookingAtFallback } from './fallback.ts';
import { type Notification, notificationKey } from './notification.ts';
import { sendOne } from './outgoing.ts';
import { readNotification } from './store.ts';
import { tellEnd, tellFallback } from './tell-end.ts';
import { change, drop, hasTime, marginMs, whyNotNow } from './waiting.ts';
import type { SendOutcome, SendWorld } from './world.ts';

/**
 * Sends to one channel what it is to be told of one incident, if its time has come: one announcement after the other, in
 * order, each noted before the next goes out. Of two who try at once one sends. Killed between a receiver's answer and
 * the note of it, the same is sent once more with the same dedupe key: that cannot be avoided, for no receiver takes
 * part in our writes. Throws only when `state` cannot be read or written; then it is due again when the claim ends.
 */
export const sendDue = async (
  world: SendWorld,
  channelId: string,
  incidentId: string,
): Promise<SendOutcome> => {
  const notification = await readNotification(world.state, notificationKey(channelId, incidentId));
  if (!notification || notification.unsent.length === 0) return { kind: 'nothing' };
  const now = world.clock();
  if (isClaimed(notification, now)) return { kind: 'claimed' };
  const channel = await world.channel(channelId);
  if (!channel) return drop(world, notification);
  if (isEnded(notification)) return finish(world, channel, notification);
  if (notification.nextAttemptAt > now) {
    if ((notification.lookAt ?? Number.POSITIVE_INFINITY) <= now) {
      const told = await tellFallback(world, channel, notification);
      await change(world, told, (before) =>
        before.lookAt === notification.lookAt ? { ...before, lookAt: undefined } : before,
      );
    }
    return { kind: 'waits', why: 'backoff', sent: 0 };
  }
  const waiting = await whyNotNow(world, channel, notification);
  if (waiting) return waiting;
  // Before anything is sent off here: what the fallback was being told must be told, or it would never hear of the end.
  if (notification.fallback?.isPending) await tellFallback(world, channel, notification);
  const by = world.newId();
  const mine = await change(world, notification, (before) =>
    isClaimed(before, now) || before.unsent.length === 0 || before.nextAttemptAt > now || isEnded(before)
      ? before
      : claimed(before, by, world.clock()),
  );
  return mine?.claim?.by === by ? sendAll(world, channel, mine, by) : { kind: 'claimed' };
};

/** Trying ended: what is left is to say so. */
const finish = async (
  world: SendWorld,
  channel: ChannelRecord,
  notification: Notification,
): Promise<SendOutcome> => {
  await tellEnd(world, channel, await tellFallback(world, channel, notification));
  return { kind: 'undelivered', sent: 0, reason: notification.lastError ?? 'unknown' };
};

/**
 * What a channel refuses for good stands aside, for the next may be in order: a receiver that cannot take the picture of
 * an incident must still hear that it is over. Once it took a newer one, the refused one is given up, for after that it
 * would come out of order.
 */
const sendAll = async (
  world: SendWorld,
  channel: ChannelRecord,
  mine: Notification,
  by: string,
): Promise<SendOutcome> => {
  let current = mine;
  let sent = 0;
  let tried = 0;
  let refused: Failure | undefined;
  for (;;) {
    const next = current.unsent.find(({ no }) => no > tried);
    if (!next) break;
    if (!hasTime(world)) {
      await change(world, current, (before) =>
        before.claim?.by === by ? postponed(before, world.clock()) : before,
      );
      return { kind: 'waits', why: 'time', sent };
    }
    if (!(await stillClaims(world, current, by))) return { kind: 'claimed' };
    const result = await sendOne(world, channel, current, next);
    tried = next.no;
    if ('sent' in result) {
      sent++;
      refused = undefined;
      const noted = await change(world, current, (before) =>
        afterSent(before, next, result.sent, { by, now: world.clock() }),
      );
      if (sent === 1) await noteSuccess(world, channel.id);
      if (noted?.claim?.by !== by) break;
      current = noted;
    } else if (result.failure.isFinal) {
      refused = result.failure;
    } else {
      return fail(world, channel, current, { failure: result.failure, by, sent, tried });
    }
  }
  return refused
    ? fail(world, channel, current, { failure: refused, by, sent, tried })
    : { kind: 'sent', sent };
};

/** Whether the claim lasts for one more send; it is renewed when it would not. */
const stillClaims = async (world: SendWorld, current: Notification, by: string): Promise<boolean> => {
  if ((current.claim?.until ?? 0) - world.clock() >= sendMs + marginMs) return true;
  const renewed = await change(world, current, (before) =>
    before.claim?.by === by ? claimed(before, by, world.clock()) : before,
  );
  return renewed?.claim?.by === by;
};

type Failed = {
  readonly failure: Failure;
  readonly by: string;
  readonly sent: number;
  /** The newest that was tried. */
  readonly tried: number;
};

const fail = async (
  world: SendWorld,
  channel: ChannelRecord,
  notification: Notification,
  { failure, by, sent, tried }: Failed,
): Promise<SendOutcome> => {
  const now = world.clock();
  const random = fractionOf(world.newId);
  const failed = await change(world, notification, (before) => {
    if (before.claim?.by !== by) return before;
    // Came in meanwhile: what was refused for good must not end the trying of this.
    if (failure.isFinal && before.unsent.some(({ no }) => no > tried)) return postponed(before, now);
    return lookingAtFallback(afterFailure(before, failure, { now, random }), channel, now);
  });
  if (!isTest(notification)) await noteFailure(world, channel.id, failure, random);
  const { reason } = failure;
  if (failed && isEnded(failed)) {
    await finish(world, channel, failed);
    return { kind: 'undelivered', sent, reason };
  }
  if (failed) await tellFallback(world, channel, failed);
  return { kind: 'failed', sent, reason };
};

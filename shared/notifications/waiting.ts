import { claimMs, heldBack, isClaimed, isTest, postponed, sendMs } from './attempt.ts';
import { isBroken, isOpen, readBreaker, takeProbe } from './breaker.ts';
import type { ChannelRecord } from './channel.ts';
import { lookingAtFallback } from './fallback.ts';
import { type Notification, notificationKey } from './notification.ts';
import { quietUntil } from './quiet.ts';
import { changeNotification, readNotification } from './store.ts';
import { tellFallback } from './tell-end.ts';
import type { SendOutcome, SendWorld } from './world.ts';

/** A channel that is switched off is looked at again so often, in case it is switched on. */
const inactiveMs = 15 * 60_000;
/** What a switched-off channel should have told is old news after a day. */
const inactiveForMs = 24 * 3_600_000;
/** To write down what became of a send. */
export const marginMs = 2_000;

/** Writes a change of a notification that is there. */
export const change = (
  world: SendWorld,
  { channelId, incidentId }: Notification,
  decide: (before: Notification) => Notification,
): Promise<Notification | undefined> =>
  changeNotification(world, channelId, incidentId, (before) => before && decide(before));

/** What waits for a channel that will not tell it any more. */
export const drop = async (world: SendWorld, notification: Notification): Promise<SendOutcome> => {
  world.onFault('notifications were dropped with their channel', {
    channelId: notification.channelId,
    incidentId: notification.incidentId,
    dropped: notification.unsent.length,
  });
  await change(world, notification, (before) => ({ ...before, unsent: [], claim: undefined }));
  return { kind: 'dropped' };
};

/** What keeps it from being sent now, if anything; it is put off until that is over. */
export const whyNotNow = async (
  world: SendWorld,
  channel: ChannelRecord,
  notification: Notification,
): Promise<SendOutcome | undefined> => {
  const now = world.clock();
  const wait = async (
    why: Extract<SendOutcome, { kind: 'waits' }>['why'],
    later: (before: Notification) => Notification,
  ): Promise<SendOutcome> => {
    await change(world, notification, (before) => (isClaimed(before, now) ? before : later(before)));
    return { kind: 'waits', why, sent: 0 };
  };
  if (!channel.definition.isActive) {
    const [oldest] = notification.unsent;
    if (oldest && now - oldest.at >= inactiveForMs) return drop(world, notification);
    return wait('inactive', (before) => postponed(before, now + inactiveMs));
  }
  if (!hasTime(world)) return { kind: 'waits', why: 'time', sent: 0 };
  const { quietHours } = channel.definition;
  const quietEnd = await quietUntil(quietHours, notification.unsent, now);
  if (quietEnd !== undefined) return wait('quiet', (before) => postponed(before, quietEnd));
  if (isTest(notification)) return undefined;
  const breaker = await readBreaker(world.state, channel.id);
  if (!isOpen(breaker)) return undefined;
  if (breaker.probeAt <= now && (await takeProbe(world, channel.id, breaker))) return undefined;
  const until = Math.max(breaker.probeAt, now + claimMs);
  const waits = await wait('breaker', (before) =>
    lookingAtFallback(heldBack(before, until, now), channel, now),
  );
  const held = await readNotification(world.state, notificationKey(channel.id, notification.incidentId));
  if (held) await tellFallback(world, channel, held, isBroken(breaker));
  return waits;
};

export const hasTime = ({ untilAt = Number.POSITIVE_INFINITY, clock }: SendWorld): boolean =>
  clock() + sendMs + marginMs <= untilAt;

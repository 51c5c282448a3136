import { bucketOf, type NewId, sha256 } from '../platform/ids.ts';
import type { Announcement } from './announcement.ts';
import type { Sent } from './kinds/kind.ts';
import type { Notification } from './notification.ts';

/** One send may take so long; the ports have the same deadline, and this one holds where a port does not keep it. */
export const sendMs = 10_000;
/**
 * So long nobody else sends what somebody has claimed: two sends, and what is written between them. Every write of its
 * holder begins the time anew.
 */
export const claimMs = 30_000;
/** Backoff: at most 15 s after the first failure, twice that after each further one, and never more than 15 minutes. */
export const firstBackoffMs = 15_000;
export const longestBackoffMs = 15 * 60_000;
/** A receiver may ask for more patience than the backoff has, but for no more than this. */
const longestRetryAfterMs = 3_600_000;
/** So long a channel is tried; a redrive begins anew. */
export const triedForMs = 24 * 3_600_000;

const mostLogged = 20;
const longestError = 300;

/** A number in [0, 1) out of what a new id holds. */
export const fractionOf = (newId: NewId): number => bucketOf(newId(), 2 ** 32) / 2 ** 32;

export const isTest = ({ unsent }: Notification): boolean => unsent.every(({ kind }) => kind === 'test');

export const isClaimed = ({ claim }: Notification, now: number): boolean =>
  claim !== undefined && claim.until > now;
/** Trying ended, and nothing new came since. */
export const isEnded = ({ isUndelivered, nextAttemptAt }: Notification): boolean =>
  isUndelivered === true && nextAttemptAt === 0;

/** The longest wait after so many failures in a row. */
export const backoffMs = (failures: number): number =>
  Math.min(firstBackoffMs * 2 ** Math.min(failures - 1, 20), longestBackoffMs);

const notEnded = { isUndelivered: undefined, undeliveredAt: undefined, isUntold: undefined } as const;

/** Takes the sending for `by`: whoever writes this by compare-and-set is the only sender until the claim ends. */
export const claimed = (notification: Notification, by: string, now: number): Notification => ({
  ...notification,
  claim: { by, until: now + claimMs },
});

const released = (notification: Notification): Notification => ({ ...notification, claim: undefined });

/** Hash of what was sent: the same announcement always has the same. */
export const hashOf = (announcement: Announcement): string =>
  sha256(JSON.stringify(announcement)).slice(0, 16);

/**
 * The channel acknowledged this announcement. What it refused before is given up with it, for it would come out of
 * order now. The claim of `by` goes on while something is left and ends otherwise; a claim of somebody else stays.
 */
export const afterSent = (
  notification: Notification,
  announcement: Announcement,
  { thread }: Sent,
  { by, now }: { readonly by: string; readonly now: number },
): Notification => {
  const { no, kind, status } = announcement;
  if (notification.sentNo >= no) return notification;
  const unsent = notification.unsent.filter((one) => one.no > no);
  const refused = notification.unsent.filter((one) => one.no < no);
  const entryOf = (one: Announcement) => ({ no: one.no, kind: one.kind, at: now, hash: hashOf(one) });
  const log = [
    ...notification.log,
    ...refused.map((one) => ({ ...entryOf(one), isRefused: true })),
    entryOf(announcement),
  ].slice(-mostLogged);
  const sent: Notification = {
    ...notification,
    unsent,
    log,
    thread: thread ?? notification.thread,
    sentNo: no,
    // Neither is an incident that could be resolved.
    sentStatus: kind === 'test' || kind === 'digest' ? null : status,
    attempts: 0,
    nextAttemptAt: now,
    lookAt: undefined,
    failingSince: undefined,
    lastError: undefined,
    ...notEnded,
  };
  if (sent.claim?.by !== by) return sent;
  return unsent.length === 0 ? released(sent) : claimed(sent, by, now);
};

export type Failure = {
  /** Without any secret in it. */
  readonly reason: string;
  readonly isFinal: boolean;
  readonly retryAfterSeconds?: number | undefined;
};

/**
 * The channel did not take it. The next attempt comes after a random part of the backoff, so that what failed together
 * does not come back together; when the receiver said how long to wait, after that and a random part of it. A final
 * refusal, or a day without success, ends the trying; all that is unsent is kept for a redrive.
 */
export const afterFailure = (
  notification: Notification,
  { reason, isFinal, retryAfterSeconds = 0 }: Failure,
  { now, random }: { readonly now: number; readonly random: number },
): Notification => {
  const failed: Notification = {
    ...released(notification),
    attempts: notification.attempts + 1,
    failingSince: notification.failingSince ?? now,
    lastError: reason.length > longestError ? `${reason.slice(0, longestError - 1)}…` : reason,
    lookAt: undefined,
  };
  // Somebody waits for the answer to a test, and tests again.
  if (isTest(notification)) return { ...failed, unsent: [], failingSince: undefined };
  if (isFinal) return ended(failed, now);
  const asked = Math.min(retryAfterSeconds * 1000, longestRetryAfterMs);
  const waitMs = asked + random * Math.max(backoffMs(failed.attempts), asked / 10);
  return untilEnd({ ...failed, nextAttemptAt: now + Math.round(waitMs) }, now);
};

/** Not tried: the channel is left in peace until `until`. That counts as failing, for it takes nothing meanwhile. */
export const heldBack = (notification: Notification, until: number, now: number): Notification =>
  untilEnd(
    {
      ...released(notification),
      failingSince: notification.failingSince ?? now,
      lastError: notification.lastError ?? 'the channel did not take what was sent to it before',
      nextAttemptAt: until,
      lookAt: undefined,
    },
    now,
  );

/** Not tried, and nothing is wrong. */
export const postponed = (notification: Notification, until: number): Notification => ({
  ...released(notification),
  nextAttemptAt: until,
  lookAt: undefined,
});

const untilEnd = (failing: Notification, now: number): Notification =>
  now - (failing.failingSince ?? now) >= triedForMs ? ended(failing, now) : failing;

/** The end of trying is on the bus, and the fallback knows. */
export const endTold = (notification: Notification): Notification =>
  notification.isUntold ? { ...notification, isUntold: undefined, lookAt: undefined } : notification;

/** Told once, however often something new is tried afterwards. */
const ended = (failing: Notification, now: number): Notification => ({
  ...failing,
  nextAttemptAt: 0,
  isUndelivered: true,
  undeliveredAt: failing.undeliveredAt ?? now,
  isUntold: failing.isUndelivered ? failing.isUntold : true,
});

/** A person says: try again. Nothing to do where trying has not ended, so that repeating it is safe. */
export const redriven = (notification: Notification, now: number): Notification =>
  notification.isUndelivered
    ? {
        ...notification,
        attempts: 0,
        nextAttemptAt: now,
        lookAt: undefined,
        failingSince: undefined,
        ...notEnded,
      }
    : notification;

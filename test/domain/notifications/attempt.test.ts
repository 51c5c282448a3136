import { describe, expect, it } from 'vitest';
import { afterFailure, afterSent, heldBack } from '../../../shared/notifications/attempt.ts';
import {
  type Breaker,
  breakerAfterFailure,
  closedBreaker,
  isBroken,
  isOpen,
} from '../../../shared/notifications/breaker.ts';
import { take } from '../../../shared/notifications/take.ts';
import { announcementOf, channelOf, hour, minute, noon, second } from './engine-world.ts';

const failure = { reason: 'connection refused', isFinal: false };
const waiting = take(undefined, announcementOf(1, 'firing'), channelOf('slack'), noon);

/** The longest and the shortest wait after each failure in a row. */
const waits = (random: number, count: number): number[] => {
  let notification = waiting;
  return Array.from({ length: count }, () => {
    notification = afterFailure(notification, failure, { now: noon, random });
    return (notification.nextAttemptAt - noon) / second;
  });
};

describe('the next attempt', () => {
  it('comes after a random part of 15 s, 30 s, 1 min … and at most 15 minutes', () => {
    expect(waits(1, 9)).toEqual([15, 30, 60, 120, 240, 480, 900, 900, 900]);
    expect(waits(0, 9)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(waits(0.5, 3)).toEqual([7.5, 15, 30]);
  });

  it.each([
    ['a minute', 60, 0, 60],
    ['a minute, and a random part of the backoff', 60, 1, 75],
    ['half an hour, and a tenth of it', 1800, 1, 1980],
    ['more than an hour: an hour', 100_000, 0, 3600],
  ])('comes no sooner than the receiver asks: %s', (_, retryAfterSeconds, random, seconds) => {
    const failed = afterFailure(waiting, { ...failure, retryAfterSeconds }, { now: noon, random });
    expect((failed.nextAttemptAt - noon) / second).toBe(seconds);
  });

  it('never comes when trying ended: after a final refusal, or after 24 hours without success', () => {
    const refused = afterFailure(waiting, { ...failure, isFinal: true }, { now: noon, random: 1 });
    expect(refused).toMatchObject({ nextAttemptAt: 0, isUndelivered: true, undeliveredAt: noon });
    const failing = afterFailure(waiting, failure, { now: noon, random: 1 });
    expect(
      afterFailure(failing, failure, { now: noon + 24 * hour - 1, random: 1 }).isUndelivered,
    ).toBeUndefined();
    expect(afterFailure(failing, failure, { now: noon + 24 * hour, random: 1 }).isUndelivered).toBe(true);
    expect(heldBack(failing, noon + 25 * hour, noon + 24 * hour).isUndelivered).toBe(true);
  });

  it('keeps of an error what fits, with a mark where it was cut (fault 7)', () => {
    const { lastError = '' } = afterFailure(
      waiting,
      { ...failure, reason: 'x'.repeat(10_000) },
      { now: noon, random: 0 },
    );
    expect(lastError).toBe(`${'x'.repeat(299)}…`);
  });

  it('a sender whose claim is over may still note what was acknowledged, and takes no claim from its successor', () => {
    const announcement = announcementOf(1, 'firing');
    const claim = { by: 'successor', until: noon + minute };
    const two = take({ ...waiting, claim }, announcementOf(2, 'escalated'), channelOf('slack'), noon);
    const noted = afterSent(two, announcement, {}, { by: 'late', now: noon });
    expect(noted).toMatchObject({ sentNo: 1, unsent: [{ no: 2 }], claim });
    expect(afterSent(noted, announcement, {}, { by: 'later', now: noon })).toBe(noted);
  });
});

describe('the breaker of a channel', () => {
  const fail = (times: number, random = 1): Breaker =>
    Array.from({ length: times }).reduce<Breaker>(
      (breaker) => breakerAfterFailure(breaker, failure, { now: noon, random }),
      closedBreaker,
    );

  it('opens with the fifth failure in a row', () => {
    expect([4, 5].map((times) => isOpen(fail(times)))).toEqual([false, true]);
    expect(isBroken(fail(5))).toBe(true);
  });

  it('is tried again after 15 s, and twice that each time, up to 15 minutes; somewhere in the second half of it', () => {
    const seconds = (random: number) =>
      [5, 6, 7, 8, 9, 10, 11, 12].map((times) => (fail(times, random).probeAt - noon) / second);
    expect(seconds(1)).toEqual([15, 30, 60, 120, 240, 480, 900, 900]);
    expect(seconds(0)).toEqual([7.5, 15, 30, 60, 120, 240, 450, 450]);
  });

  it('does not open by what is refused for good, and closes by it: whoever refuses is there', () => {
    const refusal = { ...failure, isFinal: true };
    const after = (breaker: Breaker) => breakerAfterFailure(breaker, refusal, { now: noon, random: 1 });
    const closedOnes = Array.from({ length: 9 }).reduce<Breaker>(after, closedBreaker);
    expect(closedOnes).toBe(closedBreaker);
    expect(isOpen(after(fail(9)))).toBe(false);
  });

  it('opens at once for as long as a receiver asks to be left alone, without the channel counting as down', () => {
    const asked = breakerAfterFailure(
      closedBreaker,
      { ...failure, retryAfterSeconds: 90 },
      { now: noon, random: 1 },
    );
    expect(asked.probeAt).toBe(noon + 90 * second);
    expect([isOpen(asked), isBroken(asked)]).toEqual([true, false]);
  });
});

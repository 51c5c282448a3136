import { describe, expect, it } from 'vitest';
import {
  durationText,
  exactTime,
  lastingText,
  milliseconds,
  percentText,
  readableInstants,
  relativeTime,
} from '../../../web/components/time-text.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

describe('Times as the console tells them', () => {
  it.each([
    [0, 'now'],
    [999, 'now'],
    [1_000, '1 s ago'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [3_600_000, '1 h ago'],
    [47 * 3_600_000, '47 h ago'],
    [48 * 3_600_000, '2 days ago'],
    [-30_000, 'in 30 s'],
    [-7_200_000, 'in 2 h'],
  ])('what happened %i ms before now was %s', (before, text) => {
    expect(relativeTime(now - before, now)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [45, '45 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [3_600, '1 h'],
    [7_500, '2 h 5 min'],
    [273_600, '3 days 4 h'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it.each([
    [0, 'since now'],
    [12_000, 'for 12 s'],
    [172_800_000, 'for 2 days'],
    [-5_000, 'since now'],
  ])('what has been so for %i ms lasts %s', (before, text) => {
    expect(lastingText(now - before, now)).toBe(text);
  });

  it('instants inside a sentence of the API are told as a clock in the zone shows them', () => {
    expect(readableInstants('Asked until 2026-11-23T18:53:30.672Z, since 2026-11-22T12:00:00Z.', 'UTC')).toBe(
      'Asked until 23 Nov 2026, 18:53:30 UTC, since 22 Nov 2026, 12:00:00 UTC.',
    );
    expect(readableInstants('release-2026-11-23 stays', 'UTC')).toBe('release-2026-11-23 stays');
  });

  it('exact times name their zone', () => {
    expect(exactTime('2026-11-22T12:00:00Z', 'UTC')).toBe('22 Nov 2026, 12:00:00 UTC');
    expect(exactTime('2026-11-22T12:00:00Z', 'Europe/Berlin')).toMatch(
      /^22 Nov 2026, 13:00:00 (CET|GMT\+1)$/,
    );
  });

  it('what is no instant is shown as it is', () => {
    expect(exactTime('soon')).toBe('soon');
  });

  it.each([
    [null, '–'],
    [0.4, '0 ms'],
    [231.4, '231 ms'],
    [1240, '1.24 s'],
  ])('a response time of %s is %s', (value, text) => {
    expect(milliseconds(value)).toBe(text);
  });

  it.each([
    [null, '–'],
    [100, '100 %'],
    [99.99999, '99.99 %'],
    [0, '0 %'],
  ])('%s percent, cut and never rounded up, is %s', (value, text) => {
    expect(percentText(value)).toBe(text);
  });
});

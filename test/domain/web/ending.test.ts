import { describe, expect, it } from 'vitest';
import { endOf } from '../../../web/components/ending.ts';
import { instantAt, tomorrowAt, wallTime } from '../../../web/components/wall-time.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

describe('Times that a person sets', () => {
  it.each([
    ['UTC', '2026-11-22T12:00'],
    ['Europe/Berlin', '2026-11-22T13:00'],
    ['America/New_York', '2026-11-22T07:00'],
    ['Asia/Kolkata', '2026-11-22T17:30'],
  ])('noon UTC is shown in %s as %s, and read back the same', (timeZone, wall) => {
    expect(wallTime(now, timeZone)).toBe(wall);
    expect(instantAt(wall, timeZone)).toBe(now);
  });

  it.each([
    // Berlin: one hour ahead in winter, two in summer; changed on 29 March and 25 October 2026.
    ['2026-03-29T01:30', '2026-03-29T00:30:00.000Z'],
    ['2026-03-29T03:30', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T01:30', '2026-10-24T23:30:00.000Z'],
    ['2026-10-25T03:30', '2026-10-25T02:30:00.000Z'],
  ])('around a change of the clocks, %s in Berlin is %s', (wall, instant) => {
    expect(iso(instantAt(wall, 'Europe/Berlin'))).toBe(instant);
  });

  it('what is no time is none', () => {
    expect(instantAt('', 'UTC')).toBeUndefined();
    expect(instantAt('tomorrow', 'UTC')).toBeUndefined();
  });

  it.each([
    ['UTC', '2026-11-22T12:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['Asia/Tokyo', '2026-11-22T16:00:00Z', '2026-11-24T00:00:00.000Z'],
    ['America/New_York', '2026-12-31T23:00:00Z', '2027-01-01T14:00:00.000Z'],
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T07:00:00.000Z'],
  ])('tomorrow at nine in %s, said at %s, is %s', (timeZone, at, instant) => {
    expect(iso(tomorrowAt('09:00', Date.parse(at), timeZone))).toBe(instant);
  });
});

describe('The end that a person chooses', () => {
  it.each([
    ['15m', '2026-11-22T12:15:00.000Z'],
    ['1h', '2026-11-22T13:00:00.000Z'],
    ['4h', '2026-11-22T16:00:00.000Z'],
  ] as const)('%s is sent as a length, whatever the clock here says', (how, at) => {
    const end = endOf({ how, wall: '' }, now, 'UTC');
    expect(iso(end?.at)).toBe(at);
    expect(end?.given).toEqual({ duration: how });
  });

  it('tomorrow and an exact time are sent as instants', () => {
    expect(endOf({ how: 'tomorrow', wall: '' }, now, 'UTC')?.given).toEqual({
      endsAt: '2026-11-23T09:00:00.000Z',
    });
    expect(endOf({ how: 'exact', wall: '2026-11-22T18:04' }, now, 'Europe/Berlin')?.given).toEqual({
      endsAt: '2026-11-22T17:04:00.000Z',
    });
  });

  it('a time that is over, or none, is no end', () => {
    expect(endOf({ how: 'exact', wall: '2026-11-22T12:00' }, now, 'UTC')).toBeUndefined();
    expect(endOf({ how: 'exact', wall: '' }, now, 'UTC')).toBeUndefined();
  });
});

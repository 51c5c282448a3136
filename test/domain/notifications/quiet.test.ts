import { describe, expect, it } from 'vitest';
import type { QuietHours } from '../../../shared/notifications/channel.ts';
import { quietUntil } from '../../../shared/notifications/quiet.ts';
import type { Severity } from '../../../shared/platform/events.ts';

const untilOf = async (quiet: QuietHours | undefined, at: string, severity: Severity = 'warning') => {
  const until = await quietUntil(quiet, [{ severity, kind: 'firing' }], Date.parse(at));
  return until === undefined ? 'now' : new Date(until).toISOString().slice(0, 16);
};
const night: QuietHours = { from: '22:00', until: '07:00' };
const berlin: QuietHours = { ...night, timeZone: 'Europe/Berlin' };

describe('quiet hours', () => {
  it.each<[string, QuietHours | undefined, string, string]>([
    ['none', undefined, '2026-03-10T23:00Z', 'now'],
    ['before they begin', night, '2026-03-10T21:59:59Z', 'now'],
    ['as they begin', night, '2026-03-10T22:00Z', '2026-03-11T07:00'],
    ['past midnight', night, '2026-03-11T03:30:30Z', '2026-03-11T07:00'],
    ['in their last second', night, '2026-03-11T06:59:59Z', '2026-03-11T07:00'],
    ['as they end', night, '2026-03-11T07:00Z', 'now'],
    ['at noon', { from: '11:30', until: '13:15' }, '2026-03-10T12:00Z', '2026-03-10T13:15'],
    ['in a time zone, in winter', berlin, '2026-01-10T21:30Z', '2026-01-11T06:00'],
    ['in a time zone, in summer', berlin, '2026-07-10T20:30Z', '2026-07-11T05:00'],
    ['while the clock is put forward (29 March, 2:00)', berlin, '2026-03-28T23:00Z', '2026-03-29T05:00'],
    ['while the clock is put back (25 October, 3:00)', berlin, '2026-10-24T22:00Z', '2026-10-25T06:00'],
    [
      'that end in the hour that is left out',
      { from: '22:00', until: '02:30', timeZone: 'Europe/Berlin' },
      '2026-03-28T23:00Z',
      '2026-03-29T01:00',
    ],
    [
      'of the weekend, on Sunday morning',
      { ...night, weekdays: ['sat'] },
      '2026-03-15T06:00Z',
      '2026-03-15T07:00',
    ],
    ['of the weekend, on Sunday night', { ...night, weekdays: ['sat'] }, '2026-03-15T23:00Z', 'now'],
  ])('%s', async (_, quiet, at, until) => {
    expect(await untilOf(quiet, at)).toBe(until);
  });

  it('around the clock, on all days: it is judged anew each day', async () => {
    expect(await untilOf({ from: '00:00', until: '00:00' }, '2026-03-10T12:00Z')).toBe('2026-03-11T12:00');
  });

  it.each<[Severity | undefined, Severity, string]>([
    [undefined, 'error', '2026-03-11T07:00'],
    [undefined, 'critical', 'now'],
    ['warning', 'info', '2026-03-11T07:00'],
    ['warning', 'warning', 'now'],
    ['warning', 'critical', 'now'],
  ])('that except what is %s and worse: %s', async (exceptFrom, severity, until) => {
    expect(await untilOf({ ...night, exceptFrom }, '2026-03-10T23:00Z', severity)).toBe(until);
  });

  it('never hold back a test', async () => {
    const at = Date.parse('2026-03-10T23:00Z');
    expect(await quietUntil(night, [{ severity: 'info', kind: 'test' }], at)).toBeUndefined();
  });
});

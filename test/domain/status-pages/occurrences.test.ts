import { describe, expect, test } from 'vitest';
import type { MaintenanceWindow } from '../../../shared/health/index.ts';
import { occurrencesOf } from '../../../shared/status-pages/public/occurrences.ts';
import { day, readAt } from './sample-page.ts';

describe('maintenance that runs or comes, seen on Monday, 2 November 2026, 12:00 UTC', () => {
  const iso = (at: number) => new Date(at).toISOString().slice(5, 16);
  test.each<[string, MaintenanceWindow, readonly string[]]>([
    ['once, later', { at: '2026-11-05T01:00:00Z', durationSeconds: 3600 }, ['11-05T01:00 11-05T02:00']],
    ['once, now', { at: '2026-11-02T11:00:00Z', durationSeconds: 7200 }, ['11-02T11:00 11-02T13:00']],
    ['once, over', { at: '2026-11-02T10:00:00Z', durationSeconds: 7200 }, []],
    ['once, beyond two weeks', { at: '2026-11-20T10:00:00Z', durationSeconds: 60 }, []],
    ['each night', { cron: '0 2 * * *', durationSeconds: 1800 }, ['11-03T02:00 11-03T02:30']],
    [
      'each noon, now and tomorrow',
      { cron: '30 11 * * *', durationSeconds: 3600 },
      ['11-02T11:30 11-02T12:30', '11-03T11:30 11-03T12:30'],
    ],
    [
      'by the clock of Berlin',
      { cron: '0 2 * * 3', durationSeconds: 600, timeZone: 'Europe/Berlin' },
      ['11-04T01:00 11-04T01:10'],
    ],
    [
      'on weekdays past midnight',
      { weekdays: ['sat', 'sun'], from: '22:00', until: '04:00' },
      ['11-07T22:00 11-08T04:00'],
    ],
    [
      'on weekdays, open now',
      { weekdays: ['mon'], from: '11:00', until: '13:00' },
      ['11-02T11:00 11-02T13:00', '11-09T11:00 11-09T13:00'],
    ],
    [
      'since yesterday evening',
      { weekdays: ['sun'], from: '20:00', until: '18:00' },
      ['11-01T20:00 11-02T18:00', '11-08T20:00 11-09T18:00'],
    ],
  ])('%s', async (_, window, expected) => {
    const found = await occurrencesOf(window, readAt, readAt + 14 * day);
    expect(found.map(({ startsAt, endsAt }) => `${iso(startsAt)} ${iso(endsAt)}`)).toEqual(expected);
  });

  test('windows that follow one another without a gap are one', async () => {
    const [first] = await occurrencesOf({ cron: '0 * * * *', durationSeconds: 3600 }, readAt, readAt + day);
    expect(first?.startsAt).toBeLessThanOrEqual(readAt);
    expect(first?.endsAt).toBeGreaterThan(readAt + day);
  });
});

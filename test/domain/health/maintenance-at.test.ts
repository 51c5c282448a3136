import { describe, expect, test } from 'vitest';
import type { MaintenanceWindow } from '../../../shared/health/maintenance.ts';
import { isInMaintenance } from '../../../shared/health/maintenance-at.ts';

const once: MaintenanceWindow = { at: '2026-03-28T22:00:00+01:00', durationSeconds: 7200 };
/** Saturdays at 22:00 for two hours. */
const saturdays: MaintenanceWindow = {
  cron: '0 22 * * 6',
  durationSeconds: 7200,
  timeZone: 'Europe/Berlin',
};
const inUtc: MaintenanceWindow = { cron: '30 1 * * *', durationSeconds: 600 };
const office: MaintenanceWindow = {
  weekdays: ['mon', 'fri'],
  from: '09:00',
  until: '17:30',
  timeZone: 'America/New_York',
};
const nights: MaintenanceWindow = { weekdays: ['sun'], from: '23:00', until: '01:00' };

describe('whether a maintenance window is open', () => {
  test.each([
    // 28 March 2026 is a Saturday; in the night to the 29th clocks in Berlin go from 02:00 to 03:00.
    { window: once, at: '2026-03-28T20:59:59.999Z', isOpen: false, why: 'not before it begins' },
    { window: once, at: '2026-03-28T21:00:00Z', isOpen: true, why: 'from its first instant' },
    { window: once, at: '2026-03-28T22:59:59.999Z', isOpen: true, why: 'to its last' },
    { window: once, at: '2026-03-28T23:00:00Z', isOpen: false, why: 'its end is outside' },
    { window: saturdays, at: '2026-03-28T20:59:59Z', isOpen: false, why: '21:59 in Berlin, in winter' },
    { window: saturdays, at: '2026-03-28T21:00:00Z', isOpen: true, why: '22:00 in Berlin, in winter' },
    { window: saturdays, at: '2026-03-28T22:59:59Z', isOpen: true, why: 'nearly two hours later' },
    { window: saturdays, at: '2026-03-28T23:00:00Z', isOpen: false, why: 'two hours later' },
    { window: saturdays, at: '2026-04-04T20:00:00Z', isOpen: true, why: '22:00 in Berlin, in summer' },
    { window: saturdays, at: '2026-04-03T20:30:00Z', isOpen: false, why: 'a Friday' },
    { window: inUtc, at: '2026-04-03T01:35:00Z', isOpen: true, why: 'UTC when no time zone is named' },
    { window: inUtc, at: '2026-04-03T01:40:00Z', isOpen: false, why: 'ten minutes are over' },
    { window: office, at: '2026-01-05T14:00:00Z', isOpen: true, why: 'Monday 09:00 in New York' },
    { window: office, at: '2026-01-05T13:59:59Z', isOpen: false, why: 'Monday 08:59 in New York' },
    { window: office, at: '2026-01-05T22:30:00Z', isOpen: false, why: 'Monday 17:30 in New York' },
    { window: office, at: '2026-01-06T15:00:00Z', isOpen: false, why: 'a Tuesday' },
    { window: office, at: '2026-07-03T13:00:00Z', isOpen: true, why: 'Friday 09:00 in New York, in summer' },
    { window: nights, at: '2026-01-04T23:30:00Z', isOpen: true, why: 'Sunday before midnight' },
    { window: nights, at: '2026-01-05T00:59:00Z', isOpen: true, why: 'Monday after it belongs to Sunday' },
    { window: nights, at: '2026-01-05T01:00:00Z', isOpen: false, why: 'until is outside' },
    { window: nights, at: '2026-01-04T00:30:00Z', isOpen: false, why: 'the night before is Saturday’s' },
  ])('$at: $isOpen, $why', async ({ window, at, isOpen }) => {
    expect(await isInMaintenance([window], Date.parse(at))).toBe(isOpen);
  });

  test('one open window among several is enough, none is never', async () => {
    expect(await isInMaintenance([nights, once], Date.parse('2026-03-28T22:00:00Z'))).toBe(true);
    expect(await isInMaintenance([], Date.parse('2026-03-28T22:00:00Z'))).toBe(false);
  });
});

import { expect, test } from 'vitest';
import {
  bucketText,
  type StripStatus,
  stripText,
  withStatusNow,
} from '../../../web/components/strip-text.ts';

const hours = { from: '2026-11-22T09:00:00.000Z', bucketSeconds: 3600, timeZone: 'UTC' };
const days = { from: '2026-11-20T00:00:00.000Z', bucketSeconds: 86_400, timeZone: 'UTC' };

test.each([
  [0, 'healthy', 100, hours, '22 Nov, 09:00–10:00: healthy, 100 % up'],
  [2, 'unhealthy', 93.219, hours, '22 Nov, 11:00–12:00: unhealthy, 93.21 % up'],
  [3, 'unhealthy', 99.9999, hours, '22 Nov, 12:00–13:00: unhealthy, 99.99 % up'],
  [14, 'maintenance', null, hours, '22 Nov, 23:00–00:00: maintenance'],
  [1, null, null, hours, '22 Nov, 10:00–11:00: not looked at'],
  [1, 'degraded', 100, days, '21 Nov: degraded, 100 % up'],
  [1, 'healthy', 100, { ...hours, timeZone: 'Asia/Kolkata' }, '22 Nov, 15:30–16:30: healthy, 100 % up'],
] as const)(
  'bucket %i, %s, %s %%, is told with its time, status and uptime',
  (no, status, percent, times, text) => {
    expect(bucketText(no, status, percent, times)).toBe(text);
  },
);

test('a strip is summed up with the worst first', () => {
  const statuses: StripStatus[] = ['healthy', null, 'unhealthy', 'healthy', 'maintenance', 'unknown'];
  expect(stripText(statuses, 3600)).toBe(
    'Last 6 hours: unhealthy in 1, unknown in 1, maintenance in 1, healthy in 2, not looked at in 1.',
  );
  expect(stripText(['healthy', 'degraded'], 86_400)).toBe('Last 2 days: degraded in 1, healthy in 1.');
});

test.each([
  [['healthy', 'healthy'], 'unhealthy', ['healthy', 'unhealthy']],
  [['healthy', null], 'degraded', ['healthy', 'degraded']],
  [['healthy', 'unhealthy'], 'healthy', ['healthy', 'unhealthy']],
  [['healthy', 'unhealthy'], 'degraded', ['healthy', 'unhealthy']],
  [['healthy', 'maintenance'], 'unhealthy', ['healthy', 'maintenance']],
  [['healthy', null], 'unknown', ['healthy', null]],
  [[], 'unhealthy', []],
] as const)('%o of a check that is %s now is drawn as %o', (statuses, now, drawn) => {
  expect(withStatusNow(statuses, now)).toEqual(drawn);
});

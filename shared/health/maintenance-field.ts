import { Cron } from 'croner';
import * as z from 'zod';
import { duration, timeZoneField } from '../platform/api/fields.ts';
import { weekdays } from '../platform/wall-clock.ts';
import type { MaintenanceWindow } from './maintenance.ts';

const mostWindows = 20;
const shortestSeconds = 60;
const longestSeconds = 7 * 86_400;

/** Any instant will do to see whether the expression ever comes true: the 29th of February does within four years. */
const longAgo = '2024-01-01T00:00:00Z';

const isCron = (text: string): boolean => {
  if (!/^\S+( +\S+){4}$/.test(text)) return false;
  try {
    return new Cron(text, { mode: '5-part', paused: true, timezone: 'UTC' }).nextRun(longAgo) !== null;
  } catch {
    return false;
  }
};

const span = duration
  .refine(
    (seconds) => seconds >= shortestSeconds && seconds <= longestSeconds,
    'Give a duration from 1m to 7d.',
  )
  .meta({ description: 'How long the window is open, such as `2h`; 1 minute to 7 days.' });

const timeZone = timeZoneField.optional();

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 22:00.');

const once = z
  .strictObject({
    at: z.iso.datetime({ offset: true, error: 'Give an ISO 8601 instant such as 2026-01-31T22:00:00Z.' }),
    duration: span,
  })
  .transform(({ at, duration: durationSeconds }): MaintenanceWindow => ({ at, durationSeconds }));

const repeated = z
  .strictObject({
    cron: z
      .string()
      .max(100)
      .refine(isCron, 'Give a cron expression of five fields, such as "0 22 * * 6" for Saturdays at 22:00.')
      .meta({ description: 'Five fields: minute, hour, day of the month, month, weekday.' }),
    duration: span,
    timeZone,
  })
  .transform(
    ({ cron, duration: durationSeconds, timeZone: zone }): MaintenanceWindow => ({
      cron,
      durationSeconds,
      ...(zone !== undefined && { timeZone: zone }),
    }),
  );

const weekly = z
  .strictObject({
    weekdays: z
      .array(z.enum(weekdays))
      .min(1)
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'Name each weekday once.'),
    from: timeOfDay,
    until: timeOfDay.meta({ description: 'Past midnight when it is the earlier one.' }),
    timeZone,
  })
  .refine(({ from, until }) => from !== until, {
    error: 'Give another time than `from`; for whole days use {cron: "0 0 * * 6", duration: "24h"}.',
    path: ['until'],
  })
  .transform(
    ({ timeZone: zone, ...window }): MaintenanceWindow => ({
      ...window,
      ...(zone !== undefined && { timeZone: zone }),
    }),
  );

/** When trouble is expected: once, by a cron expression, or on weekdays from one time of day to another. */
export const maintenanceField = z
  .array(z.union([once, repeated, weekly]))
  .max(mostWindows)
  .meta({
    id: 'Maintenance',
    description: 'When trouble is expected: it is recorded, and neither told nor counted against the uptime.',
  });

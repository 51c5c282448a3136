import * as z from 'zod';
import { escalationField } from '../alerting/api.ts';
import { deploymentIdField, duration, isoInstant, line, timeZoneField } from '../platform/api/fields.ts';
import { readableSeconds } from '../platform/duration.ts';
import { severities } from '../platform/events.ts';
import { weekdays } from '../platform/wall-clock.ts';
import { matchersField } from './mute-model.ts';
import { defaultSettings } from './settings.ts';

/** What people give and get of the alerting settings, over the API and in `homeostat.yaml` alike. */

const channels = z
  .array(line(100))
  .max(20, 'Name at most 20 channels.')
  .refine((names) => new Set(names).size === names.length, 'Name each channel once.');

const span = (least: number, most: number, usual: number) =>
  duration
    .refine(
      (seconds) => seconds >= least && seconds <= most,
      `Give ${readableSeconds(least)} to ${readableSeconds(most)}.`,
    )
    .default(usual);

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 22:00.');
const weekday = z.enum(weekdays);

const time = z
  .strictObject({
    weekdays: z.array(weekday).min(1).max(7).optional(),
    from: timeOfDay,
    until: timeOfDay.meta({ description: 'Past midnight when it is the earlier one.' }),
    timeZone: timeZoneField.optional(),
  })
  .refine(({ from, until }) => from !== until, { error: 'Give another time than `from`.', path: ['until'] });

const route = z.strictObject({
  name: line(100),
  severities: z.array(z.enum(severities)).min(1).max(4).optional(),
  deployments: z.array(deploymentIdField).min(1).max(100).optional(),
  matchers: matchersField.optional(),
  time: time.optional().meta({ description: 'Only at these times.' }),
  channels: channels.min(1, 'Name at least one channel.'),
  continue: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether the routes behind it are looked at, too.' }),
});

const minute = 60;
const day = 86_400;

export const alertingSchema = z
  .strictObject({
    defaultChannels: channels.default([]).meta({
      description:
        'For alerts whose rule names none and that no route fits; the built-in `email` when empty.',
    }),
    routes: z
      .array(route)
      .max(50, 'Give at most 50 routes.')
      .refine(
        (routes) => new Set(routes.map(({ name }) => name)).size === routes.length,
        'Name each route once.',
      )
      .default([])
      .meta({ description: 'For alerts whose rule names no channel: the first that fits decides.' }),
    groupWait: span(defaultSettings.groupWaitSeconds, 10 * minute, defaultSettings.groupWaitSeconds).meta({
      description: 'How long an incident gathers alerts before it is told; 5s to 10m, 5s when left out.',
    }),
    groupInterval: span(minute, day, defaultSettings.groupIntervalSeconds).meta({
      description: 'How long later alerts are gathered before they are told; 1m to 24h, 5m when left out.',
    }),
    repeatInterval: span(10 * minute, 30 * day, defaultSettings.repeatIntervalSeconds).meta({
      description: 'How often what nobody acknowledged is told again; 10m to 30d, 4h when left out.',
    }),
    escalation: escalationField.meta({
      description: 'Who is told when nobody acknowledges; for rules that name no steps of their own.',
    }),
    digest: z
      .strictObject({
        at: timeOfDay.default(defaultSettings.digest.at),
        timeZone: timeZoneField.default(defaultSettings.digest.timeZone),
        channels: channels.default([]).meta({ description: 'The default channels when empty.' }),
      })
      .prefault({})
      .meta({ description: 'Mere information is told once a day, then.' }),
  })
  .meta({ id: 'Alerting' });
export type AlertingInput = z.output<typeof alertingSchema>;

const seconds = z.number();

export const alertingViewSchema = z
  .strictObject({
    defaultChannels: z.array(z.string()),
    routes: z.array(
      z.strictObject({
        name: z.string(),
        severities: z.array(z.enum(severities)).optional(),
        deployments: z.array(z.string()).optional(),
        matchers: z.array(z.string()).optional(),
        time: z
          .strictObject({
            weekdays: z.array(z.string()).optional(),
            from: z.string(),
            until: z.string(),
            timeZone: z.string().optional(),
          })
          .optional(),
        channels: z.array(z.string()),
        continue: z.boolean(),
      }),
    ),
    groupWait: seconds,
    groupInterval: seconds,
    repeatInterval: seconds,
    escalation: z.array(
      z.strictObject({
        after: seconds,
        channels: z.array(z.string()),
        severity: z.enum(severities).optional(),
      }),
    ),
    digest: z.strictObject({ at: z.string(), timeZone: z.string(), channels: z.array(z.string()) }),
    managedBy: z
      .enum(['file', 'api', 'builtin'])
      .meta({ description: '`builtin` while they say what they say without anybody.' }),
    revision: z.int(),
    updatedAt: isoInstant.nullable(),
  })
  .meta({ id: 'AlertingSettings' });

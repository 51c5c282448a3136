import * as z from 'zod';
import { maintenanceField } from '../health/api.ts';
import {
  deploymentIdField,
  duration,
  instant,
  isoInstant,
  line,
  pageOf,
  paging,
} from '../platform/api/fields.ts';

/** What people give and get of silences and maintenance. */

const matcher = z
  .union(
    [
      line(500),
      z.strictObject({
        label: z
          .string()
          .regex(
            /^[A-Za-z_][A-Za-z0-9_.\-/:]{0,99}$/,
            'Name a label, such as deployment, check or tag.team.',
          ),
        operator: z.enum(['=', '!=', '=~', '!~']),
        value: z.string().max(400),
      }),
    ],
    { error: 'Give a matcher such as "deployment=shop", or {label, operator, value}.' },
  )
  .meta({
    description:
      'As Alertmanager writes it: `label=value`, `!=`, or with a pattern (RE2, of the whole value) `=~`, `!~`.',
    examples: ['deployment=shop', 'check=~"home.*"'],
  });

/** Each must hold. */
export const matchersField = z
  .array(matcher)
  .min(1, 'Give at least one matcher.')
  .max(20, 'Give at most 20 matchers.')
  .meta({
    id: 'Matchers',
    description: 'Over labels: deployment, check, rule, severity, tag.<name> …; each must hold.',
  });

const reason = line(500).meta({ description: 'Why; for those who wonder why nobody was told.' });

/** A silence as people ask for it. */
export const silenceSchema = z.strictObject({
  matchers: matchersField,
  reason,
  startsAt: instant.optional().meta({ description: 'ISO 8601; at once when left out.' }),
  endsAt: instant
    .optional()
    .meta({ description: 'ISO 8601; this or `duration` is needed, at most 90 days away.' }),
  duration: duration.optional().meta({
    description: 'From the start, or from now where that is past, such as `2h`; in place of `endsAt`.',
  }),
});

/** A maintenance as people define it, over the API and in `homeostat.yaml` alike. */
export const maintenanceSchema = z.strictObject({
  name: line(100).meta({ description: 'Unique in the stack. Another name is another maintenance.' }),
  matchers: matchersField,
  windows: maintenanceField.min(1, 'Give at least one window.'),
  reason: reason.default('planned maintenance'),
  startsAt: instant.optional().meta({ description: 'ISO 8601: before it no window opens.' }),
  endsAt: instant.nullable().optional().meta({ description: 'ISO 8601: from then on no window opens.' }),
});
export type MaintenanceInput = z.output<typeof maintenanceSchema>;

/** The whole definition anew; the name may be repeated, not changed. */
export const maintenanceReplacementSchema = maintenanceSchema.extend({
  name: maintenanceSchema.shape.name.optional(),
});

export const muteIdSchema = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ description: 'The id of a silence or maintenance.' });

export const muteStates = ['waiting', 'active', 'ended'] as const;

const viewFields = {
  id: z.string(),
  matchers: z.array(z.string()),
  author: z.string().meta({ description: '`admin`, `token:<id>` or `link:<channel>`.' }),
  reason: z.string(),
  startsAt: isoInstant,
  state: z.enum(muteStates).meta({
    description: '`waiting` before it starts and, of a maintenance, while none of its windows is open.',
  }),
  revision: z.int(),
  createdAt: isoInstant,
  updatedAt: isoInstant,
};

export const silenceViewSchema = z
  .strictObject({ ...viewFields, endsAt: isoInstant })
  .meta({ id: 'Silence' });

const seconds = z.number();
const windows = z.array(
  z.union([
    z.strictObject({ at: z.string(), duration: seconds }),
    z.strictObject({ cron: z.string(), duration: seconds, timeZone: z.string().optional() }),
    z.strictObject({
      weekdays: z.array(z.string()),
      from: z.string(),
      until: z.string(),
      timeZone: z.string().optional(),
    }),
  ]),
);

export const maintenanceViewSchema = z
  .strictObject({
    ...viewFields,
    name: z.string(),
    windows,
    endsAt: isoInstant.nullable(),
    managedBy: z.enum(['file', 'api']),
  })
  .meta({ id: 'PlannedMaintenance' });

export const muteQuerySchema = z.strictObject({
  ...paging(200, 100),
  state: z.enum(muteStates).optional().meta({ description: 'All but the ended ones when left out.' }),
  deploymentId: deploymentIdField.optional().meta({ description: 'Those of this deployment alone.' }),
});

export const silencePageSchema = pageOf(silenceViewSchema);
export const maintenancePageSchema = pageOf(maintenanceViewSchema);

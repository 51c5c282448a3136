import * as z from 'zod';

/** Fields of a check that `defaults` may give; each value is judged by the schema of checks itself. */
export const defaultFields = [
  'interval',
  'timeout',
  'retries',
  'failureThreshold',
  'successThreshold',
  'degradedAbove',
  'maintenance',
  'isPublic',
  'network',
  'tags',
  'isActive',
] as const;

const days = z.int().min(1).max(3650);
/** Judged field by field later, by the schemas that the API uses. */
const open = z.record(z.string(), z.unknown());

/**
 * One `homeostat.yaml`, its outer shape. What stands inside is judged by the schemas of the API; what
 * stands in `acceptedOnly` is judged here and used by a later version.
 */
export const fileSchema = z.strictObject({
  include: z.array(z.string().min(1)).nullish(),
  enabled: z.boolean().nullish(),
  collectInterval: z.union([z.string(), z.number()]).nullish(),
  defaults: z
    .strictObject(Object.fromEntries(defaultFields.map((name) => [name, z.unknown().optional()])))
    .nullish(),
  deployments: z.array(open).nullish(),
  checks: z.array(open).nullish(),
  alerts: z
    .array(open, {
      error:
        'Give a list of rules, such as «- {name: shop is down, type: downtime}». Where e-mail goes says ALERT_EMAIL, of a stack its setting alertEmail.',
    })
    .nullish(),
  channels: z.array(open).nullish(),
  maintenance: z.array(open).nullish(),
  alerting: open.nullish(),
  policies: z.array(open).nullish(),
  scaling: z.array(open).nullish(),
  statusPages: z.array(open).nullish(),
  retentionDays: z
    .union(
      [
        days,
        z
          .strictObject({ results: days, metrics: days, logs: days, traces: days, alertEvents: days })
          .partial(),
      ],
      { error: 'Give a number of days, or days for results, metrics, logs, traces and alertEvents.' },
    )
    .nullish(),
  services: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        deploymentId: z.string().min(1).optional(),
        tags: z.record(z.string(), z.string()).optional(),
      }),
    )
    .nullish(),
  metrics: z.strictObject({ enabled: z.boolean(), retentionDays: days }).partial().nullish(),
  logging: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']), retentionDays: days })
    .partial()
    .nullish(),
  tracing: z
    .strictObject({ enabled: z.boolean(), sampleRatio: z.number().min(0).max(1), retentionDays: days })
    .partial()
    .nullish(),
});

export type FileContent = z.output<typeof fileSchema>;

/** Options that are read and judged, but change nothing yet. */
export const acceptedOnly = ['retentionDays', 'services', 'metrics', 'logging', 'tracing'] as const;

/** Options for all of Homeostat, of which there can be one only. */
export const onceOnly = [...acceptedOnly, 'alerting'] as const;

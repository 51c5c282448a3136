import * as z from 'zod';
import { isoInstant, owners, pageOf } from '../platform/api/fields.ts';
import { checkStatuses } from '../platform/events.ts';

/** What the routes of health answer with. */

const seconds = z.number();
const responseTime = z
  .number()
  .nullable()
  .meta({ description: 'Milliseconds; null when nothing was measured.' });
const reference = z.strictObject({ deploymentId: z.string(), name: z.string() });

const maintenance = z.array(
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

/** A check with its standing, as answers show it. Fields of the definition are as people wrote them. */
export const checkViewSchema = z
  .strictObject({
    id: z.string(),
    deploymentId: z.string(),
    name: z.string(),
    type: z.string(),
    target: z.string(),
    interval: seconds,
    timeout: seconds,
    retries: z.int(),
    failureThreshold: z
      .union([z.int(), z.string()])
      .meta({ description: 'Failures in a row, or `k of n` results.' }),
    successThreshold: z.int(),
    degradedAbove: seconds.optional(),
    conditions: z.array(z.string()).optional(),
    parent: reference.optional(),
    maintenance: maintenance.optional(),
    isPublic: z.boolean().optional(),
    network: z.enum(['public', 'vpc']),
    tags: z.record(z.string(), z.string()),
    config: z.record(z.string(), z.unknown()),
    isActive: z.boolean(),
    isPaused: z.boolean().meta({ description: 'Paused by people, whatever the definition says.' }),
    managedBy: owners,
    revision: z.int(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
    status: z.enum(checkStatuses),
    lastChecked: isoInstant.nullable(),
    responseTime,
    reason: z.string().nullable().meta({ description: 'Why the status is what it is.' }),
    statusSince: isoInstant.nullable(),
  })
  .meta({ id: 'Check' });
type Shown = z.output<typeof checkViewSchema>;
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type CheckView = DeepReadonly<Shown>;

export const checkPageSchema = pageOf(checkViewSchema);

const phases = z
  .record(z.string(), z.number())
  .meta({ description: 'Milliseconds of each phase that was measured.' });

export const resultSchema = z.strictObject({
  at: isoInstant,
  status: z.enum(checkStatuses),
  responseTime,
  reason: z.string().nullable(),
  phases,
  attempts: z.int(),
  statusCode: z.int().optional(),
  runId: z.string().optional().meta({ description: 'The run that was asked for; slots have none.' }),
});
export const resultPageSchema = pageOf(resultSchema);

/** A run that was asked for. */
export const runSchema = z.strictObject({
  runId: z.string(),
  checkId: z.string(),
  at: isoInstant.meta({ description: 'The instant that its result bears.' }),
  resultUrl: z.string().meta({ description: 'Where its result will be: ask again while it is waited for.' }),
});

export const runStateSchema = z.strictObject({
  runId: z.string(),
  checkId: z.string(),
  at: isoInstant,
  state: z
    .enum(['waiting', 'done', 'lost'])
    .meta({ description: 'A run that left no result within six minutes is lost: ask for another.' }),
  result: resultSchema.nullable(),
});

/** What one attempt at a definition told. */
export const trialSchema = z.strictObject({
  status: z.enum(checkStatuses),
  responseTime,
  reason: z.string().nullable(),
  phases,
  attempts: z.int(),
  statusCode: z.int().optional(),
});

export const overviewSchema = z.strictObject({
  checks: z.strictObject({
    total: z.int(),
    healthy: z.int(),
    degraded: z.int(),
    unhealthy: z.int(),
    unknown: z.int(),
  }),
  unhealthy: z
    .array(
      z.strictObject({
        checkId: z.string(),
        deploymentId: z.string(),
        name: z.string(),
        reason: z.string().nullable(),
        since: isoInstant.nullable(),
      }),
    )
    .meta({ description: 'At most 100.' }),
});

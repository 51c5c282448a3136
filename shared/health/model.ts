import * as z from 'zod';
import {
  deploymentIdField,
  duration,
  isoInstant,
  line,
  owners,
  pageOf,
  tagsField,
} from '../platform/api/fields.ts';
import { checkStatuses } from '../platform/events.ts';
import type { CheckInput } from './definition.ts';
import { checkKinds } from './kinds/index.ts';

const name = line(100).meta({
  description: 'Unique in its deployment. A check with another name is another check.',
});

/** Everything about a check that does not depend on its kind. What is left out gets its default when it is saved. */
const common = {
  interval: duration
    .optional()
    .meta({ description: 'Seconds or a duration such as `30s` or `5m`; 10 s to 24 h.' }),
  timeout: duration.optional().meta({ description: 'Seconds or a duration; for one attempt.' }),
  retries: z
    .int()
    .min(0)
    .max(5)
    .optional()
    .meta({ description: 'More attempts inside one slot after a failed one.' }),
  isActive: z.boolean().default(true),
  failureThreshold: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .meta({ description: 'Failures in a row until unhealthy.' }),
  successThreshold: z
    .int()
    .min(1)
    .max(20)
    .default(2)
    .meta({ description: 'Successes in a row until healthy again.' }),
  tags: tagsField.default({}),
  network: z.enum(['public', 'vpc']).default('public').meta({ description: 'Where the check runs from.' }),
};

const ofEachKind = (identity: z.ZodRawShape) => {
  const variants = Object.entries(checkKinds).map(([type, kind]) => {
    const { target, config } = kind.definition(z);
    return z.strictObject({
      type: z.literal(type),
      ...identity,
      ...common,
      target,
      config: config.prefault({}),
    });
  });
  const [first, ...others] = variants;
  if (!first) throw new Error('no check kind is registered');
  return z.discriminatedUnion('type', [first, ...others], {
    error: (issue) =>
      issue.code === 'invalid_union' ? `Give one of ${Object.keys(checkKinds).join(', ')}.` : undefined,
  });
};

/** A check as people define it, over the API and in `homeostat.yaml` alike. */
export const checkDefinitionSchema = ofEachKind({
  deploymentId: deploymentIdField.default('default'),
  name,
}) as unknown as z.ZodType<CheckInput>;

/** The whole definition anew. Name and deployment identify the check: they may be repeated, not changed. */
export const checkReplacementSchema = ofEachKind({
  deploymentId: deploymentIdField.optional(),
  name: name.optional(),
}) as unknown as z.ZodType<
  Omit<CheckInput, 'deploymentId' | 'name'> & { deploymentId?: string; name?: string }
>;

export const checkTypeSchema = z.enum(Object.keys(checkKinds) as [string, ...string[]]);

export const checkIdSchema = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ description: 'The id of a check.' });

const seconds = z.number();
const responseTime = z
  .number()
  .nullable()
  .meta({ description: 'Milliseconds; null when nothing was measured.' });

/** A check with its standing, as answers show it. */
export const checkViewSchema = z.strictObject({
  id: z.string(),
  deploymentId: z.string(),
  name: z.string(),
  type: z.string(),
  target: z.string(),
  interval: seconds,
  timeout: seconds,
  retries: z.int(),
  failureThreshold: z.int(),
  successThreshold: z.int(),
  network: z.enum(['public', 'vpc']),
  tags: z.record(z.string(), z.string()),
  config: z.record(z.string(), z.unknown()),
  isActive: z.boolean(),
  managedBy: owners,
  revision: z.int(),
  createdAt: isoInstant,
  updatedAt: isoInstant,
  status: z.enum(checkStatuses),
  lastChecked: isoInstant.nullable(),
  responseTime,
  reason: z.string().nullable().meta({ description: 'Why the status is what it is.' }),
  statusSince: isoInstant.nullable(),
});
export type CheckView = z.output<typeof checkViewSchema>;

export const checkPageSchema = pageOf(checkViewSchema);

export const resultPageSchema = pageOf(
  z.strictObject({
    at: isoInstant,
    status: z.enum(checkStatuses),
    responseTime,
    reason: z.string().nullable(),
    phases: z
      .record(z.string(), z.number())
      .meta({ description: 'Milliseconds of each phase that was measured.' }),
    attempts: z.int(),
    statusCode: z.int().optional(),
  }),
);

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

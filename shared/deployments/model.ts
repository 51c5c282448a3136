import * as z from 'zod';
import { deploymentViewSchema } from '../catalog/api.ts';
import { deploymentIdField, isoInstant } from '../platform/api/fields.ts';
import { checkStatuses } from '../platform/events.ts';

export const deploymentParams = z.strictObject({ deploymentId: deploymentIdField });

const status = z.enum(checkStatuses);

const counts = z
  .strictObject({
    total: z.int(),
    healthy: z.int(),
    degraded: z.int(),
    unhealthy: z.int(),
    unknown: z.int(),
  })
  .meta({ description: 'Its checks by status; paused ones do not count.' });

/** A registered deployment in a list, with the status that was last told. */
export const listedDeploymentSchema = deploymentViewSchema.extend({
  health: z.strictObject({
    status,
    reason: z.string(),
    since: isoInstant
      .nullable()
      .meta({ description: 'Since when the status holds; null while never known.' }),
    counts,
  }),
});

/** A deployment as all capabilities see it. What is not measured is `unknown` or null, never made up. */
export const deploymentStatusSchema = z.strictObject({
  deploymentId: z.string(),
  status,
  lastChecked: isoInstant.nullable(),
  drift: z.strictObject({ detected: z.boolean().nullable(), lastCheck: isoInstant.nullable() }),
  health: z.strictObject({
    status,
    reason: z.string().meta({ description: 'A sentence that names the worst checks.' }),
    counts,
    checks: z.array(z.strictObject({ name: z.string(), status, responseTime: z.number().nullable() })).meta({
      description: 'At most 1,000; all of them are at /api/v1/monitoring/health-checks?deploymentId=…',
    }),
  }),
  cost: z.strictObject({
    current: z.number().nullable(),
    budget: z.number().nullable(),
    trend: z.enum(['up', 'down', 'stable', 'unknown']),
  }),
  compliance: z.strictObject({ score: z.number().nullable(), violations: z.int().nullable() }),
});
export type DeploymentStatus = z.output<typeof deploymentStatusSchema>;

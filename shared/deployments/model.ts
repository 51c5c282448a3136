import * as z from 'zod';
import { deploymentIdField, isoInstant } from '../platform/api/fields.ts';
import { checkStatuses } from '../platform/events.ts';

export const deploymentParams = z.strictObject({ deploymentId: deploymentIdField });

const status = z.enum(checkStatuses);

/** A deployment as all capabilities see it. What is not measured is `unknown` or null, never made up. */
export const deploymentStatusSchema = z.strictObject({
  deploymentId: z.string(),
  status,
  lastChecked: isoInstant.nullable(),
  drift: z.strictObject({ detected: z.boolean().nullable(), lastCheck: isoInstant.nullable() }),
  health: z.strictObject({
    status,
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

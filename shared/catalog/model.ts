import * as z from 'zod';
import { deploymentIdField, isoInstant, line, owners } from '../platform/api/fields.ts';

/** What Homeostat is asked to do for a deployment; all of it only watches. */
export const monitoringConfigSchema = z.strictObject({
  driftDetection: z.boolean().default(true),
  healthChecks: z.boolean().default(true),
  costMonitoring: z.boolean().default(true),
  complianceMonitoring: z.boolean().default(true),
});

/** A deployment as people register it, over the API and in `homeostat.yaml` alike. */
export const deploymentDefinitionSchema = z.strictObject({
  deploymentId: deploymentIdField.meta({ description: 'What the deployment is called everywhere else.' }),
  blueprintId: line(200)
    .nullable()
    .default(null)
    .meta({ description: 'The blueprint it was made from, if any.' }),
  // Unless told otherwise a deployment is treated as the one that hurts most when touched.
  environment: line(100).default('production').meta({ description: 'For example production or staging.' }),
  monitoringConfig: monitoringConfigSchema.prefault({}),
});

/** A deployment's record as answers show it. */
export const deploymentViewSchema = z.strictObject({
  deploymentId: z.string(),
  blueprintId: z.string().nullable(),
  environment: z.string(),
  monitoringConfig: z.strictObject({
    driftDetection: z.boolean(),
    healthChecks: z.boolean(),
    costMonitoring: z.boolean(),
    complianceMonitoring: z.boolean(),
  }),
  managedBy: owners,
  revision: z.number().int(),
  createdAt: isoInstant,
  updatedAt: isoInstant,
});

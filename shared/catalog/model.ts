import * as z from 'zod';
import { deploymentIdField, isoInstant, line, owners, tagsField } from '../platform/api/fields.ts';
import { resourceTypes } from './resource.ts';

/** What Homeostat is asked to do for a deployment; all of it only watches. */
export const monitoringConfigSchema = z.strictObject({
  driftDetection: z.boolean().default(true),
  healthChecks: z.boolean().default(true),
  costMonitoring: z.boolean().default(true),
  complianceMonitoring: z.boolean().default(true),
});

const resourceName = line(100).meta({
  description: 'Unique in the deployment: what people and policies call it.',
  examples: ['web'],
});

/** A part of a deployment that actions can reach. */
export const deploymentResourceSchema = z
  .strictObject({
    name: resourceName,
    type: z.enum(resourceTypes, { error: `Give one of ${resourceTypes.join(', ')}.` }),
    id: line(512).meta({
      description: 'As its service names it: an instance id, `cluster/service`, a name, `function:alias`.',
      examples: ['i-0a1b2c3d4e5f60718', 'shop/web'],
    }),
    checks: z
      .array(line(100))
      .max(100, 'Name at most 100 checks.')
      .refine((names) => new Set(names).size === names.length, 'Name each check once.')
      .optional()
      .meta({
        description:
          'Names of the checks that tell whether it is well; left out in a deployment of one resource: all.',
      }),
    tags: tagsField.optional().meta({ description: 'For the selectors of policies.' }),
    settings: z
      .record(
        z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/, 'Name a setting with letters and digits.'),
        line(1000),
      )
      .refine((given) => Object.keys(given).length <= 20, 'Give at most 20 settings.')
      .optional()
      .meta({ description: 'What its actions need beside the id, such as a launch template.' }),
  })
  .meta({ id: 'DeploymentResource' });

const resources = z
  .array(deploymentResourceSchema)
  .max(200, 'Give at most 200 resources.')
  .superRefine((all, context) => {
    all.forEach(({ name, type, id }, at) => {
      const before = all.slice(0, at);
      if (before.some((other) => other.name === name))
        context.addIssue({
          code: 'custom',
          path: [at, 'name'],
          message: 'Give each resource a name of its own.',
        });
      if (before.some((other) => other.type === type && other.id === id))
        context.addIssue({
          code: 'custom',
          path: [at, 'id'],
          message: 'This resource is there already: list it once.',
        });
    });
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
  resources: resources
    .optional()
    .meta({ description: 'What it consists of, as far as remedies may touch it; none when left out.' }),
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
  resources: z
    .array(deploymentResourceSchema)
    .optional()
    .meta({ description: 'Left out when there are none.' }),
  managedBy: owners,
  revision: z.number().int(),
  createdAt: isoInstant,
  updatedAt: isoInstant,
});

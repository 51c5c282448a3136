import * as z from 'zod';
import { isoInstant, line, owners, tagsField } from '../platform/api/fields.ts';
import {
  bySeverity,
  exceptionField,
  failedRelease,
  idleResources,
  oversizedResources,
  percent,
  resourceExhaustion,
  secondsWithin,
  selectorField,
  unhealthyService,
  windowField,
} from './model-parts.ts';
import type { WrittenPolicy } from './written.ts';

const name = line(100).meta({
  description: 'Unique in the stack. A policy with another name is another policy.',
  examples: ['careful healing'],
});
const enabled = z.boolean().optional().meta({ description: 'True when left out.' });
const day = 86_400;

/** Everything about a policy but its name. */
const shared = {
  is_active: z.boolean().optional().meta({ description: 'False: as if it were not there.' }),
  selector: selectorField.optional(),
  drift_remediation: bySeverity('DriftRemediation').optional(),
  health_remediation: z
    .strictObject({
      enabled,
      unhealthy_service: unhealthyService.optional(),
      resource_exhaustion: resourceExhaustion.optional(),
      failed_release: failedRelease.optional(),
    })
    .optional(),
  cost_optimization: z
    .strictObject({
      enabled,
      idle_resources: idleResources.optional(),
      oversized_resources: oversizedResources.optional(),
    })
    .optional(),
  compliance_remediation: bySeverity('ComplianceRemediation').optional(),
  windows: z.array(windowField).max(20, 'Give at most 20 windows.').optional(),
  limits: z
    .strictObject({
      max_count: z
        .int({ error: 'Give a whole number from 0.' })
        .min(0, 'Give a whole number from 0.')
        .max(10_000)
        .optional()
        .meta({
          description: 'Resources in need, or changed within an hour. Over it nothing runs. 0 is none.',
        }),
      max_percent: percent
        .optional()
        .meta({ description: 'The same as a share of the resources of the matched deployments.' }),
    })
    .optional(),
  brakes: z
    .strictObject({
      attempts_per_hour: z
        .int({ error: 'Give a whole number from 1 to 60.' })
        .min(1, 'Give a whole number from 1 to 60.')
        .max(60, 'Give a whole number from 1 to 60.')
        .optional()
        .meta({ description: 'At one resource; 3 when left out.' }),
      cooldown: secondsWithin(0, day)
        .optional()
        .meta({ description: 'After a remedy ended; 5m when left out.' }),
      flaps_per_day: z
        .int({ error: 'Give a whole number from 1 to 100.' })
        .min(1, 'Give a whole number from 1 to 100.')
        .max(100, 'Give a whole number from 1 to 100.')
        .optional()
        .meta({ description: 'Remedied and wrong again so often within a day: it stops; 3 when left out.' }),
    })
    .optional(),
  exceptions: z.array(exceptionField).max(100, 'Give at most 100 exceptions.').optional(),
};

/** A policy as people write it, over the API and in `homeostat.yaml` alike. `resolvePolicy` makes of it what is kept. */
export const policyDefinitionSchema: z.ZodType<WrittenPolicy> = z
  .strictObject({ name, ...shared })
  .meta({ id: 'PolicyDefinition' });

/** The whole definition anew. The name identifies the policy: it may be repeated, not changed. */
export const policyReplacementSchema: z.ZodType<
  Omit<WrittenPolicy, 'name'> & { readonly name?: string | undefined }
> = z.strictObject({ name: name.optional(), ...shared });

export const policyIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .meta({ description: 'The id of a policy.' });

const section = z.record(z.string(), z.unknown());
const definitionView = {
  name: z.string(),
  is_active: z.boolean(),
  selector: z.strictObject({
    deployments: z.array(z.string()),
    environments: z.array(z.string()),
    tags: tagsField,
  }),
  drift_remediation: section.optional(),
  health_remediation: section.optional(),
  cost_optimization: section.optional(),
  compliance_remediation: section.optional(),
  windows: z.array(section),
  limits: z.strictObject({ max_count: z.int().optional(), max_percent: z.number().optional() }),
  brakes: z.strictObject({ attempts_per_hour: z.int(), cooldown: z.number(), flaps_per_day: z.int() }),
  exceptions: z.array(z.strictObject({ resource: z.string(), reason: z.string(), until: isoInstant })),
};

/** A policy as answers show it: everything filled in, durations in seconds, shares in percent. */
export const policyViewSchema = z
  .strictObject({
    id: z.string(),
    ...definitionView,
    managedBy: owners,
    revision: z.int(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
  })
  .meta({ id: 'Policy' });

export const policyVersionSchema = z
  .strictObject({
    revision: z.int(),
    by: z.string().nullable().meta({ description: 'Who wrote it.' }),
    managedBy: owners,
    writtenAt: isoInstant,
    removed: z.boolean().meta({ description: 'This version is the removal.' }),
    definition: z.strictObject(definitionView),
  })
  .meta({ id: 'PolicyVersion' });

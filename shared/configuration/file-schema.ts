import * as z from 'zod';
import { ruleDefinitionSchema, ruleInDeploymentSchema } from '../alerting/api.ts';
import { deploymentDefinitionSchema } from '../catalog/api.ts';
import { checkDefaultsSchema, checkDefinitionSchema, checkInDeploymentSchema } from '../health/api.ts';
import { alertingSchema, maintenanceSchema } from '../incidents/api.ts';
import { channelDefinitionSchema } from '../notifications/api.ts';
import { policyDefinitionSchema } from '../policies/api.ts';
import { scalerDefinitionSchema, scalerInDeploymentSchema } from '../scaling/api.ts';
import { statusPageDefinitionSchema } from '../status-pages/api.ts';
import { fileSchema } from './file.ts';

const { deploymentId, ...otherFields } = deploymentDefinitionSchema.shape;

/** A whole `homeostat.yaml` as people write it, with what stands inside its deployments and checks. */
const wholeFileSchema = fileSchema.extend({
  include: z.array(z.string().min(1)).nullish().meta({
    description:
      'Other files, relative to this one; `*` in the last part of a path stands for any characters.',
  }),
  defaults: checkDefaultsSchema
    .nullish()
    .meta({ description: 'For every check of this file and of those it includes.' }),
  deployments: z
    .array(
      z.strictObject({
        id: deploymentId,
        ...otherFields,
        checks: z.array(checkInDeploymentSchema).nullish(),
        alerts: z.array(ruleInDeploymentSchema).nullish(),
        scaling: z.array(scalerInDeploymentSchema).nullish(),
      }),
    )
    .nullish(),
  checks: z
    .array(checkDefinitionSchema)
    .nullish()
    .meta({ description: 'Checks of the deployment `default`, or of the one each names.' }),
  alerts: z.array(ruleDefinitionSchema).nullish().meta({
    description: 'Rules of the deployment `default`, or of the one each names; `*` for all deployments.',
  }),
  channels: z.array(channelDefinitionSchema).nullish().meta({ description: 'Where alerts are told.' }),
  maintenance: z
    .array(maintenanceSchema)
    .nullish()
    .meta({ description: 'Planned times in which matching alerts are recorded and not told.' }),
  alerting: alertingSchema.nullish(),
  policies: z
    .array(policyDefinitionSchema)
    .nullish()
    .meta({ description: 'What may be done about what is found.' }),
  scaling: z
    .array(scalerDefinitionSchema)
    .nullish()
    .meta({ description: 'Scaling rules, each of the deployment it names.' }),
  statusPages: z
    .array(statusPageDefinitionSchema)
    .nullish()
    .meta({ description: 'What everybody may see, each at /status/<slug>.' }),
});

/** JSON Schema for editors. Draft 7, which those that read YAML all know. */
export const fileJsonSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(wholeFileSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    reused: 'ref',
  }),
  title: 'homeostat.yaml',
  description: 'What Homeostat watches. `homeostat apply` and `npm start` read it.',
});

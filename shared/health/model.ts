import * as z from 'zod';
import { deploymentIdField, duration, line, tagsField } from '../platform/api/fields.ts';
import { conditionParser } from './conditions/parse.ts';
import { conditionsField } from './conditions-field.ts';
import type { CheckInput } from './definition.ts';
import { checkKinds } from './kinds/index.ts';
import type { CheckKind } from './kinds/kind.ts';
import { maintenanceField } from './maintenance-field.ts';

const name = line(100).meta({
  description: 'Unique in its deployment. A check with another name is another check.',
  examples: ['home page'],
});

const thresholdHint =
  'Give 1 to 20 failures in a row, or so many of the last results as text, such as "3 of 5" (of at most 20).';

/** `3`, or `3 of 5`. */
const failureThreshold = z
  .union([z.int().min(1).max(20), z.string().regex(/^\d{1,2} of \d{1,2}$/, thresholdHint)], {
    error: thresholdHint,
  })
  .transform((given) => {
    if (typeof given === 'number') return { failures: given };
    const [failures = 0, window = 0] = given.split(' of ').map(Number);
    return { failures, window };
  })
  .refine(({ failures, window = 20 }) => failures >= 1 && failures <= window && window <= 20, thresholdHint)
  .meta({
    id: 'FailureThreshold',
    description:
      'Failures in a row until unhealthy, or `k of n` for k failures among the last n results. 3 unless the kind says otherwise.',
    examples: [3, '3 of 5'],
  });

const reference = z.union(
  [name, z.strictObject({ deploymentId: deploymentIdField, name })],
  'Give the name of a check of the same deployment, or {deploymentId, name}.',
);

/** Everything about a check that does not depend on its kind. What is left out gets its default when it is saved. */
const shared = {
  interval: duration
    .meta({ id: 'Interval', description: 'Seconds or a duration such as `30s` or `5m`; 10 s to 24 h.' })
    .optional(),
  timeout: duration
    .meta({ id: 'Timeout', description: 'Seconds or a duration; for one attempt.' })
    .optional(),
  retries: z
    .int()
    .min(0)
    .max(5)
    .optional()
    .meta({ description: 'More attempts inside one slot after a failed one.' }),
  isActive: z.boolean().default(true),
  failureThreshold: failureThreshold.optional(),
  successThreshold: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Successes in a row until healthy again; 2 unless the kind says otherwise.' }),
  degradedAbove: duration
    .meta({
      id: 'DegradedAbove',
      description: 'A success that took longer counts as degraded; below the timeout.',
    })
    .optional(),
  parent: reference
    .meta({
      id: 'Parent',
      description:
        'A check of the same deployment by its name, or {deploymentId, name}. While it is down, trouble of this one is recorded and not told.',
    })
    .optional(),
  maintenance: maintenanceField.optional(),
  isPublic: z
    .boolean()
    .optional()
    .meta({ description: 'Its status may be shown without a token, in badges and on status pages.' }),
  tags: tagsField.meta({ id: 'Tags', description: 'At most 20 labels of your own.' }).default({}),
  network: z.enum(['public', 'vpc']).default('public').meta({ description: 'Where the check runs from.' }),
};

/** Once a kind, so that descriptions of the API can say each of them once. */
const kinds = Object.entries(checkKinds as Readonly<Record<string, CheckKind>>).map(([type, kind]) => {
  const { target, config } = kind.definition(z, conditionParser);
  const id = `${type[0]?.toUpperCase()}${type.slice(1)}`;
  return {
    type,
    target,
    config: config.meta({ id: `${id}Config` }).prefault({}),
    conditions: conditionsField(kind).meta({ id: `${id}Conditions` }),
  };
});

const ofEachKind = (identity: z.ZodRawShape) => {
  const variants = kinds.map(({ type, target, config, conditions }) =>
    z.strictObject({
      type: z.literal(type),
      ...identity,
      ...shared,
      conditions: conditions.optional(),
      target,
      config,
    }),
  );
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

/** The same inside a deployment of `homeostat.yaml`, which gives the deployment. */
export const checkInDeploymentSchema = ofEachKind({ name }) as unknown as z.ZodType<
  Omit<CheckInput, 'deploymentId'>
>;

/** The whole definition anew. Name and deployment identify the check: they may be repeated, not changed. */
export const checkReplacementSchema = ofEachKind({
  deploymentId: deploymentIdField.optional(),
  name: name.optional(),
}) as unknown as z.ZodType<
  Omit<CheckInput, 'deploymentId' | 'name'> & { deploymentId?: string; name?: string }
>;

/** A definition that is only tried: it needs no name. */
export const checkTrialSchema = ofEachKind({
  deploymentId: deploymentIdField.default('default'),
  name: name.default('trial'),
}) as unknown as z.ZodType<CheckInput>;

const { parent: _own, ...forMany } = shared;
/** What a file may give for all its checks; a parent is each check's own. */
export const checkDefaultsSchema = z.strictObject(forMany);

export const checkTypeSchema = z.enum(Object.keys(checkKinds) as [string, ...string[]]);

export const checkIdSchema = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ description: 'The id of a check.' });

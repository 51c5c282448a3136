import * as z from 'zod';
import { deploymentIdField, isoInstant, line, tagsField } from '../platform/api/fields.ts';
import { severities } from '../platform/events.ts';
import type { RuleInput } from './resolve.ts';
import { groupings, noDataPolicies, type RuleType, ruleTypes } from './rule.ts';
import { ruleTypeDefinitions, typeOf } from './types/registry.ts';
import { secondsField } from './types/time-fields.ts';
import { patternFault } from './types/whole-pattern.ts';

const name = line(100).meta({
  description: 'Unique in its deployment. A rule with another name is another rule.',
  examples: ['home page is slow'],
});

const severity = z.enum(severities, { error: `Give one of ${severities.join(', ')}.` });
const channels = z
  .array(line(100))
  .max(20, 'Name at most 20 channels.')
  .refine((names) => new Set(names).size === names.length, 'Name each channel once.');

const escalationStep = z
  .strictObject({
    after: secondsField(z, 60, 7 * 86_400).meta({
      description: 'Unacknowledged for so long since it fired; 1m to 7d.',
    }),
    channels: channels.min(1, 'Name at least one channel.'),
    severity: severity.optional().meta({ description: 'The incident is at least so severe from then on.' }),
  })
  .transform(({ after: afterSeconds, ...rest }) => ({ afterSeconds, ...rest }));

/** Steps in their order; the settings have the same field as the rules. */
export const escalationField = z
  .array(escalationStep)
  .max(10, 'Give at most 10 steps.')
  .refine(
    (steps) => steps.every(({ afterSeconds }, index) => afterSeconds > (steps[index - 1]?.afterSeconds ?? 0)),
    'Give the steps in their order, each later than the one before.',
  )
  .default([]);

const isWebAddress = (text: string): boolean =>
  /^https?:\/\//i.test(text) && URL.canParse(text) && !new URL(text).username;

const day = 86_400;
const ofTime = (id: string, most: number, description: string) =>
  secondsField(z, 0, most).optional().meta({ id, description });

/** Everything about a rule that does not depend on its type. What is left out gets its default when it is saved. */
const shared = {
  severity: severity.optional().meta({
    id: 'RuleSeverity',
    description: 'Of alerts whose threshold names none; usual for its type when left out.',
  }),
  channels: channels.default([]).meta({
    id: 'RuleChannels',
    description: 'Names or ids; when empty, the routes and then the default channels decide.',
  }),
  for: ofTime('RuleFor', day, 'True for so long before it fires; 0 when left out.'),
  keepFiringFor: ofTime(
    'RuleKeepFiringFor',
    day,
    'False for so long before it is resolved; 0 when left out.',
  ),
  cooldown: ofTime(
    'RuleCooldown',
    7 * day,
    'After a resolution, so long it does not fire anew for the same subject, unless it is more severe; 0 when left out.',
  ),
  noData: z
    .enum(noDataPolicies, { error: `Give one of ${noDataPolicies.join(', ')}.` })
    .optional()
    .meta({
      id: 'RuleNoData',
      description:
        'Without enough data: as if the condition did not hold (ignore), as if what is missing were 0 (zero), it fires (fire), or all stays as it is (keep, the usual).',
    }),
  minCoverage: z
    .number({ error: 'Give a share from 0 to 1.' })
    .min(0, 'Give a share from 0 to 1.')
    .max(1, 'Give a share from 0 to 1.')
    .optional()
    .meta({
      id: 'RuleMinCoverage',
      description: 'The share of the window that must have data for a verdict; 0.5 when left out.',
    }),
  groupBy: z
    .enum(groupings, { error: `Give one of ${groupings.join(', ')}.` })
    .default('deployment')
    .meta({ id: 'RuleGroupBy', description: 'Whose alerts join one incident.' }),
  escalation: escalationField.meta({
    id: 'RuleEscalation',
    description: "Who is told when nobody acknowledges; the settings' steps when left out.",
  }),
  runbookUrl: z
    .string()
    .max(500)
    .refine(isWebAddress, 'Give an http or https URL without a user name.')
    .optional()
    .meta({ id: 'RunbookUrl', description: 'Stands in each message.' }),
  description: line(1000).optional().meta({ id: 'RuleDescription' }),
  tags: tagsField.default({}),
  isActive: z.boolean().default(true),
};

const upper = (type: string): string =>
  type
    .split('_')
    .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join('');

/** Once a type, so that descriptions of the API can say each of them once. */
const conditions = ruleTypes.map((type) => ({
  type,
  condition: typeOf(type)
    .condition(z, patternFault)
    .meta({ id: `${upper(type)}Condition` }),
}));

const ofEachType = (identity: z.ZodRawShape) => {
  const variants = conditions.map(({ type, condition }) => {
    // What has a default for everything may be left out as a whole.
    const isOptional = condition.safeParse({}).success;
    return z.strictObject({
      type: z.literal(type),
      ...identity,
      ...shared,
      condition: isOptional ? condition.prefault({}) : condition,
    });
  });
  const [first, ...others] = variants;
  if (!first) throw new Error('no type of rule is registered');
  return z.discriminatedUnion('type', [first, ...others], {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? `Give one of ${Object.keys(ruleTypeDefinitions).join(', ')}.`
        : undefined,
  });
};

const ofDeployment = z
  .union([z.literal('*'), z.null(), deploymentIdField], {
    error: 'Give the id of a deployment, or * for a rule of all deployments.',
  })
  .transform((given) => (given === '*' ? null : given))
  .meta({
    description: 'The deployment it belongs to: `default` when left out; `*` or null for all deployments.',
  });

/** A rule as people define it, over the API and in `homeostat.yaml` alike. */
export const ruleDefinitionSchema = ofEachType({
  deploymentId: ofDeployment.default('default'),
  name,
}) as unknown as z.ZodType<RuleInput>;

/** The same inside a deployment of `homeostat.yaml`, which gives the deployment. */
export const ruleInDeploymentSchema = ofEachType({ name }) as unknown as z.ZodType<
  Omit<RuleInput, 'deploymentId'>
>;

/** The whole definition anew. Name and deployment identify the rule: they may be repeated, not changed. */
export const ruleReplacementSchema = ofEachType({
  deploymentId: ofDeployment.optional(),
  name: name.optional(),
}) as unknown as z.ZodType<
  Omit<RuleInput, 'deploymentId' | 'name'> & { deploymentId?: string | null; name?: string }
>;

/** A definition that is only tried: it needs no name. */
export const ruleTrialSchema = ofEachType({
  deploymentId: ofDeployment.default('default'),
  name: name.default('trial'),
}) as unknown as z.ZodType<RuleInput>;

export const ruleTypeSchema = z.enum(Object.keys(ruleTypeDefinitions) as [RuleType, ...RuleType[]]);

export const ruleIdSchema = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ description: 'The id of a rule.' });

/** A rule as answers show it. Fields of the definition are as people wrote them; durations in seconds. */
export const ruleViewSchema = z
  .strictObject({
    id: z.string(),
    deploymentId: z.string().nullable().meta({ description: 'Null: of all deployments.' }),
    name: z.string(),
    type: ruleTypeSchema,
    severity: z.enum(severities),
    condition: z.record(z.string(), z.unknown()),
    channels: z.array(z.string()),
    for: z.number(),
    keepFiringFor: z.number(),
    cooldown: z.number(),
    noData: z.enum(noDataPolicies),
    minCoverage: z.number(),
    groupBy: z.enum(groupings),
    escalation: z.array(
      z.strictObject({
        after: z.number(),
        channels: z.array(z.string()),
        severity: z.enum(severities).optional(),
      }),
    ),
    runbookUrl: z.string().optional(),
    description: z.string().optional(),
    tags: z.record(z.string(), z.string()),
    isActive: z.boolean(),
    managedBy: z.enum(['file', 'api', 'builtin']),
    revision: z.int(),
    lastTriggered: isoInstant.nullable().meta({ description: 'When it last began to fire for anything.' }),
    createdAt: isoInstant.nullable().meta({ description: 'Null: a built-in rule that nobody wrote.' }),
    updatedAt: isoInstant.nullable(),
  })
  .meta({ id: 'Rule' });
export type RuleView = z.output<typeof ruleViewSchema>;

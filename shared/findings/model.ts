import * as z from 'zod';
import { deploymentIdField, instant, isoInstant, line, tagsField } from '../platform/api/fields.ts';
import { severities } from '../platform/events.ts';
import { findingKinds } from './finding.ts';

/** What a team's own engine may tell. The others Homeostat makes itself: of checks, and of remedies that did not help. */
export const toldKinds = ['drift', 'violation', 'cost', 'idle', 'oversized', 'exhausted'] as const;

const mostPatchBytes = 16_000;
const pointer = z
  .string()
  .max(1000)
  .regex(/^(\/([^~/]|~[01])*)*$/, 'Give a JSON Pointer such as /Tags/0/Value.');

const patch = z
  .array(
    z.strictObject({
      op: z.enum(['add', 'remove', 'replace', 'test'], { error: 'Give add, remove, replace or test.' }),
      path: pointer,
      value: z.unknown().optional(),
    }),
  )
  .max(100, 'Give at most 100 operations.')
  .refine((operations) => operations.every(({ op, value }) => op === 'remove' || value !== undefined), {
    error: 'Give each operation but remove a value.',
  })
  .refine((operations) => Buffer.byteLength(JSON.stringify(operations)) <= mostPatchBytes, {
    error: `Make it smaller: it may have ${mostPatchBytes} bytes as JSON.`,
  });

export const findingDetailsSchema = z
  .strictObject({
    typeName: z
      .string()
      .regex(
        /^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/,
        'Give a type such as AWS::S3::Bucket.',
      )
      .optional()
      .meta({ description: 'Type of the resource in CloudFormation: what Cloud Control can put right.' }),
    identifier: line(1024).optional().meta({ description: 'Primary identifier of that resource.' }),
    patch: patch
      .optional()
      .meta({ description: 'JSON Patch (RFC 6902) that would put it right; `test` operations guard it.' }),
    savingsUsdPerMonth: z.number().min(0).max(1e9).optional(),
    recommended: line(200).optional().meta({ description: 'What a smaller one would be.' }),
    usagePercent: z
      .number()
      .min(0, 'Give a percentage from 0.')
      .max(100_000)
      .optional()
      .meta({ description: 'Measured; held against the threshold of the policy.' }),
    idleSeconds: z.number().min(0).max(1e9).optional().meta({
      description: 'For how long it was seen idle; held against the detection period of the policy.',
    }),
  })
  .meta({ id: 'FindingDetails' });

const toldFinding = z.strictObject({
  kind: z.enum(toldKinds, { error: `Give one of ${toldKinds.join(', ')}.` }),
  state: z
    .enum(['open', 'resolved'], { error: 'Give open or resolved.' })
    .default('open')
    .meta({ description: 'resolved: it is right again.' }),
  severity: z.enum(severities, { error: `Give one of ${severities.join(', ')}.` }).default('warning'),
  deploymentId: deploymentIdField
    .nullable()
    .default(null)
    .meta({ description: 'Only what belongs to a registered deployment is ever remedied.' }),
  resource: line(400).meta({
    description: 'Where: an ARN, or the name or id of one of the resources of the deployment.',
  }),
  key: line(200).optional().meta({
    description: 'Tells two findings of one kind at one resource apart, such as the name of a rule.',
  }),
  title: line(200),
  reason: line(1000),
  tags: tagsField.default({}),
  details: findingDetailsSchema.default({}),
  at: instant.optional().meta({ description: 'ISO 8601: when it was seen so; now when left out.' }),
});
export type ToldFinding = z.output<typeof toldFinding>;

/** What a team's own guardrail engine tells. */
export const toldFindingsSchema = z
  .strictObject({
    source: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9._-]{0,62}$/,
        'Give 1 to 63 lower-case letters, digits, dots, underscores or hyphens.',
      )
      .refine((source) => source !== 'homeostat', 'Give a name of its own: homeostat is taken.')
      .meta({ description: 'What the engine calls itself: the same finding of another source is another.' }),
    findings: z.array(toldFinding).min(1, 'Give at least one finding.').max(100, 'Give at most 100 at once.'),
  })
  .meta({ id: 'ToldFindings' });
export type ToldFindings = z.output<typeof toldFindingsSchema>;

export const notedSchema = z.strictObject({
  repeated: z.boolean().meta({ description: 'This very delivery was taken before: nothing was done.' }),
  items: z.array(
    z.strictObject({
      id: z.string(),
      outcome: z.enum(['opened', 'reopened', 'updated', 'resolved', 'unchanged']),
    }),
  ),
});

export const findingIdSchema = z
  .string()
  .regex(
    /^[0-9a-f]{32}$/,
    'Give the id of a finding, 32 letters and digits, as the list of findings shows it.',
  )
  .meta({ description: 'The id of a finding.' });

export const findingKindSchema = z.enum(findingKinds);

/** A finding as answers show it. */
export const findingViewSchema = z
  .strictObject({
    id: z.string(),
    kind: findingKindSchema,
    state: z.enum(['open', 'resolved']),
    severity: z.enum(severities),
    deploymentId: z.string().nullable(),
    resource: z.string(),
    title: z.string(),
    reason: z.string(),
    tags: z.record(z.string(), z.string()),
    source: z.string(),
    details: z.record(z.string(), z.unknown()),
    occurrence: z.number().meta({ description: 'Larger each time it opens again.' }),
    openedAt: isoInstant,
    updatedAt: isoInstant,
    resolvedAt: isoInstant.nullable(),
    revision: z.int(),
  })
  .meta({ id: 'Finding' });

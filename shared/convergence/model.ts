import * as z from 'zod';
import { deploymentIdField } from '../platform/api/fields.ts';
import { errorCodes } from '../platform/errors.ts';
import { slugField } from '../status-pages/api.ts';

/** So many changes fit into one request; a file with more is applied in several. */
export const mostChanges = 100;

/**
 * In the order in which they are put, for each may name things of those before it; they are removed in the reverse one.
 * Policies are the last, so that those that come stand beside those that go: two may not speak of the same.
 */
export const changeKinds = [
  'deployment',
  'check',
  'channel',
  'alerting',
  'maintenance',
  'rule',
  'scaler',
  'statusPage',
  'policy',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** Any object here: each definition is held against its own schema, so that one wrong definition is one refusal. */
const definition = z.record(z.string(), z.unknown());

const name = z.string().min(1).max(100);
const op = z.literal('remove');

const changeSchema = z.union(
  [
    z.strictObject({ op: z.literal('put'), kind: z.enum(changeKinds), definition }),
    z.strictObject({
      op,
      kind: z.literal('check'),
      deploymentId: deploymentIdField.default('default'),
      name,
    }),
    z.strictObject({ op, kind: z.literal('deployment'), deploymentId: deploymentIdField }),
    z
      .strictObject({ op, kind: z.literal('scaler'), deploymentId: deploymentIdField, name })
      .meta({ description: 'A scaling rule.' }),
    z.strictObject({
      op,
      kind: z.literal('rule'),
      deploymentId: z
        .union([z.literal('*'), z.null(), deploymentIdField])
        .default('default')
        .transform((given) => (given === '*' ? null : given))
        .meta({ description: '`*` or null for a rule of all deployments.' }),
      name,
    }),
    z.strictObject({ op, kind: z.enum(['channel', 'maintenance']), name }),
    z.strictObject({ op, kind: z.literal('policy'), name }),
    z.strictObject({ op, kind: z.literal('statusPage'), slug: slugField }),
    z
      .strictObject({ op, kind: z.literal('alerting') })
      .meta({ description: 'The settings: their defaults are back.' }),
  ],
  {
    error: `Give {op: "put", kind, definition} with a kind of ${changeKinds.join(', ')}; or {op: "remove"} with {kind: "check", "rule" or "scaler", deploymentId, name}, {kind: "channel", "maintenance" or "policy", name}, {kind: "statusPage", slug}, {kind: "deployment", deploymentId} or {kind: "alerting"}.`,
  },
);

export const applyRequestSchema = z.strictObject({
  dryRun: z.boolean().default(false).meta({ description: 'Decide everything and write nothing.' }),
  changes: z
    .array(changeSchema)
    .min(1, 'Give at least one change.')
    .max(mostChanges, `Give at most ${mostChanges} changes a request.`),
});

export const applyAnswerSchema = z.strictObject({
  dryRun: z.boolean(),
  outcomes: z
    .array(
      z.strictObject({
        kind: z.enum(changeKinds),
        id: z.string().nullable().meta({
          description:
            'The id of what was changed, `alerting` for the settings; null when it could not be told.',
        }),
        outcome: z.enum(['created', 'updated', 'unchanged', 'removed', 'refused', 'held']).meta({
          description: '`held`: right in itself, and not made because another change of the request is not.',
        }),
        revision: z.int().nullable(),
        code: z.enum(Object.keys(errorCodes) as [string, ...string[]]).optional(),
        detail: z.string().optional(),
        errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
      }),
    )
    .meta({ description: 'One for each change, in the order of the request.' }),
});

export type Change = z.output<typeof changeSchema>;
export type ApplyRequest = z.input<typeof applyRequestSchema>;
export type ApplyAnswer = z.output<typeof applyAnswerSchema>;
export type Outcome = ApplyAnswer['outcomes'][number];

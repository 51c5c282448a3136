import * as z from 'zod';
import { deploymentIdField } from '../platform/api/fields.ts';
import { errorCodes } from '../platform/errors.ts';

/** So many changes fit into one request; a file with more is applied in several. */
export const mostChanges = 100;

/** Any object here: each definition is held against its own schema, so that one wrong definition is one refusal. */
const definition = z.record(z.string(), z.unknown());

const changeSchema = z.union(
  [
    z.strictObject({ op: z.literal('put'), kind: z.enum(['check', 'deployment']), definition }),
    z.strictObject({
      op: z.literal('remove'),
      kind: z.literal('check'),
      deploymentId: deploymentIdField.default('default'),
      name: z.string().min(1).max(100),
    }),
    z.strictObject({
      op: z.literal('remove'),
      kind: z.literal('deployment'),
      deploymentId: deploymentIdField,
    }),
  ],
  {
    error:
      'Give {op: "put", kind: "check" | "deployment", definition}, {op: "remove", kind: "check", deploymentId, name} or {op: "remove", kind: "deployment", deploymentId}.',
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
        kind: z.enum(['check', 'deployment']),
        id: z
          .string()
          .nullable()
          .meta({ description: 'The id of the check or deployment; null when it could not be told.' }),
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

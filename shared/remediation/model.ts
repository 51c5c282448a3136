import * as z from 'zod';
import { causes } from '../findings/index.ts';
import { actionKinds } from '../platform/action-kinds.ts';
import { isoInstant, line, pageOf } from '../platform/api/fields.ts';
import { severities } from '../platform/events.ts';
import { askedActions, workflows } from './plan.ts';
import { isPlanHash } from './plan-hash.ts';
import { brakeNames, remediationStatuses } from './remediation.ts';

/** What the routes of remediation take and answer with. */

export const planHashSchema = z
  .string()
  .max(64)
  .refine(isPlanHash, 'Give the hash of a plan: 64 hex digits.')
  .meta({ description: "The hash of a plan, which is also its remediation's id." });

const json = z.unknown().meta({ description: 'Any JSON.' });
const params = z.record(z.string(), json);

const resourceSchema = z.strictObject({ name: z.string(), type: z.string(), id: z.string() });
const undoSchema = z.strictObject({ kind: z.enum(actionKinds as [string, ...string[]]), params });

const plannedActionSchema = z.strictObject({
  kind: z.enum(actionKinds as [string, ...string[]]),
  resource: resourceSchema,
  params,
  summary: z.string(),
  before: json,
  expected: json,
  undo: undoSchema.nullable().meta({ description: 'Null: it cannot be taken back.' }),
  risk: z.enum(['low', 'medium', 'high']),
  permissions: z.array(z.strictObject({ actions: z.array(z.string()), resources: z.array(z.string()) })),
});

const approvalSchema = z.strictObject({
  mode: z.enum(['auto', 'manual']),
  people: z.int(),
  by: z.array(z.string()).meta({ description: 'Who counts; empty: anyone with the scope operate.' }),
  anotherPerson: z.boolean().meta({ description: 'Whoever asked for it does not count.' }),
  expiresSeconds: z.number(),
});

export const planViewSchema = z
  .strictObject({
    hash: z.string(),
    workflow: z.enum(workflows),
    deploymentId: z.string(),
    environment: z.string(),
    occasion: z.strictObject({
      kind: z.string(),
      id: z.string(),
      occurrence: z.string(),
      title: z.string(),
      severity: z.enum(severities),
      checkIds: z.array(z.string()),
      cause: z.enum(causes).optional().meta({ description: 'What is the matter with an unhealthy service.' }),
    }),
    policy: z
      .strictObject({ id: z.string(), name: z.string(), revision: z.int(), section: z.string() })
      .nullable()
      .meta({ description: 'Null: a person asked, and no policy speaks of it.' }),
    actions: z.array(plannedActionSchema),
    approval: approvalSchema,
    limits: z.strictObject({ maxCount: z.number().nullable(), maxPercent: z.number().nullable() }),
    attempts: z.strictObject({ max: z.int(), backoff: z.enum(['exponential', 'constant']) }),
    verification: z.strictObject({
      checkIds: z.array(z.string()),
      afterSeconds: z.number(),
      deadlineSeconds: z.number(),
    }),
    savingsUsdPerMonth: z.number().nullable(),
    undoOf: z.string().nullable(),
    madeAt: isoInstant,
    madeBy: z.string(),
  })
  .meta({ id: 'Plan' });

const summaryFields = {
  id: z.string().meta({ description: 'The hash of its plan.' }),
  deploymentId: z.string(),
  environment: z.string(),
  workflow: z.enum(workflows),
  title: z.string(),
  severity: z.enum(severities),
  policy: z.string().nullable(),
  status: z.enum(remediationStatuses),
  reason: z.string(),
  attempt: z.int(),
  actions: z.array(z.string()),
  resources: z.array(z.string()),
  madeBy: z.string(),
  undoOf: z.string().nullable(),
  undoneBy: z.string().nullable(),
  startedAt: isoInstant,
  updatedAt: isoInstant,
  endedAt: isoInstant.nullable(),
};
export const remediationSummarySchema = z.strictObject(summaryFields).meta({ id: 'RemediationSummary' });
export const remediationPageSchema = pageOf(remediationSummarySchema);

const progressSchema = z.strictObject({
  state: z.enum(['pending', 'applying', 'applied', 'failed', 'unknown']),
  attempt: z.int(),
  startedAt: isoInstant.nullable(),
  endedAt: isoInstant.nullable(),
  reason: z.string().nullable(),
});
const holdSchema = z.strictObject({
  brake: z.enum(brakeNames),
  reason: z.string(),
  untilAt: isoInstant.nullable().meta({ description: 'When it is over by itself; null when it is not.' }),
});

export const remediationViewSchema = z
  .strictObject({
    ...summaryFields,
    approvals: z.array(z.strictObject({ by: z.string(), at: isoInstant, comment: z.string().nullable() })),
    rejectedBy: z.string().nullable(),
    approveBy: isoInstant.nullable().meta({ description: 'After it nobody can approve any more.' }),
    progress: z.array(progressSchema).meta({ description: 'One for each action of the plan.' }),
    holds: z.array(holdSchema).meta({ description: 'What holds it back now, or did in the end.' }),
    after: z
      .array(json)
      .meta({ description: 'What the world showed after the last attempt, an action each.' }),
    plan: planViewSchema,
  })
  .meta({ id: 'Remediation' });

const callSchema = z.strictObject({
  service: z.string(),
  operation: z.string(),
  at: isoInstant,
  durationMs: z.number(),
  outcome: z.enum(['ok', 'refused', 'unknown']),
  detail: z.string(),
});
export const logEntrySchema = z
  .strictObject({
    at: isoInstant,
    kind: z.string(),
    by: z.string(),
    attempt: z.int(),
    text: z.string(),
    call: callSchema.nullable(),
    before: json,
    after: json,
    durationMs: z.number().nullable(),
  })
  .meta({ id: 'RemediationLogEntry' });
export const logPageSchema = pageOf(logEntrySchema);

/** What people ask for; the parameters of its action are judged when it is planned. */
export const askSchema = z.strictObject({
  action: z.enum(askedActions),
  approve: z.boolean().default(false).meta({
    description:
      'Approve the very plan that is made of this. Refused where the policy wants another person, or several.',
  }),
  resource: line(300)
    .optional()
    .meta({
      description: 'One of the resources of the deployment, by name, id or ARN; needed where it has several.',
      examples: ['web'],
    }),
  kind: z.enum(actionKinds).optional().meta({
    description:
      'Which kind of action, where the usual one of the resource is not meant: another that `action` means, or one that no policy names, such as `cloudformation-continue`.',
  }),
  params: z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,49}$/, 'Name a parameter with 1 to 50 letters and digits.'),
      z.union([z.string().max(1000), z.number(), z.boolean()]),
    )
    .refine((given) => Object.keys(given).length <= 20, 'Give at most 20 parameters.')
    .optional()
    .meta({
      description: 'Of the action: `desired`, `by` or `factor` of a scaling.',
      examples: [{ desired: 4 }],
    }),
  dryRun: z
    .boolean()
    .default(false)
    .meta({ description: 'Show the plan; nothing is kept and nothing starts.' }),
});

export const askedSchema = z.strictObject({
  planHash: z.string(),
  remediationId: z.string().nullable().meta({ description: 'Null of a dry run.' }),
  status: z
    .enum(remediationStatuses)
    .nullable()
    .meta({ description: '`waiting`: for people. Null of a dry run.' }),
  reason: z.string(),
  plan: planViewSchema,
});

export const decisionSchema = z.strictObject({
  comment: line(1000).optional().meta({ description: 'Why; it stands in the record.' }),
});

export const stopSchema = z.strictObject({
  reason: line(500).default('no reason was given').meta({ description: 'Why; everybody who asks is told.' }),
});
export const stopViewSchema = z
  .strictObject({
    isOn: z.boolean().meta({ description: 'True: nothing is applied.' }),
    by: z.string().nullable(),
    reason: z.string().nullable(),
    at: isoInstant.nullable(),
  })
  .meta({ id: 'RemediationStop' });

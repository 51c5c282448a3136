import * as z from 'zod';
import { defaultDeploymentId, readDeployment } from '../catalog/index.ts';
import { findingDetailsSchema, findingIdSchema } from '../findings/api.ts';
import { findingKinds, loadFinding } from '../findings/index.ts';
import { noDeployment, type Reach, reachesHome, requireReach } from '../platform/api/caller.ts';
import { deploymentIdField, instant, isoInstant, line, tagsField } from '../platform/api/fields.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import { severities } from '../platform/events.ts';
import type { PolicyDecision } from '../policies/index.ts';
import { actionRegistry } from './actions/registry.ts';
import { type Explained, type Explanation, explainFinding, imaginedFinding } from './explain.ts';
import { brakeNames } from './remediation.ts';

const explainableKinds = [...findingKinds, 'release'] as const;

const imagined = z.strictObject({
  kind: z.enum(explainableKinds, { error: `Give one of ${explainableKinds.join(', ')}.` }),
  severity: z.enum(severities, { error: `Give one of ${severities.join(', ')}.` }).default('error'),
  resource: line(400).meta({
    description: 'Name, id or ARN of one of the resources of the deployment, or the name of a check.',
  }),
  tags: tagsField.default({}),
  details: findingDetailsSchema.default({}),
});

const explainSchema = z
  .strictObject({
    findingId: findingIdSchema.optional().meta({ description: 'A finding that is there.' }),
    finding: imagined.optional().meta({ description: 'Or one that you imagine.' }),
    deploymentId: deploymentIdField
      .default(defaultDeploymentId)
      .meta({ description: 'Of an imagined finding.' }),
    at: instant.optional().meta({ description: 'ISO 8601: as if it were then; now when left out.' }),
  })
  .refine(({ findingId, finding }) => (findingId === undefined) !== (finding === undefined), {
    error: 'Give either the id of a finding, or one that you imagine.',
    path: ['finding'],
  })
  .meta({ id: 'ExplainRequest' });

const policyShown = z.strictObject({ id: z.string(), name: z.string() });
const explanationSchema = z
  .strictObject({
    outcome: z.enum(['nothing', 'held', 'asks', 'runs']),
    summary: z.string(),
    at: isoInstant,
    finding: z.strictObject({
      id: z.string().nullable(),
      kind: z.enum(explainableKinds),
      severity: z.enum(severities),
      deploymentId: z.string().nullable(),
      resource: z.string(),
    }),
    decision: z.strictObject({
      policy: policyShown.nullable(),
      section: z.string().nullable(),
      action: z.string().nullable().meta({ description: 'What the policy wants done, as it says it.' }),
      approval: z.enum(['auto', 'manual']).nullable(),
      reason: z.string(),
    }),
    actions: z.array(
      z.strictObject({
        kind: z.string().meta({ description: 'The kind of action that this means for the resource.' }),
        resource: z.strictObject({ name: z.string(), type: z.string(), id: z.string() }),
        isDestructive: z.boolean(),
      }),
    ),
    refused: z.string().nullable().meta({ description: 'Why no plan could be made.' }),
    holds: z.array(
      z.strictObject({
        brake: z.enum(brakeNames),
        reason: z.string(),
        until: isoInstant.nullable().meta({ description: 'When it is over by itself, where that is known.' }),
      }),
    ),
    considered: z.array(
      z.strictObject({
        policy: policyShown.extend({ revision: z.int() }),
        isMatch: z.boolean(),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'Explanation' });

export const explainRoute = defineRoute({
  id: 'explainPolicies',
  function: 'api',
  method: 'POST',
  path: '/api/v1/monitoring/policies/explain',
  scope: 'read',
  summary: 'Explain what would be done',
  description:
    'Which policy speaks of a finding, what would be done, what holds it back, and why, for each policy that was considered. Nothing is planned, started or changed.',
  body: explainSchema,
  success: { status: 200, schema: explanationSchema },
  errors: ['NOT_FOUND'],
  async run({ body, caller }, world) {
    const at = body.at ?? world.clock();
    const finding = await findingFor(world, body, { at, reach: caller.deployments });
    const optedIn = world.setting('actionKinds').split(',').filter(Boolean);
    const ports = { state: world.state, telemetry: world.telemetry, optedIn, actions: actionRegistry };
    return { body: shown(await explainFinding(ports, finding, at), caller.deployments) };
  },
});

const findingFor = async (
  { state }: Pick<ApiWorld, 'state'>,
  { findingId, finding, deploymentId }: z.output<typeof explainSchema>,
  { at, reach }: { readonly at: number; readonly reach: Reach },
): Promise<Explained> => {
  if (findingId !== undefined) {
    const found = await loadFinding(state, findingId);
    if (found && reachesHome(reach, found.deploymentId)) return found;
    const detail = 'There is no such finding, or the token does not reach it.';
    throw new DomainError('NOT_FOUND', `${detail} List what it reaches at GET /api/v1/monitoring/findings.`);
  }
  requireReach(reach, deploymentId);
  const deployment = (await readDeployment(state, deploymentId))?.definition;
  if (!deployment && deploymentId !== defaultDeploymentId) throw noDeployment();
  if (!finding) throw new Error('the schema lets no request through without a finding');
  return imaginedFinding(deployment ?? { deploymentId }, finding, at);
};

const decided = (decision: PolicyDecision) => {
  if (decision.kind === 'none')
    return {
      policy: decision.policy ?? null,
      section: null,
      action: null,
      approval: null,
      reason: decision.reason,
    };
  const { policy, section, remedy, reason } = decision;
  return {
    policy: { id: policy.id, name: policy.name },
    section,
    action: remedy.action,
    approval: remedy.approval.mode,
    reason,
  };
};

const shown = (explanation: Explanation, reach: Reach) => {
  const { outcome, summary, at, finding, decision, actions, refused, holds, considered } = explanation;
  const { id, kind, severity, deploymentId, resource } = finding;
  return {
    outcome,
    summary,
    at: toIso(at),
    finding: { id: id === 'imagined' ? null : id, kind, severity, deploymentId, resource },
    decision: decided(decision),
    actions,
    refused: refused ?? null,
    holds: holds.map(({ brake, reason, untilAt }) => ({
      brake,
      reason,
      until: untilAt === undefined ? null : toIso(untilAt),
    })),
    // What policies say of other deployments is not the business of a token that does not reach them.
    considered: reach === '*' ? considered : considered.filter(({ isMatch }) => isMatch),
  };
};

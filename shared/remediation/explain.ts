import { type DeploymentDefinition, type DeploymentRecord, readDeployment } from '../catalog/index.ts';
import { type Finding, resourceNamed, resourceOfCheck } from '../findings/index.ts';
import { checkIdOf } from '../health/index.ts';
import { type ActionKind, actionGrants } from '../platform/action-kinds.ts';
import {
  type Considered,
  considerPolicies,
  loadPolicies,
  type PolicyDecision,
  type RemediableKind,
} from '../policies/index.ts';
import type { Actions } from './action-for.ts';
import { type BrakePorts, loadBrakeWorld } from './brake-world.ts';
import { decideBrakes } from './brakes.ts';
import type { Plan, PlannedAction } from './plan.ts';
import { withHash } from './plan-hash.ts';
import type { PlanRequest } from './plan-request.ts';
import { type Target, targetsOf } from './plan-targets.ts';
import { verificationOf } from './plan-verification.ts';
import type { Hold } from './remediation.ts';
import { requestFor } from './request-for.ts';

/** A finding that is there, or one that somebody imagines; a release that failed is one of the kind `release`. */
export type Explained = Omit<Finding, 'kind'> & { readonly kind: RemediableKind };

export type ExplainPorts = Omit<BrakePorts, 'actions' | 'nameWriter'> & { readonly actions: Actions };

export type Explanation = {
  readonly finding: Explained;
  /** Epoch ms: for when it is explained. */
  readonly at: number;
  /** Each policy with what it said, whether it decides or not. */
  readonly considered: readonly Considered[];
  readonly decision: PolicyDecision;
  /** What would be planned; empty when nothing would. */
  readonly actions: readonly (Pick<PlannedAction, 'kind' | 'resource'> & {
    readonly isDestructive: boolean;
  })[];
  /** Why no plan could be made although a policy wants a remedy. */
  readonly refused?: string | undefined;
  /** What would hold it back at that instant, as far as that is known now. */
  readonly holds: readonly Hold[];
  readonly outcome: 'nothing' | 'held' | 'asks' | 'runs';
  /** One sentence that says it all. */
  readonly summary: string;
};

/**
 * What would be done about a finding at `at`, what holds it back, and why. Goes the way that the responder and the gate
 * go, without looking at the resources themselves, and changes nothing.
 */
export const explainFinding = async (
  ports: ExplainPorts,
  finding: Explained,
  at: number,
): Promise<Explanation> => {
  const record =
    finding.deploymentId === null ? undefined : await readDeployment(ports.state, finding.deploymentId);
  const deployment = record?.definition;
  const { decision, considered } = considerPolicies(await loadPolicies(ports.state), finding, {
    deployment,
    resource: deployment && resourceNamed(deployment, finding.resource),
    now: at,
  });
  const said = { finding, at, considered, decision };
  if (decision.kind === 'none' || !record)
    return {
      ...said,
      actions: [],
      holds: [],
      outcome: 'nothing',
      summary: `Nothing is done. ${decision.reason}`,
    };
  const targets = targetsFor(ports.actions, finding, decision, record.definition);
  if ('refused' in targets) {
    const summary = `Nothing is done: no plan can be made. ${targets.refused}`;
    return { ...said, actions: [], refused: targets.refused, holds: [], outcome: 'nothing', summary };
  }
  const plan = await supposedPlan(ports, record, { ...targets, decision, at });
  const holds = decideBrakes(await loadBrakeWorld(ports, plan, { now: at }));
  const actions = plan.actions.map(({ kind, resource }) => ({
    kind,
    resource,
    isDestructive: isDestructive(kind),
  }));
  return { ...said, actions, holds, ...outcomeOf(plan, decision, holds) };
};

type Remedied = Extract<PolicyDecision, { kind: 'remedy' }>;
type Wanted = { readonly request: PlanRequest; readonly targets: readonly Target[] };

const isDestructive = (kind: ActionKind): boolean => 'isDestructive' in actionGrants[kind];

const targetsFor = (
  actions: Actions,
  finding: Explained,
  decision: Remedied,
  deployment: DeploymentDefinition,
): Wanted | { readonly refused: string } => {
  // Of a release the planner is asked for the whole deployment; everything else names what it was found at.
  const request =
    finding.kind === 'release'
      ? releaseRequest(finding, decision, deployment)
      : requestFor({ ...finding, kind: finding.kind }, decision, deployment);
  if ('refused' in request) return request;
  const targets = targetsOf(actions, deployment, request);
  return 'refused' in targets ? targets : { request, targets };
};

const releaseRequest = (
  { id, occurrence, title, severity, details }: Explained,
  { remedy, policy, section, limits, brakes }: Remedied,
  { deploymentId }: DeploymentDefinition,
): PlanRequest => ({
  occasion: {
    kind: 'release',
    id,
    occurrence: String(occurrence),
    title,
    severity,
    checkIds: details.checkIds ?? [],
  },
  deploymentId,
  workflow: 'rollback',
  action: remedy.action,
  resources: [],
  params: remedy.params,
  policy: { ...policy, section, limits, brakes },
  remedy,
  madeBy: `policy:${policy.name}`,
});

/** A plan as the planner would make it, without what it would read: enough for every brake. It is never kept. */
const supposedPlan = async (
  { state, actions: registry }: ExplainPorts,
  { definition }: DeploymentRecord,
  { request, targets, decision, at }: Wanted & { readonly decision: Remedied; readonly at: number },
): Promise<Plan> => {
  const actions = targets.map(
    ({ kind, resource: { name, type, id }, params }): PlannedAction => ({
      kind,
      resource: { name, type, id },
      params,
      summary: `${decision.remedy.action} ${name}`,
      before: null,
      expected: null,
      risk: 'medium',
      permissions: [],
    }),
  );
  const { remedy } = decision;
  const isManualOnly = actions.some(({ kind }) => registry[kind]?.manualOnly === true);
  const maxCounts = [decision.limits.maxCount, remedy.maxResources].filter((count) => count !== undefined);
  return withHash({
    workflow: request.workflow,
    deploymentId: request.deploymentId,
    environment: definition.environment,
    occasion: request.occasion,
    policy: { ...decision.policy, section: decision.section },
    actions,
    approval: isManualOnly ? { ...remedy.approval, mode: 'manual' } : remedy.approval,
    limits: {
      ...decision.limits,
      ...(maxCounts.length > 0 && { maxCount: Math.min(...maxCounts) }),
    },
    brakes: decision.brakes,
    attempts: { max: remedy.maxAttempts, backoff: remedy.backoff },
    verification: await verificationOf({ state }, definition, request, actions),
    madeAt: at,
    madeBy: request.madeBy,
  });
};

const outcomeOf = (
  { actions, approval }: Plan,
  { policy }: Remedied,
  holds: readonly Hold[],
): Pick<Explanation, 'outcome' | 'summary'> => {
  const what = actions.map(({ kind, resource: { name } }) => `${kind} of ${name}`).join(', ');
  const [hold, ...others] = holds;
  if (hold) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return {
      outcome: 'held',
      summary: `${policy.name} would have ${what}, but it is held: ${hold.reason}${more}`,
    };
  }
  if (approval.mode === 'auto')
    return { outcome: 'runs', summary: `${policy.name} has ${what} without asking.` };
  const who = approval.people === 1 ? 'somebody approves' : `${approval.people} people approve`;
  return { outcome: 'asks', summary: `${policy.name} plans ${what}, and waits until ${who} it.` };
};

/** What somebody imagines: as a finding that was just opened. The checks of its resource tell whether it is well. */
export const imaginedFinding = (
  deployment: Pick<DeploymentDefinition, 'deploymentId' | 'resources'>,
  imagined: Pick<Explained, 'kind' | 'severity' | 'resource' | 'tags' | 'details'>,
  at: number,
): Explained => {
  const { deploymentId } = deployment;
  const resource = resourceNamed(deployment, imagined.resource);
  const ofCheck = resource ? undefined : resourceOfCheck(deployment, imagined.resource);
  const isOfChecks = imagined.kind === 'unhealthy' || imagined.kind === 'exhausted';
  const names = ofCheck ? [imagined.resource] : (resource?.checks ?? []);
  const checkIds = names.map((name) => checkIdOf(deploymentId, name));
  return {
    ...imagined,
    id: 'imagined',
    state: 'open',
    deploymentId,
    resource: ofCheck?.name ?? imagined.resource,
    title: `${imagined.kind} of ${imagined.resource}, imagined`,
    reason: 'imagined',
    source: 'homeostat',
    details: { ...(isOfChecks && checkIds.length > 0 && { checkIds }), ...imagined.details },
    occurrence: 1,
    openedAt: at,
    updatedAt: at,
    revision: 0,
  };
};

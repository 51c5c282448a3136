import type { DeploymentDefinition } from '../catalog/index.ts';
import { type Finding, resourceOf } from '../findings/index.ts';
import type { PolicyDecision, Remedy, RemedyAction } from '../policies/index.ts';
import type { Workflow } from './plan.ts';
import type { Params, PlanRequest, WantedResource } from './plan-request.ts';

/** What is to be done about a finding, by a policy or by a person's wish. */
export type Wanted = Pick<PlanRequest, 'policy' | 'madeBy'> & {
  readonly remedy: PlanRequest['remedy'] & Pick<Remedy, 'action' | 'maxScale' | 'params'>;
  /** What makes the same remedy of the same finding another plan tomorrow. */
  readonly occurrence: string;
};

/** Which workflow remedies a finding of this kind. */
export const workflowFor = (kind: Finding['kind'], action: RemedyAction): Workflow => {
  if (kind === 'drift' || kind === 'violation') return 'drift';
  if (kind === 'idle' || kind === 'oversized' || kind === 'cost') return 'cost';
  return action === 'scale_up' || action === 'scale_down' ? 'scale' : 'heal';
};

/**
 * What the planner is asked for, for a finding and what the policies say of it. Pure. `round` grows when the world
 * overtook the plan before. A sentence where nobody knows what to change: then nothing is.
 */
export const requestFor = (
  finding: Finding,
  { policy, section, limits, brakes, remedy }: Extract<PolicyDecision, { kind: 'remedy' }>,
  deployment: Pick<DeploymentDefinition, 'deploymentId' | 'resources'>,
  round = 0,
): PlanRequest | { readonly refused: string } =>
  requestOf(
    finding,
    {
      remedy,
      policy: { ...policy, section, limits, brakes },
      madeBy: `policy:${policy.name}`,
      occurrence: round === 0 ? String(finding.occurrence) : `${finding.occurrence}.${round}`,
    },
    deployment,
  );

/** The same, for whoever wants it. */
export const requestOf = (
  finding: Finding,
  { remedy, policy, madeBy, occurrence }: Wanted,
  deployment: Pick<DeploymentDefinition, 'deploymentId' | 'resources'>,
): PlanRequest | { readonly refused: string } => {
  const resource = wantedOf(finding, remedy.action, deployment);
  if ('refused' in resource) return resource;
  return {
    occasion: {
      kind: finding.kind,
      id: finding.id,
      occurrence,
      title: finding.title,
      severity: finding.severity,
      checkIds: finding.details.checkIds ?? [],
      ...(finding.details.cause && { cause: finding.details.cause }),
    },
    deploymentId: deployment.deploymentId,
    workflow: workflowFor(finding.kind, remedy.action),
    action: remedy.action,
    resources: [resource],
    params: paramsOf(finding, remedy),
    policy,
    remedy,
    savingsUsdPerMonth: finding.details.savingsUsdPerMonth,
    madeBy,
  };
};

const wantedOf = (
  finding: Finding,
  action: RemedyAction,
  deployment: Pick<DeploymentDefinition, 'deploymentId' | 'resources'>,
): WantedResource | { readonly refused: string } => {
  const orchestrator = deployment.resources?.find(({ type }) => type === 'orchestrator');
  if (action === 'webhook')
    return { resource: orchestrator ?? { name: 'orchestrator', type: 'orchestrator', id: 'orchestrator' } };
  const { typeName, identifier } = finding.details;
  const named = resourceOf(deployment, { resource: finding.resource });
  if (named) return { resource: named };
  if (action === 'fix' && typeName !== undefined && identifier !== undefined) {
    return {
      resource: {
        name: finding.resource,
        type: 'cloudcontrol-resource',
        id: identifier,
        settings: { typeName },
      },
    };
  }
  return {
    refused: `${finding.resource} is none of the resources of ${deployment.deploymentId}, or stands for several: list it in the deployment's resources, with the checks that tell whether it is well.`,
  };
};

/** What a policy says goes before what was found. */
const paramsOf = ({ details }: Finding, remedy: Wanted['remedy']): Params => ({
  ...(remedy.action === 'fix' &&
    details.patch !== undefined && { patch: details.patch as unknown as Params[string] }),
  ...(remedy.action === 'scale_up' && remedy.maxScale !== undefined && { maxScale: remedy.maxScale }),
  ...remedy.params,
});

import { readDeployment } from '../catalog/index.ts';
import { type Finding, resourceOf } from '../findings/index.ts';
import type { FunctionClient } from '../platform/aws/function.aws.ts';
import type { Clock } from '../platform/clock.ts';
import {
  type Considered,
  considerPolicies,
  loadPolicies,
  type PolicyDecision,
  type PolicyRecord,
} from '../policies/index.ts';
import { type BrakePorts, loadBrakeWorld } from './brake-world.ts';
import { decideBrakes } from './brakes.ts';
import type { Plan } from './plan.ts';
import { isRefused } from './plan-request.ts';
import { invokePlanner } from './planner-message.ts';
import type { Hold } from './remediation.ts';
import { requestFor } from './request-for.ts';

export type ExplainWorld = BrakePorts & {
  readonly planner: Pick<FunctionClient, 'invoke'>;
  readonly clock: Clock;
};

/** What would be done about a finding now, and what would hold it back. Nothing is kept or started. */
export type Explained = {
  readonly decision: PolicyDecision;
  readonly considered: readonly Considered[];
  readonly plan?: Plan | undefined;
  /** Why there is no plan although a policy wants one. */
  readonly refused?: string | undefined;
  readonly holds: readonly Hold[];
};

/** `policies` in place of those that are kept: what would be, were they written so. */
export const explainFinding = async (
  world: ExplainWorld,
  finding: Finding,
  policies?: readonly PolicyRecord[],
): Promise<Explained> => {
  const now = world.clock();
  const { deploymentId } = finding;
  const record = deploymentId === null ? undefined : await readDeployment(world.state, deploymentId);
  const deployment = record?.definition;
  const { decision, considered } = considerPolicies(policies ?? (await loadPolicies(world.state)), finding, {
    deployment,
    resource: deployment && resourceOf(deployment, finding),
    now,
  });
  if (decision.kind === 'none' || !deployment) return { decision, considered, holds: [] };
  const request = requestFor(finding, decision, deployment);
  if ('refused' in request) return { decision, considered, refused: request.refused, holds: [] };
  const answer = await invokePlanner(world.planner, request);
  if (isRefused(answer)) return { decision, considered, refused: answer.refused, holds: [] };
  const holds = decideBrakes(await loadBrakeWorld(world, answer, { now }));
  return { decision, considered, plan: answer, holds };
};

import type { DeploymentDefinition } from '../catalog/index.ts';
import { resourceNamed } from '../findings/index.ts';
import { checkIdOf, checksIn, isPaused } from '../health/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import type { Table } from '../storage/table.ts';
import type { Plan, PlannedAction, Workflow } from './plan.ts';
import type { PlanRequest } from './plan-request.ts';

/** How long an action may take until it shows, where that is longer than its workflow waits. */
const slowSeconds: Partial<Record<ActionKind, number>> = {
  'asg-refresh': 3600,
  reprovision: 3600,
  'ec2-replace': 1800,
  'rds-reboot': 1800,
  'rds-failover': 1800,
  'ssm-automation': 3600,
  'ssm-run-command': 1800,
  'codedeploy-rollback': 3600,
  'cloudformation-continue': 3600,
  'cloudformation-cancel': 3600,
  'cloudformation-rollback': 3600,
  'ebs-snapshot-delete': 3600,
};
const usualSeconds: Record<Workflow, number> = {
  heal: 300,
  drift: 600,
  cost: 900,
  rollback: 900,
  scale: 900,
};
/** More checks than these say nothing more of a deployment. */
const mostChecks = 50;

/** What stopping is for is that nothing answers any more. */
const silencing = ['stop', 'snapshot_delete'];

/** By which checks and until when it is seen whether the plan helped. */
export const verificationOf = async (
  world: { readonly state: Pick<Table, 'query'> },
  deployment: DeploymentDefinition,
  request: PlanRequest,
  actions: readonly PlannedAction[],
): Promise<Plan['verification']> => {
  const slow = actions.map(({ kind }) => slowSeconds[kind] ?? 0);
  const afterSeconds = Math.max(0, request.remedy.waitSeconds);
  return {
    checkIds: [...new Set(await checkIdsOf(world, deployment, request, actions))].sort().slice(0, mostChecks),
    afterSeconds,
    deadlineSeconds: afterSeconds + Math.max(usualSeconds[request.workflow], ...slow),
  };
};

const checkIdsOf = async (
  { state }: { readonly state: Pick<Table, 'query'> },
  deployment: DeploymentDefinition,
  { occasion, workflow, action }: PlanRequest,
  actions: readonly PlannedAction[],
): Promise<readonly string[]> => {
  if (occasion.kind === 'undo' || (action !== undefined && silencing.includes(action))) return [];
  if (occasion.checkIds.length > 0) return occasion.checkIds;
  if (workflow !== 'heal' && workflow !== 'rollback') return [];
  const changed = actions.map(({ resource }) => resourceNamed(deployment, resource.name));
  const named = changed.flatMap((resource) => resource?.checks ?? []);
  if (named.length > 0) return named.map((name) => checkIdOf(deployment.deploymentId, name));
  // A deployment of one resource, or one whose resources name no checks: all of its checks tell.
  if (changed.some((resource) => resource?.checks !== undefined)) return [];
  const ids: string[] = [];
  for await (const page of checksIn(state, [deployment.deploymentId])) {
    ids.push(...page.filter((check) => !isPaused(check)).map(({ id }) => id));
  }
  return ids;
};

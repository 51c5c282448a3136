import type { EcsService } from '../../platform/aws/actions/ecs.aws.ts';
import { ActionRefused, type ActionVerdict, type Image } from './action.ts';
import type { ActionPorts } from './ports.ts';

/** What the actions on a service read of it. */
export type ServiceImage = {
  readonly status: string;
  readonly desired: number;
  /** ARN with revision. */
  readonly taskDefinition: string;
  readonly strategy: string;
  readonly controller: string;
};

export const serviceOf = async (ports: ActionPorts, id: string): Promise<EcsService> => {
  if (!/^[^/]+\/[^/]+$/.test(id)) throw new ActionRefused(`${id} is no cluster/service`);
  const service = await (await ports.ecs()).service(id);
  if (!service) throw new ActionRefused(`there is no ECS service ${id} in this account and region`);
  return service;
};

export const imageOf = (service: EcsService): Omit<Image, 'before'> & { readonly before: ServiceImage } => {
  const { status, desired, taskDefinition, strategy, controller, arn, tags } = service;
  return {
    before: { status, desired, taskDefinition, strategy, controller },
    permissions: [{ actions: ['ecs:UpdateService'], resources: [arn] }],
    arn,
    tags,
  };
};

export const notActive = (id: string, { status }: Pick<ServiceImage, 'status'>): string | undefined =>
  status === 'ACTIVE' ? undefined : `ECS says the service ${id} is ${status}: it cannot be changed`;

/** CodeDeploy and external controllers keep deployments to themselves; ECS refuses to begin one. */
export const deploysElsewhere = (
  id: string,
  { controller }: Pick<ServiceImage, 'controller'>,
): string | undefined =>
  controller === 'ECS'
    ? undefined
    : `deployments of the service ${id} are made by ${controller === 'CODE_DEPLOY' ? 'CodeDeploy' : 'an external controller'}, not by ECS`;

/** `arn:…:task-definition/shop:12` → `shop:12`. */
export const revisionName = (taskDefinition: string): string =>
  taskDefinition.slice(taskDefinition.lastIndexOf('/') + 1);

export type DeploymentReceipt = { readonly deploymentId: string };

/** A deployment that was begun: done when it is the only one, and all its tasks run. */
export const verifyDeployment = (
  id: string,
  service: EcsService,
  deploymentId: string | undefined,
): ActionVerdict => {
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
  const after = {
    taskDefinition: revisionName(service.taskDefinition),
    running: primary?.running ?? 0,
    desired: service.desired,
  };
  if (!primary) return { state: 'pending', reason: `ECS tells no deployment of ${id} yet`, after };
  if (deploymentId !== undefined && primary.id !== deploymentId)
    return { state: 'failed', reason: `another deployment of ${id} took the place of this one`, after };
  const failed = primary.failedTasks === 0 ? '' : `, ${primary.failedTasks} tasks failed`;
  const why = primary.rolloutReason === undefined ? '' : `: ${primary.rolloutReason}`;
  const reason = `ECS says ${primary.running} of ${service.desired} tasks of ${id} run${failed}${why}`;
  if (primary.rollout === 'FAILED') return { state: 'failed', reason, after };
  const others = service.deployments.filter((one) => one !== primary && one.running > 0);
  const isDone = primary.rollout === undefined || primary.rollout === 'COMPLETED';
  const isThere = isDone && primary.running >= service.desired && others.length === 0;
  return { state: isThere ? 'verified' : 'pending', reason, after };
};

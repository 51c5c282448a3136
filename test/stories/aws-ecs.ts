import { type AwsRequest, type AwsState, arnOf, Refused, type Tags } from './aws-state.ts';

/** Elastic Container Service, JSON 1.1: what `DescribeServices`, `UpdateService` and `ListTaskDefinitions` say. */

export type EcsService = {
  /** As ECS tells it. */
  arn: string;
  desired: number;
  running: number;
  /** Whole ARN. */
  taskDefinition: string;
  deploymentNo: number;
  /** Epoch ms. */
  deployedAt: number;
  /** Tasks start at once unless a story says otherwise. */
  isStuck: boolean;
  readonly tags: Tags;
};

export const taskDefinitionArn = (name: string): string => arnOf('ecs', `task-definition/${name}`);

export const ecsService = (
  id: string,
  fields: Partial<EcsService> & { readonly tags: Tags },
): EcsService => ({
  arn: arnOf('ecs', `service/${id}`),
  desired: 2,
  running: 2,
  taskDefinition: taskDefinitionArn('web:1'),
  deploymentNo: 1,
  deployedAt: 0,
  isStuck: false,
  ...fields,
});

const shown = (id: string, service: EcsService) => {
  const { desired, running, taskDefinition, deploymentNo, deployedAt, isStuck, tags, arn } = service;
  const [cluster, serviceName] = id.split('/');
  return {
    serviceArn: arn,
    serviceName,
    clusterArn: arnOf('ecs', `cluster/${cluster}`),
    status: 'ACTIVE',
    desiredCount: desired,
    runningCount: running,
    pendingCount: 0,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    taskDefinition,
    deployments: [
      {
        id: `ecs-svc/${String(deploymentNo).padStart(19, '0')}`,
        status: 'PRIMARY',
        taskDefinition,
        desiredCount: desired,
        runningCount: running,
        pendingCount: 0,
        failedTasks: 0,
        createdAt: deployedAt / 1000,
        rolloutState: isStuck ? 'IN_PROGRESS' : 'COMPLETED',
      },
    ],
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  };
};

type Update = {
  readonly cluster?: string;
  readonly service?: string;
  readonly desiredCount?: number;
  readonly taskDefinition?: string;
  readonly forceNewDeployment?: boolean;
};

const update = (state: AwsState, input: Update, at: number) => {
  const id = `${input.cluster}/${input.service}`;
  const service = state.services.get(id);
  if (!service) throw new Refused('ServiceNotFoundException', 'Service not found.');
  if (input.taskDefinition !== undefined) {
    if (!state.taskDefinitions.includes(input.taskDefinition))
      throw new Refused('ClientException', 'Unable to describe task definition.');
    service.taskDefinition = input.taskDefinition;
  }
  if (input.taskDefinition !== undefined || input.forceNewDeployment) {
    service.deploymentNo++;
    service.deployedAt = at;
  }
  service.desired = input.desiredCount ?? service.desired;
  if (!service.isStuck) service.running = service.desired;
  return { service: shown(id, service) };
};

export const answerEcs = (state: AwsState, { operation, input, at }: AwsRequest): string => {
  switch (operation) {
    case 'DescribeServices': {
      const { cluster, services = [] } = input as { cluster?: string; services?: readonly string[] };
      const found = services.flatMap((name) => {
        const id = `${cluster}/${name.slice(name.lastIndexOf('/') + 1)}`;
        const service = state.services.get(id);
        return service ? [shown(id, service)] : [];
      });
      const failures = services.length > found.length ? [{ reason: 'MISSING' }] : [];
      return JSON.stringify({ services: found, failures });
    }
    case 'ListTaskDefinitions': {
      const start = taskDefinitionArn(`${String(input.familyPrefix)}:`);
      const revisionOf = (arn: string) => Number(arn.slice(start.length));
      const taskDefinitionArns = state.taskDefinitions
        .filter((arn) => arn.startsWith(start))
        .sort((left, right) => revisionOf(right) - revisionOf(left));
      return JSON.stringify({ taskDefinitionArns });
    }
    case 'UpdateService':
      return JSON.stringify(update(state, input, at));
    default:
      throw new Refused('UnknownOperationException', `ECS of this story knows no ${operation}`);
  }
};

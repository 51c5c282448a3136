import {
  DescribeServicesCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { type ClientWorld, clientOptions, noted } from './clients.ts';
import { isNamed } from './outcome.ts';

export type EcsDeployment = {
  readonly id: string;
  /** PRIMARY, ACTIVE (being replaced), INACTIVE. */
  readonly status: string;
  readonly taskDefinition: string;
  readonly running: number;
  readonly desired: number;
  readonly failedTasks: number;
  /** IN_PROGRESS, COMPLETED, FAILED; undefined where ECS does not tell. */
  readonly rollout: string | undefined;
  readonly rolloutReason: string | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
};

export type EcsService = {
  readonly arn: string;
  /** ACTIVE, DRAINING, INACTIVE. */
  readonly status: string;
  readonly desired: number;
  readonly running: number;
  readonly taskDefinition: string;
  /** REPLICA or DAEMON: a daemon's count is its instances'. */
  readonly strategy: string;
  /** ECS, CODE_DEPLOY or EXTERNAL. */
  readonly controller: string;
  readonly deployments: readonly EcsDeployment[];
  readonly tags: Readonly<Record<string, string>>;
};

export interface EcsPort {
  /** `id` is `cluster/service`. */
  service(id: string): Promise<EcsService | undefined>;
  /** ARNs of the revisions of a family that may be used, newest first, the last hundred. */
  revisions(family: string): Promise<readonly string[]>;
  /** Returns the id of the deployment that was begun, where ECS tells it. */
  redeploy(id: string): Promise<string | undefined>;
  setDesired(id: string, desired: number): Promise<void>;
  /** Returns the id of the deployment that was begun, where ECS tells it. */
  setTaskDefinition(id: string, taskDefinition: string): Promise<string | undefined>;
}

export const openEcs = (world: ClientWorld): EcsPort => {
  const reader = noted(new ECSClient(clientOptions(world, 'read')), world, 'ecs', 'read');
  const changer = noted(new ECSClient(clientOptions(world, 'change')), world, 'ecs', 'change');
  const options = { abortSignal: world.calls.signal };
  const parts = (id: string) => {
    const [cluster = '', service = ''] = id.split('/');
    return { cluster, service };
  };
  const deploy = async (
    id: string,
    change: { readonly forceNewDeployment?: true; readonly taskDefinition?: string },
  ): Promise<string | undefined> => {
    const { service } = await changer.send(new UpdateServiceCommand({ ...parts(id), ...change }), options);
    return service?.deployments?.find(({ status }) => status === 'PRIMARY')?.id;
  };
  return {
    service: async (id) => {
      const { cluster, service } = parts(id);
      const request = new DescribeServicesCommand({ cluster, services: [service], include: ['TAGS'] });
      const answer = await reader.send(request, options).catch((error: unknown) => {
        if (isNamed(error, 'ClusterNotFoundException')) return undefined;
        throw error;
      });
      const found = answer?.services?.[0];
      if (!found) return undefined;
      return {
        arn: found.serviceArn ?? '',
        status: found.status ?? 'unknown',
        desired: found.desiredCount ?? 0,
        running: found.runningCount ?? 0,
        taskDefinition: found.taskDefinition ?? '',
        strategy: found.schedulingStrategy ?? 'REPLICA',
        controller: found.deploymentController?.type ?? 'ECS',
        deployments: (found.deployments ?? []).map((one) => ({
          id: one.id ?? '',
          status: one.status ?? 'unknown',
          taskDefinition: one.taskDefinition ?? '',
          running: one.runningCount ?? 0,
          desired: one.desiredCount ?? 0,
          failedTasks: one.failedTasks ?? 0,
          rollout: one.rolloutState,
          rolloutReason: one.rolloutStateReason,
          createdAt: one.createdAt?.getTime() ?? 0,
        })),
        tags: Object.fromEntries((found.tags ?? []).map(({ key = '', value = '' }) => [key, value])),
      };
    },
    revisions: async (family) => {
      const { taskDefinitionArns = [] } = await reader.send(
        new ListTaskDefinitionsCommand({
          familyPrefix: family,
          status: 'ACTIVE',
          sort: 'DESC',
          maxResults: 100,
        }),
        options,
      );
      return taskDefinitionArns;
    },
    redeploy: (id) => deploy(id, { forceNewDeployment: true }),
    setDesired: async (id, desiredCount) => {
      await changer.send(new UpdateServiceCommand({ ...parts(id), desiredCount }), options);
    },
    setTaskDefinition: (id, taskDefinition) => deploy(id, { taskDefinition }),
  };
};

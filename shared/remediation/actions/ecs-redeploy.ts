import type { Action } from './action.ts';
import {
  type DeploymentReceipt,
  deploysElsewhere,
  imageOf,
  notActive,
  type ServiceImage,
  serviceOf,
  verifyDeployment,
} from './ecs-service.ts';

/** Replaces the tasks of a service by new ones of the same task definition, as its deployment settings say. */
export const ecsRedeploy: Action = {
  resourceTypes: ['ecs-service'],
  verbs: ['restart'],
  params: (z) => z.strictObject({}),
  read: async (ports, { id }) => imageOf(await serviceOf(ports, id)),
  propose: (image, { id }) => {
    const before = image as ServiceImage;
    const held = notActive(id, before) ?? deploysElsewhere(id, before);
    if (held !== undefined) return { refused: held };
    if (before.desired === 0 && before.strategy === 'REPLICA')
      return { refused: `the service ${id} is set to run no task: scale it instead` };
    return {
      expected: { taskDefinition: before.taskDefinition, desired: before.desired },
      summary: `Replace the tasks of the ECS service ${id} by new ones of the same task definition. There is nothing to take back.`,
      risk: 'low',
    };
  },
  apply: async (ports, { resource }, keep) => {
    const deploymentId = await (await ports.ecs()).redeploy(resource.id);
    if (deploymentId !== undefined) keep({ deploymentId });
  },
  verify: async (ports, { resource: { id } }, _appliedAt, receipt) => {
    const { deploymentId } = (receipt ?? {}) as Partial<DeploymentReceipt>;
    return verifyDeployment(id, await serviceOf(ports, id), deploymentId);
  },
};

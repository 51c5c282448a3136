import { describe, expect, test } from 'vitest';
import type { EcsService } from '../../../../shared/platform/aws/actions/ecs.aws.ts';
import type { Action } from '../../../../shared/remediation/actions/action.ts';
import type { ActionPorts } from '../../../../shared/remediation/actions/ports.ts';
import { actionRegistry } from '../../../../shared/remediation/actions/registry.ts';
import { imagesOvertaken } from '../../../../shared/remediation/world-changed.ts';
import { planned } from './planned.ts';

const definition = (revision: number) =>
  `arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:${revision}`;
const resource = { name: 'shop', type: 'ecs-service', id: 'main/shop' } as const;
const service: EcsService = {
  arn: 'arn:aws:ecs:eu-central-1:123456789012:service/main/shop',
  status: 'ACTIVE',
  desired: 2,
  running: 2,
  taskDefinition: definition(7),
  strategy: 'REPLICA',
  controller: 'ECS',
  deployments: [],
  tags: {},
};
const portsWith = (given: Partial<EcsService> = {}) =>
  ({
    ecs: async () => ({
      service: async () => ({ ...service, ...given }),
      revisions: async () => [definition(7), definition(6)],
    }),
  }) as unknown as ActionPorts;

/** How the gate finds a plan that was made before the service became so. */
const overtakenBy = async (given: Partial<EcsService>) => {
  const plan = await planned(portsWith(), 'ecs-rollback', resource);
  const action: Action = actionRegistry['ecs-rollback'];
  const { before } = await action.read(portsWith(given), resource, {});
  return imagesOvertaken([{ planned: plan, image: before }], 1)?.status;
};

describe('the rollback of an ECS service', () => {
  test('is not overtaken by autoscaling: how many tasks run is not what it changes', async () => {
    expect(await overtakenBy({ desired: 5, running: 4 })).toBeUndefined();
  });

  test('is overtaken by another release, and when the service is being deleted', async () => {
    expect(await overtakenBy({ taskDefinition: definition(8) })).toBe('superseded');
    expect(await overtakenBy({ status: 'DRAINING' })).toBe('superseded');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { type DeploymentResource, registerDeployment } from '../../../shared/catalog/index.ts';
import { makePlan } from '../../../shared/remediation/make-plan.ts';
import { defaultRemedy } from '../../../shared/remediation/plan-request.ts';
import { auto, openSmallWorld, type SmallWorld } from './small-world.ts';

const queue = 'https://sqs.eu-central-1.amazonaws.com/123456789012/orders';
const arn = 'arn:aws:ecs:eu-central-1:123456789012:service/main/shop';

let small: SmallWorld;
beforeEach(async () => {
  small = openSmallWorld();
  for (const id of [queue, arn, `${arn}|main`]) small.sizes.set(id, 1);
  await small.register([]);
});

const otherLists = (resource: DeploymentResource) =>
  registerDeployment(small.world, {
    definition: {
      deploymentId: 'bank',
      blueprintId: null,
      environment: 'production',
      monitoringConfig: {
        driftDetection: true,
        healthChecks: true,
        costMonitoring: true,
        complianceMonitoring: true,
      },
      resources: [resource],
    },
    owner: 'api',
    by: 'admin',
  });

/** What somebody says was found in the shop, of a resource that the shop does not list. */
const planOfFinding = (identifier: string) =>
  makePlan(
    {
      state: small.state,
      clock: small.world.clock,
      actions: {
        'cloudcontrol-patch': {
          ...small.scale,
          resourceTypes: ['cloudcontrol-resource'],
          verbs: ['fix'],
        },
      },
      optedIn: ['cloudcontrol-patch'],
      openPorts: () => ({}) as never,
    },
    {
      occasion: {
        kind: 'drift',
        id: 'finding-1',
        occurrence: '1',
        title: 'it drifted',
        severity: 'error',
        checkIds: [],
      },
      deploymentId: 'shop',
      workflow: 'drift',
      action: 'fix',
      resources: [{ resource: { name: 'some queue', type: 'cloudcontrol-resource', id: identifier } }],
      params: { desired: 2 },
      policy: null,
      remedy: { ...defaultRemedy, approval: auto },
      madeBy: 'policy:shop',
    },
  );

describe('a resource that a finding names and its deployment does not list (fault 33)', () => {
  it('may be put right while no other deployment lists it', async () => {
    await otherLists({ name: 'queue', type: 'cloudcontrol-resource', id: `${queue}-2` });
    expect(await planOfFinding(queue)).toMatchObject({ actions: [{ resource: { id: queue } }] });
  });

  it.each<[string, DeploymentResource, string]>([
    ['by its identifier', { name: 'queue', type: 'cloudcontrol-resource', id: queue }, queue],
    ['by the id that its ARN ends with', { name: 'web', type: 'ecs-service', id: 'main/shop' }, arn],
    ['as a part of its identifier', { name: 'web', type: 'ecs-service', id: 'main/shop' }, `${arn}|main`],
    ['by its ARN', { name: 'web', type: 'cloudcontrol-resource', id: arn }, 'main/shop'],
  ])('is left to the deployment that lists it, %s', async (_, resource, identifier) => {
    small.sizes.set(identifier, 1);
    await otherLists(resource);
    expect(await planOfFinding(identifier)).toEqual({
      refused:
        'some queue is one of the resources of another deployment: only what is found there has it changed.',
    });
  });
});

import type { DeploymentResource } from '../../catalog/index.ts';
import type { Action } from './action.ts';
import { imageOf, notActive, type ServiceImage, serviceOf } from './ecs-service.ts';
import { type Bounds, sizeFor, sizeParams, type WantedSize } from './sizing.ts';

/** A service has no bounds of its own: the deployment may say `minCount` and `maxCount`. */
export const boundsOf = (settings: DeploymentResource['settings']): Bounds => {
  const numberOf = (text: string | undefined, otherwise: number): number =>
    text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
  return {
    min: numberOf(settings?.minCount, 0),
    max: numberOf(settings?.maxCount, Number.POSITIVE_INFINITY),
    of: 'the deployment',
  };
};

/** Sets how many tasks a service runs. */
export const ecsScale: Action = {
  resourceTypes: ['ecs-service'],
  verbs: ['scale_up', 'scale_down'],
  params: sizeParams,
  read: async (ports, { id }) => imageOf(await serviceOf(ports, id)),
  propose: (image, { id, settings }, params) => {
    const before = image as ServiceImage;
    const held = notActive(id, before);
    if (held !== undefined) return { refused: held };
    if (before.strategy === 'DAEMON')
      return { refused: `the service ${id} runs one task on each instance: scale the instances instead` };
    const sized = sizeFor(before.desired, params as WantedSize, boundsOf(settings));
    if (!('size' in sized)) return sized;
    const { size } = sized;
    return {
      expected: { desired: size },
      undo: { kind: 'ecs-scale', params: { desired: before.desired } },
      summary: `Set the ECS service ${id} from ${before.desired} to ${size} tasks.`,
      risk: size > before.desired ? 'low' : size === 0 ? 'high' : 'medium',
    };
  },
  apply: async (ports, { resource, expected }) =>
    (await ports.ecs()).setDesired(resource.id, (expected as { desired: number }).desired),
  verify: async (ports, { resource: { id }, expected }) => {
    const { desired, running } = await serviceOf(ports, id);
    const wanted = (expected as { desired: number }).desired;
    const after = { desired, running };
    if (desired !== wanted)
      return { state: 'failed', reason: `the service ${id} has ${desired} again, not ${wanted}`, after };
    const reason = `ECS says ${running} of ${wanted} tasks of ${id} run`;
    return { state: running === wanted ? 'verified' : 'pending', reason, after };
  },
};

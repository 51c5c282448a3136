import type { Action } from './action.ts';
import { groupNamed, suspendedFor, wellIn } from './asg-group.ts';
import { sizeFor, sizeParams, type WantedSize } from './sizing.ts';

type Before = {
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  /** From scale-in. */
  readonly protected: number;
  readonly suspended: readonly string[];
  readonly isBeingDeleted: boolean;
};

/** Sets the desired capacity of an Auto Scaling group, within its own bounds. */
export const asgScale: Action = {
  resourceTypes: ['auto-scaling-group'],
  verbs: ['scale_up', 'scale_down'],
  params: sizeParams,
  read: async (ports, { id }) => {
    const group = await groupNamed(ports, id);
    const { desired, min, max, suspended, isBeingDeleted, arn, tags } = group;
    const isProtected = group.members.filter((member) => member.isProtected).length;
    const before: Before = { desired, min, max, protected: isProtected, suspended, isBeingDeleted };
    const permissions = [{ actions: ['autoscaling:SetDesiredCapacity'], resources: [arn] }];
    return { before, permissions, arn, tags };
  },
  propose: (image, { id }, params) => {
    const before = image as Before;
    if (before.isBeingDeleted) return { refused: `the group ${id} is being deleted` };
    const sized = sizeFor(before.desired, params as WantedSize, { ...before, of: 'the group' });
    if (!('size' in sized)) return sized;
    const { size } = sized;
    const isGrowing = size > before.desired;
    const held = suspendedFor(id, before.suspended, [isGrowing ? 'Launch' : 'Terminate']);
    if (held !== undefined) return { refused: held };
    if (!isGrowing && size < before.protected)
      return {
        refused: `${before.protected} instances of the group ${id} are protected from scale-in: it cannot come down to ${size}`,
      };
    return {
      expected: { desired: size },
      undo: { kind: 'asg-scale', params: { desired: before.desired } },
      summary: `Set the Auto Scaling group ${id} from ${before.desired} to ${size} instances.`,
      risk: isGrowing ? 'low' : size === 0 ? 'high' : 'medium',
    };
  },
  apply: async (ports, { resource, expected }) =>
    (await ports.autoscaling()).setDesired(resource.id, (expected as { desired: number }).desired),
  verify: async (ports, { resource: { id }, expected }) => {
    const group = await groupNamed(ports, id);
    const wanted = (expected as { desired: number }).desired;
    const after = { desired: group.desired, inService: wellIn(group) };
    if (after.desired !== wanted)
      return { state: 'failed', reason: `the group ${id} has ${after.desired} again, not ${wanted}`, after };
    const isThere = after.inService === wanted;
    const reason = `${after.inService} of ${wanted} instances of the group ${id} are in service and healthy`;
    return { state: isThere ? 'verified' : 'pending', reason, after };
  },
};

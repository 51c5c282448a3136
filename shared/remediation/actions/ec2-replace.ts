import { type Action, ActionRefused } from './action.ts';
import { groupNamed, suspendedFor, wellIn } from './asg-group.ts';

type Before = {
  readonly group: string;
  readonly desired: number;
  readonly lifecycle: string;
  readonly isProtected: boolean;
  readonly isBeingDeleted: boolean;
  readonly suspended: readonly string[];
};

/** Tells Auto Scaling that an instance is not well: it terminates it and launches another. */
export const ec2Replace: Action = {
  resourceTypes: ['ec2-instance'],
  verbs: ['replace'],
  params: (z) => z.strictObject({}),
  read: async (ports, { id }) => {
    const name = await (await ports.autoscaling()).groupOf(id);
    if (name === undefined)
      throw new ActionRefused(`${id} belongs to no Auto Scaling group that could replace it`);
    const group = await groupNamed(ports, name);
    const member = group.members.find((one) => one.id === id);
    const before: Before = {
      group: name,
      desired: group.desired,
      lifecycle: member?.lifecycle ?? 'gone',
      isProtected: member?.isProtected ?? false,
      isBeingDeleted: group.isBeingDeleted,
      suspended: group.suspended,
    };
    const permissions = [{ actions: ['autoscaling:SetInstanceHealth'], resources: [group.arn] }];
    // The group is what the role is allowed on, and what was opted in.
    return { before, permissions, arn: group.arn, tags: group.tags };
  },
  propose: (image, { id }) => {
    const { group, desired, lifecycle, isProtected, isBeingDeleted, suspended } = image as Before;
    if (isBeingDeleted) return { refused: `the group ${group} of ${id} is being deleted` };
    if (lifecycle.startsWith('Terminat'))
      return { unchanged: `the group ${group} is replacing ${id} already` };
    if (lifecycle !== 'InService')
      return { refused: `${id} is not in service in the group ${group}, but ${lifecycle}` };
    if (isProtected)
      return { refused: `${id} is protected from scale-in: somebody wants to keep it as it is` };
    const held = suspendedFor(group, suspended, ['Launch', 'Terminate', 'ReplaceUnhealthy', 'HealthCheck']);
    if (held !== undefined) return { refused: held };
    return {
      expected: { lifecycle: 'gone' },
      summary: `Have the Auto Scaling group ${group} terminate ${id} and launch another instance. What is on its disks is lost; there is nothing to take back.`,
      risk: desired > 1 ? 'medium' : 'high',
    };
  },
  apply: async (ports, { resource }) => (await ports.autoscaling()).setUnhealthy(resource.id),
  verify: async (ports, { resource: { id }, before }) => {
    const { group: name, desired } = before as Before;
    const group = await groupNamed(ports, name);
    const lifecycle = group.members.find((one) => one.id === id)?.lifecycle ?? 'gone';
    const after = { lifecycle, inService: wellIn(group) };
    if (lifecycle !== 'gone' && lifecycle !== 'Terminated')
      return { state: 'pending', reason: `${id} is still ${lifecycle} in the group ${name}`, after };
    const wanted = Math.min(desired, group.desired);
    const reason = `${id} is gone; ${after.inService} of ${wanted} instances of the group ${name} are in service and healthy`;
    return { state: after.inService >= wanted ? 'verified' : 'pending', reason, after };
  },
};

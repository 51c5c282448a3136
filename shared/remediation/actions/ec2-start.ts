import type { Action } from './action.ts';
import { type InstanceImage, inBetween, readInstance, verifyRunning } from './ec2-instance.ts';

/** Starts an instance that is stopped. */
export const ec2Start: Action = {
  resourceTypes: ['ec2-instance'],
  verbs: [],
  params: (z) => z.strictObject({}),
  read: (ports, resource) => readInstance(ports, resource, 'ec2:StartInstances'),
  propose: (image, { id }) => {
    const { state, group } = image as InstanceImage;
    if (state === 'running') return { unchanged: `${id} is running already` };
    const held = inBetween(id, state);
    if (held !== undefined) return { refused: held };
    if (group !== null)
      return { refused: `${id} belongs to the Auto Scaling group ${group}, which replaces what is stopped` };
    return {
      expected: { state: 'running' },
      undo: { kind: 'ec2-stop', params: {} },
      summary: `Start the EC2 instance ${id}. It may get another public address and host.`,
      risk: 'low',
    };
  },
  apply: async (ports, { resource }) => (await ports.ec2()).start(resource.id),
  verify: async (ports, { resource: { id } }) => {
    const verdict = await verifyRunning(ports, id);
    // EC2 may still say «stopped» a moment after it took the call.
    const isStopped = (verdict.after as { state?: string }).state === 'stopped';
    return isStopped ? { ...verdict, state: 'pending' } : verdict;
  },
};

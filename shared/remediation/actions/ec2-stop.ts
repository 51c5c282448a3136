import type { Action } from './action.ts';
import { type InstanceImage, inBetween, instanceOf, readInstance } from './ec2-instance.ts';

/** Stops an instance; its EBS volumes stay, a public address without an Elastic IP does not. */
export const ec2Stop: Action = {
  resourceTypes: ['ec2-instance'],
  verbs: ['stop'],
  params: (z) => z.strictObject({}),
  read: (ports, resource) => readInstance(ports, resource, 'ec2:StopInstances'),
  propose: (image, { id }) => {
    const { state, group, isSpot, isInstanceStore } = image as InstanceImage;
    if (state === 'stopped') return { unchanged: `${id} is stopped already` };
    const held = inBetween(id, state);
    if (held !== undefined) return { refused: held };
    if (group !== null)
      return {
        refused: `${id} belongs to the Auto Scaling group ${group}, which would replace it: set the group's capacity instead`,
      };
    if (isSpot)
      return { refused: `${id} is a spot instance: one that is stopped may find no capacity to start again` };
    if (isInstanceStore)
      return { refused: `${id} has its root device in the instance store: it can only be terminated` };
    return {
      expected: { state: 'stopped' },
      undo: { kind: 'ec2-start', params: {} },
      summary: `Stop the EC2 instance ${id}. Its EBS volumes stay; a public address that is no Elastic IP is lost.`,
      risk: 'medium',
    };
  },
  apply: async (ports, { resource }) => (await ports.ec2()).stop(resource.id),
  verify: async (ports, { resource: { id } }) => {
    const { state } = await instanceOf(ports, id);
    const reason = `EC2 says ${id} is ${state}`;
    if (state === 'stopped') return { state: 'verified', reason, after: { state } };
    const isOnItsWay = state === 'stopping' || state === 'running';
    return { state: isOnItsWay ? 'pending' : 'failed', reason, after: { state } };
  },
};

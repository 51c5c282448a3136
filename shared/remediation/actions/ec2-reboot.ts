import type { Action } from './action.ts';
import { type InstanceImage, inBetween, readInstance, verifyRunning } from './ec2-instance.ts';

/** Restarts the operating system; the instance keeps its host, addresses and disks. */
export const ec2Reboot: Action = {
  resourceTypes: ['ec2-instance'],
  verbs: ['restart'],
  params: (z) => z.strictObject({}),
  read: (ports, resource) => readInstance(ports, resource, 'ec2:RebootInstances'),
  propose: (image, { id }) => {
    const { state } = image as InstanceImage;
    if (state === 'stopped') return { refused: `${id} is stopped: start it instead` };
    const held = inBetween(id, state);
    if (held !== undefined) return { refused: held };
    return {
      expected: { state: 'running' },
      summary: `Reboot the EC2 instance ${id}. It is away for about a minute; there is nothing to take back.`,
      risk: 'medium',
    };
  },
  apply: async (ports, { resource }) => (await ports.ec2()).reboot(resource.id),
  verify: (ports, { resource }) => verifyRunning(ports, resource.id),
};

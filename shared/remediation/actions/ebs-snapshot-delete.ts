import type { Ec2Snapshot, Ec2Volume } from '../../platform/aws/actions/ec2.aws.ts';
import { type Action, ActionRefused, type Proposed } from './action.ts';
import type { ActionPorts } from './ports.ts';

type Before = {
  readonly state: string;
  readonly attachedTo: readonly string[];
  readonly sizeGib: number;
  /** The last one that was made for this purpose, within a day; null: none. */
  readonly snapshot: { readonly id: string; readonly state: string } | null;
};

/** A volume without attachment cannot be written; a day bounds what an attachment in between could have written. */
const freshMs = 24 * 60 * 60 * 1000;
const descriptionOf = (id: string): string => `Homeostat: ${id} before its deletion`;

const volumeOf = async (ports: ActionPorts, id: string): Promise<Ec2Volume | undefined> =>
  (await ports.ec2()).volume(id);

const snapshotOf = async (ports: ActionPorts, id: string): Promise<Ec2Snapshot | undefined> => {
  const all = await (await ports.ec2()).snapshotsOf(id, descriptionOf(id));
  return all.find(({ startedAt, state }) => state !== 'error' && startedAt > ports.clock() - freshMs);
};

const shown = (found: Ec2Snapshot | undefined): Before['snapshot'] =>
  found ? { id: found.id, state: found.state } : null;

/**
 * Two plans, each approved by itself, for a snapshot takes longer than any step: the first only takes the snapshot; the
 * next one, asked for when that is complete, deletes the volume. What the world shows says which it is.
 */
export const ebsSnapshotDelete: Action = {
  resourceTypes: ['ebs-volume'],
  verbs: ['snapshot_delete'],
  manualOnly: true,
  params: (z) => z.strictObject({}),
  read: async (ports, { id }) => {
    const volume = await volumeOf(ports, id);
    if (!volume) throw new ActionRefused(`there is no EBS volume ${id} in this account and region`);
    const { state, attachedTo, sizeGib, arn, tags } = volume;
    const snapshot = shown(await snapshotOf(ports, id));
    const before: Before = { state, attachedTo, sizeGib, snapshot };
    const ec2 = await ports.ec2();
    const permissions =
      snapshot === null
        ? [{ actions: ['ec2:CreateSnapshot'], resources: [arn, await ec2.arnOf('snapshot/*', '')] }]
        : [{ actions: ['ec2:DeleteVolume'], resources: [arn] }];
    return { before, permissions, arn, tags };
  },
  propose: (image, { id }): Proposed => {
    const { state, attachedTo, sizeGib, snapshot } = image as Before;
    if (attachedTo.length > 0)
      return { refused: `the volume ${id} is attached to ${attachedTo.join(', ')}: it is in use` };
    if (state !== 'available') return { refused: `the volume ${id} is ${state}, not available` };
    if (snapshot === null)
      return {
        expected: { snapshot: 'completed' },
        summary: `Take a snapshot of the EBS volume ${id} (${sizeGib} GiB). The volume stays; once the snapshot is complete, the same can be asked for again within a day to delete it.`,
        risk: 'low',
      };
    if (snapshot.state !== 'completed')
      return {
        refused: `the snapshot ${snapshot.id} of ${id} is ${snapshot.state}: wait until it is complete`,
      };
    return {
      expected: { state: 'deleted' },
      summary: `Delete the EBS volume ${id} (${sizeGib} GiB). It cannot be taken back; a new volume can be made of the snapshot ${snapshot.id}.`,
      risk: 'high',
    };
  },
  apply: async (ports, { resource: { id }, before }, keep) => {
    const ec2 = await ports.ec2();
    if ((before as Before).snapshot !== null) await ec2.deleteVolume(id);
    else keep({ snapshotId: await ec2.snapshot(id, descriptionOf(id)) });
  },
  verify: async (ports, { resource: { id }, before }) => {
    if ((before as Before).snapshot === null) {
      const snapshot = await snapshotOf(ports, id);
      const after = { snapshot: shown(snapshot) };
      const reason = snapshot
        ? `EC2 says the snapshot ${snapshot.id} of ${id} is ${snapshot.state}`
        : `EC2 shows no snapshot of ${id} yet`;
      return { state: snapshot?.state === 'completed' ? 'verified' : 'pending', reason, after };
    }
    const state = (await volumeOf(ports, id))?.state ?? 'deleted';
    const reason = `EC2 says the volume ${id} is ${state}`;
    return { state: state === 'deleted' ? 'verified' : 'pending', reason, after: { state } };
  },
};

import {
  AttachVolumeCommand,
  CreateLaunchTemplateCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMoto } from './moto.ts';
import { performer } from './perform.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'nobody asks for it' };
const { plan, planned, apply, verify, perform, undo, calls } = performer(credentials);
let moto: Awaited<ReturnType<typeof startMoto>>;
let ec2: EC2Client;

beforeAll(async () => {
  moto = await startMoto();
  process.env.AWS_ENDPOINT_URL = moto.endpoint;
  ec2 = new EC2Client({ endpoint: moto.endpoint, region: 'us-east-1', credentials });
});
afterAll(() => moto?.stop());

const launch = async (tags: Record<string, string> = {}, template?: string): Promise<string> => {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: Object.entries({ Name: 'shop', ...tags }).map(([Key, Value]) => ({ Key, Value })),
        },
      ],
      ...(template && { LaunchTemplate: { LaunchTemplateId: template } }),
    }),
  );
  return Instances[0]?.InstanceId ?? '';
};
const instance = (id: string) => ({ type: 'ec2-instance', id }) as const;
const stateOf = async (id: string): Promise<string | undefined> => {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0]?.State?.Name;
};

describe('an EC2 instance', () => {
  test('is stopped, verified, and started again by the undo', async () => {
    const id = await launch();
    const stopped = await perform('ec2-stop', instance(id));
    expect(await stateOf(id)).toBe('stopped');
    expect(stopped.verdict).toMatchObject({ state: 'verified', reason: `EC2 says ${id} is stopped` });
    const undone = await undo(stopped.action);
    expect(await stateOf(id)).toBe('running');
    expect(undone.verdict.state).toBe('verified');
  });

  test('is rebooted with a permission for itself alone, and the call is in the record', async () => {
    const id = await launch();
    calls.length = 0;
    const { action, verdict } = await perform('ec2-reboot', instance(id));
    expect(action.permissions).toEqual([
      { actions: ['ec2:RebootInstances'], resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${id}`] },
    ]);
    expect(verdict.state).toBe('verified');
    expect(calls.filter(({ operation }) => operation === 'RebootInstances')).toEqual([
      {
        service: 'ec2',
        operation: 'RebootInstances',
        at: expect.any(Number),
        durationMs: expect.any(Number),
        outcome: 'ok',
        detail: expect.stringMatching(/^request \S+$/),
      },
    ]);
  });

  test('that is not there is refused before anything is planned', async () => {
    await expect(plan('ec2-reboot', instance('i-00000000000000000'))).rejects.toMatchObject({
      name: 'ActionRefused',
      message: 'there is no EC2 instance i-00000000000000000 in this account and region',
    });
  });

  test('that was terminated after planning: EC2 refuses, and that nothing was changed is sure', async () => {
    const id = await launch();
    const action = await planned('ec2-stop', instance(id));
    const gone = { ...action, resource: { ...action.resource, id: 'i-00000000000000000' } };
    calls.length = 0;
    await expect(apply(gone)).rejects.toMatchObject({
      name: 'ActionRefused',
      message: expect.stringContaining('ec2 StopInstances: InvalidInstanceID.NotFound'),
    });
    expect(calls).toMatchObject([{ operation: 'StopInstances', outcome: 'refused' }]);
  });
});

describe('an instance that is provisioned anew', () => {
  let template: string;
  beforeAll(async () => {
    const { LaunchTemplate } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'shop',
        LaunchTemplateData: { ImageId: 'ami-12c6146b', InstanceType: 't3.micro' },
      }),
    );
    template = LaunchTemplate?.LaunchTemplateId ?? '';
  });
  const replacementsOf = async (id: string) => {
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:homeostat:replaces', Values: [id] }] }),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  };

  test('is retired only by a second plan, when the one beside it is well', async () => {
    const id = await launch({ team: 'shop' });
    const params = { launchTemplate: template };
    const launched = await perform('reprovision', instance(id), params);
    const [replacement] = await replacementsOf(id);
    expect(await stateOf(id)).toBe('running');
    expect(replacement?.Tags).toEqual(
      expect.arrayContaining([
        { Key: 'Name', Value: 'shop' },
        { Key: 'team', Value: 'shop' },
        { Key: 'homeostat:replaces', Value: id },
      ]),
    );
    expect(launched.receipt).toEqual({ instanceId: replacement?.InstanceId });
    expect(launched.verdict.state).toBe('verified');

    // The default version at planning is the version that is launched.
    expect(launched.action.before).toMatchObject({ template: { id: template, version: '1' } });

    const retired = await perform('reprovision', instance(id), params);
    expect(retired.action.permissions).toEqual([
      {
        actions: ['ec2:TerminateInstances'],
        resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${id}`],
      },
    ]);
    expect([await stateOf(id), await stateOf(replacement?.InstanceId ?? '')]).toEqual([
      'terminated',
      'running',
    ]);
    expect(retired.verdict.state).toBe('verified');
    expect(retired.action.undo).toBeUndefined();
  });

  test('stays when the new one is discarded by the undo', async () => {
    const id = await launch();
    const launched = await perform('reprovision', instance(id), { launchTemplate: template });
    const [replacement] = await replacementsOf(id);
    const { verdict } = await undo(launched.action);
    expect([await stateOf(id), await stateOf(replacement?.InstanceId ?? '')]).toEqual([
      'running',
      'terminated',
    ]);
    expect(verdict.state).toBe('verified');
  });

  test('of a launch template that is not there: no plan', async () => {
    const id = await launch();
    const missing = { launchTemplate: `${template}:7` };
    await expect(plan('reprovision', instance(id), missing)).rejects.toThrow(
      `there is no launch template ${template} with a version 7`,
    );
  });

  test('without a launch template there is no plan', async () => {
    const id = await launch();
    expect(await plan('reprovision', instance(id))).toEqual({
      refused: `${id} was not launched from a launch template: name one as launchTemplate, lt-…:version`,
    });
  });
});

describe('an EBS volume', () => {
  const volume = (id: string) => ({ type: 'ebs-volume', id }) as const;
  const create = async (): Promise<string> => {
    const answer = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 8 }));
    return answer.VolumeId ?? '';
  };
  const volumes = async () =>
    ((await ec2.send(new DescribeVolumesCommand({}))).Volumes ?? []).map(({ VolumeId }) => VolumeId);

  test('is deleted only by a second plan, when its snapshot is complete', async () => {
    const id = await create();
    const first = await perform('ebs-snapshot-delete', volume(id));
    const { Snapshots = [] } = await ec2.send(
      new DescribeSnapshotsCommand({ Filters: [{ Name: 'volume-id', Values: [id] }] }),
    );
    expect(Snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual([
      (first.receipt as { snapshotId: string }).snapshotId,
    ]);
    expect(first.verdict.state).toBe('verified');
    expect(await volumes()).toContain(id);

    const second = await perform('ebs-snapshot-delete', volume(id));
    expect(second.action.summary).toContain(
      `a new volume can be made of the snapshot ${Snapshots[0]?.SnapshotId}`,
    );
    expect(await volumes()).not.toContain(id);
    expect(second.verdict.state).toBe('verified');
  });

  test('that is attached is refused; one attached after planning is refused by EC2', async () => {
    const [id, other] = [await create(), await launch()];
    await perform('ebs-snapshot-delete', volume(id));
    const action = await planned('ebs-snapshot-delete', volume(id));
    await ec2.send(new AttachVolumeCommand({ VolumeId: id, InstanceId: other, Device: '/dev/sdf' }));
    await expect(apply(action)).rejects.toMatchObject({ name: 'ActionRefused' });
    expect(await verify(action)).toMatchObject({ state: 'pending' });
    expect(await plan('ebs-snapshot-delete', volume(id))).toEqual({
      refused: `the volume ${id} is attached to ${other}: it is in use`,
    });
  });
});

import {
  CreateSnapshotCommand,
  DeleteVolumeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Filter,
  type Instance,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type Tag,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { type ClientWorld, clientOptions, noted, partitionOf } from './clients.ts';
import { isNamed } from './outcome.ts';

export type Tags = Readonly<Record<string, string>>;

export type Ec2Instance = {
  readonly id: string;
  readonly arn: string;
  /** pending, running, shutting-down, terminated, stopping, stopped. */
  readonly state: string;
  readonly isSpot: boolean;
  /** Its root device is lost when it stops. */
  readonly isInstanceStore: boolean;
  /** Tags that AWS makes itself begin with `aws:`. */
  readonly tags: Tags;
};

export type Ec2Volume = {
  readonly id: string;
  readonly arn: string;
  /** creating, available, in-use, deleting, deleted, error. */
  readonly state: string;
  readonly attachedTo: readonly string[];
  readonly sizeGib: number;
  readonly tags: Tags;
};

export type Ec2Snapshot = {
  readonly id: string;
  /** pending, completed, error, recoverable, recovering. */
  readonly state: string;
  /** Epoch ms. */
  readonly startedAt: number;
};

export type LaunchTemplate = {
  readonly id: string;
  /** A number: `$Default` and `$Latest` are other versions tomorrow. */
  readonly version: string;
  /** Name or ARN; whoever launches from the template must be allowed to pass its role. */
  readonly instanceProfile: string | null;
};

export interface Ec2Port {
  instance(id: string): Promise<Ec2Instance | undefined>;
  /** Those that are not terminated and carry this tag. */
  instancesTagged(key: string, value: string): Promise<readonly Ec2Instance[]>;
  /** `ok`, `initializing`, `impaired`, `insufficient-data`: the worst of its checks; undefined while it does not run. */
  statusOf(id: string): Promise<string | undefined>;
  reboot(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  start(id: string): Promise<void>;
  terminate(id: string): Promise<void>;
  /** `version` is a number, `$Default` or `$Latest`. */
  launchTemplate(id: string, version: string): Promise<LaunchTemplate | undefined>;
  /** One instance; the same token gives the same one. Returns its id. */
  run(wanted: {
    readonly launchTemplate: Pick<LaunchTemplate, 'id' | 'version'>;
    readonly tags: Tags;
    readonly clientToken: string;
  }): Promise<string>;
  volume(id: string): Promise<Ec2Volume | undefined>;
  /** Snapshots in our own account of this volume with exactly this description, newest first. */
  snapshotsOf(volumeId: string, description: string): Promise<readonly Ec2Snapshot[]>;
  /** Returns its id. */
  snapshot(volumeId: string, description: string): Promise<string>;
  deleteVolume(id: string): Promise<void>;
  /** For what is not there yet: `arnOf('launch-template/lt-0a')`; the account may be any where it is not known. */
  arnOf(resource: string, account?: string): Promise<string>;
}

const tagsOf = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
const toTags = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const absent = async <T>(answer: Promise<T>, ...names: readonly string[]): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isNamed(error, ...names)) return undefined;
    throw error;
  });

export const openEc2 = (world: ClientWorld): Ec2Port => {
  const reader = noted(new EC2Client(clientOptions(world, 'read')), world, 'ec2', 'read');
  const changer = noted(new EC2Client(clientOptions(world, 'change')), world, 'ec2', 'change');
  const options = { abortSignal: world.calls.signal };

  const arnOf = async (resource: string, account = '*'): Promise<string> => {
    const region = await reader.config.region();
    return `arn:${partitionOf(region)}:ec2:${region}:${account}:${resource}`;
  };
  const instanceOf = async (found: Instance, account?: string): Promise<Ec2Instance> => ({
    id: found.InstanceId ?? '',
    arn: await arnOf(`instance/${found.InstanceId}`, account),
    state: found.State?.Name ?? 'unknown',
    isSpot: found.InstanceLifecycle === 'spot',
    isInstanceStore: found.RootDeviceType === 'instance-store',
    tags: tagsOf(found.Tags),
  });
  const instances = async (wanted: { InstanceIds?: string[]; Filters?: Filter[] }) => {
    const answer = await absent(
      reader.send(new DescribeInstancesCommand(wanted), options),
      'InvalidInstanceID.NotFound',
      'InvalidInstanceID.Malformed',
    );
    const all = (answer?.Reservations ?? []).flatMap(({ Instances = [], OwnerId }) =>
      Instances.map((one) => instanceOf(one, OwnerId)),
    );
    return Promise.all(all);
  };

  return {
    arnOf,
    instance: async (id) => (await instances({ InstanceIds: [id] }))[0],
    instancesTagged: (key, value) =>
      instances({
        Filters: [
          { Name: `tag:${key}`, Values: [value] },
          { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
        ],
      }),
    statusOf: async (id) => {
      const { InstanceStatuses = [] } = await reader.send(
        new DescribeInstanceStatusCommand({ InstanceIds: [id] }),
        options,
      );
      const [found] = InstanceStatuses;
      if (!found) return undefined;
      const all = [found.InstanceStatus?.Status, found.SystemStatus?.Status, found.AttachedEbsStatus?.Status];
      return (
        ['impaired', 'initializing', 'insufficient-data'].find((bad) => all.includes(bad as never)) ?? 'ok'
      );
    },
    reboot: async (id) => {
      await changer.send(new RebootInstancesCommand({ InstanceIds: [id] }), options);
    },
    stop: async (id) => {
      await changer.send(new StopInstancesCommand({ InstanceIds: [id] }), options);
    },
    start: async (id) => {
      await changer.send(new StartInstancesCommand({ InstanceIds: [id] }), options);
    },
    terminate: async (id) => {
      await changer.send(new TerminateInstancesCommand({ InstanceIds: [id] }), options);
    },
    launchTemplate: async (id, version) => {
      const answer = await absent(
        reader.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
          options,
        ),
        'InvalidLaunchTemplateId.NotFound',
        'InvalidLaunchTemplateId.VersionNotFound',
        'InvalidLaunchTemplateId.Malformed',
      );
      const found = answer?.LaunchTemplateVersions?.[0];
      if (found?.VersionNumber === undefined) return undefined;
      const { Name, Arn } = found.LaunchTemplateData?.IamInstanceProfile ?? {};
      return { id, version: String(found.VersionNumber), instanceProfile: Name ?? Arn ?? null };
    },
    run: async ({ launchTemplate, tags, clientToken }) => {
      const { Instances = [] } = await changer.send(
        new RunInstancesCommand({
          LaunchTemplate: { LaunchTemplateId: launchTemplate.id, Version: launchTemplate.version },
          MinCount: 1,
          MaxCount: 1,
          ClientToken: clientToken,
          TagSpecifications: [{ ResourceType: 'instance', Tags: toTags(tags) }],
        }),
        options,
      );
      const id = Instances[0]?.InstanceId;
      if (id === undefined) throw new Error('EC2 answered RunInstances without an instance');
      return id;
    },
    volume: async (id) => {
      const answer = await absent(
        reader.send(new DescribeVolumesCommand({ VolumeIds: [id] }), options),
        'InvalidVolume.NotFound',
        'InvalidVolumeID.Malformed',
        'InvalidParameterValue',
      );
      const found = answer?.Volumes?.[0];
      if (!found) return undefined;
      return {
        id,
        arn: await arnOf(`volume/${id}`),
        state: found.State ?? 'unknown',
        attachedTo: (found.Attachments ?? []).map(({ InstanceId }) => InstanceId ?? 'something').sort(),
        sizeGib: found.Size ?? 0,
        tags: tagsOf(found.Tags),
      };
    },
    snapshotsOf: async (volumeId, description) => {
      const { Snapshots = [] } = await reader.send(
        new DescribeSnapshotsCommand({
          OwnerIds: ['self'],
          Filters: [
            { Name: 'volume-id', Values: [volumeId] },
            { Name: 'description', Values: [description] },
          ],
        }),
        options,
      );
      return Snapshots.map(({ SnapshotId = '', State = 'unknown', StartTime }) => ({
        id: SnapshotId,
        state: State,
        startedAt: StartTime?.getTime() ?? 0,
      })).sort((one, other) => other.startedAt - one.startedAt);
    },
    snapshot: async (volumeId, description) => {
      const { SnapshotId } = await changer.send(
        new CreateSnapshotCommand({
          VolumeId: volumeId,
          Description: description,
        }),
        options,
      );
      if (SnapshotId === undefined) throw new Error('EC2 answered CreateSnapshot without a snapshot');
      return SnapshotId;
    },
    deleteVolume: async (id) => {
      await changer.send(new DeleteVolumeCommand({ VolumeId: id }), options);
    },
  };
};

import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { type ClientWorld, clientOptions, noted } from './clients.ts';

export type GroupMember = {
  readonly id: string;
  /** InService, Pending, Terminating, Standby … */
  readonly lifecycle: string;
  readonly isHealthy: boolean;
  /** From scale-in. */
  readonly isProtected: boolean;
};

export type AutoScalingGroup = {
  readonly name: string;
  readonly arn: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly isBeingDeleted: boolean;
  /** Names of suspended processes: Launch, Terminate, ReplaceUnhealthy … */
  readonly suspended: readonly string[];
  readonly members: readonly GroupMember[];
  readonly tags: Readonly<Record<string, string>>;
};

export type InstanceRefresh = {
  readonly id: string;
  /** Pending, InProgress, Successful, Failed, Cancelling, Cancelled, RollbackInProgress … */
  readonly status: string;
  readonly reason: string | undefined;
  /** 0–100. */
  readonly percent: number;
  /** Epoch ms. */
  readonly startedAt: number;
};

export interface AutoScalingPort {
  group(name: string): Promise<AutoScalingGroup | undefined>;
  /** The name of the group that an instance belongs to. */
  groupOf(instanceId: string): Promise<string | undefined>;
  /** Newest first, the last ten. */
  refreshes(name: string): Promise<readonly InstanceRefresh[]>;
  setDesired(name: string, desired: number): Promise<void>;
  /** Auto Scaling then terminates it and launches another. */
  setUnhealthy(instanceId: string): Promise<void>;
  /** Returns the refresh's id. */
  startRefresh(name: string, minHealthyPercent: number): Promise<string>;
  cancelRefresh(name: string): Promise<void>;
}

export const openAutoScaling = (world: ClientWorld): AutoScalingPort => {
  const service = 'autoscaling';
  const reader = noted(new AutoScalingClient(clientOptions(world, 'read')), world, service, 'read');
  const changer = noted(new AutoScalingClient(clientOptions(world, 'change')), world, service, 'change');
  const options = { abortSignal: world.calls.signal };
  return {
    group: async (name) => {
      const { AutoScalingGroups = [] } = await reader.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
        options,
      );
      const [found] = AutoScalingGroups;
      if (!found) return undefined;
      return {
        name,
        arn: found.AutoScalingGroupARN ?? '',
        min: found.MinSize ?? 0,
        max: found.MaxSize ?? 0,
        desired: found.DesiredCapacity ?? 0,
        isBeingDeleted: found.Status !== undefined && found.Status !== '',
        suspended: (found.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName ?? '').sort(),
        members: (found.Instances ?? []).map((one) => ({
          id: one.InstanceId ?? '',
          lifecycle: one.LifecycleState ?? 'unknown',
          isHealthy: one.HealthStatus?.toLowerCase() === 'healthy',
          isProtected: one.ProtectedFromScaleIn === true,
        })),
        tags: Object.fromEntries((found.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      };
    },
    groupOf: async (instanceId) => {
      const { AutoScalingInstances = [] } = await reader.send(
        new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }),
        options,
      );
      return AutoScalingInstances[0]?.AutoScalingGroupName;
    },
    refreshes: async (name) => {
      const { InstanceRefreshes = [] } = await reader.send(
        new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name, MaxRecords: 10 }),
        options,
      );
      return InstanceRefreshes.map((one) => ({
        id: one.InstanceRefreshId ?? '',
        status: one.Status ?? 'unknown',
        reason: one.StatusReason,
        percent: one.PercentageComplete ?? 0,
        startedAt: one.StartTime?.getTime() ?? 0,
      }));
    },
    setDesired: async (name, desired) => {
      // The scaling cooldown of the group is for its own alarms; ours are the policy's.
      await changer.send(
        new SetDesiredCapacityCommand({
          AutoScalingGroupName: name,
          DesiredCapacity: desired,
          HonorCooldown: false,
        }),
        options,
      );
    },
    setUnhealthy: async (instanceId) => {
      await changer.send(
        new SetInstanceHealthCommand({
          InstanceId: instanceId,
          HealthStatus: 'Unhealthy',
          ShouldRespectGracePeriod: false,
        }),
        options,
      );
    },
    startRefresh: async (name, minHealthyPercent) => {
      const { InstanceRefreshId } = await changer.send(
        new StartInstanceRefreshCommand({
          AutoScalingGroupName: name,
          Strategy: 'Rolling',
          Preferences: { MinHealthyPercentage: minHealthyPercent, ScaleInProtectedInstances: 'Ignore' },
        }),
        options,
      );
      if (InstanceRefreshId === undefined)
        throw new Error('Auto Scaling answered StartInstanceRefresh without an id');
      return InstanceRefreshId;
    },
    cancelRefresh: async (name) => {
      await changer.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: name }), options);
    },
  };
};

import type { AwsService, AwsState } from './aws-states.aws.ts';
import { clientSettings } from './client.ts';

type Describe = (id: string, signal: AbortSignal) => Promise<AwsState>;

const notFound = (what: string): AwsState => ({ isWell: false, says: `there is no ${what}` });

/** Some SDK clients name an error by the wire's code, others by its shape. */
const isNamed = (error: unknown, ...names: readonly string[]): boolean => {
  const { name, Code, code } = (error ?? {}) as { name?: string; Code?: string; code?: string };
  return [name, Code, code].some((given) => given !== undefined && names.includes(given));
};

/** Asks once a client: it keeps connections open between the slots of a warm function. */
const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
};

const ec2 = once(async () => {
  const sdk = await import('./sdk/ec2.aws.ts');
  return { sdk, client: new sdk.EC2Client(clientSettings) };
});

/** DescribeInstanceStatus alone tells the state too, if it is asked to include instances that do not run. */
const describeInstance: Describe = async (id, abortSignal) => {
  const { sdk, client } = await ec2();
  const request = new sdk.DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true });
  const answer = await client.send(request, { abortSignal }).catch((error: unknown) => {
    if (isNamed(error, 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed')) return undefined;
    throw error;
  });
  const found = answer?.InstanceStatuses?.[0];
  if (!found) return notFound(`EC2 instance ${id}`);
  const state = found.InstanceState?.Name ?? 'unknown';
  if (state !== 'running') return { isWell: false, says: `EC2 says the instance is ${state}` };
  const checks = {
    'instance status': found.InstanceStatus?.Status,
    'system status': found.SystemStatus?.Status,
    'EBS status': found.AttachedEbsStatus?.Status,
  };
  const told = Object.entries(checks).flatMap(([name, status]) => (status ? `${name} ${status}` : []));
  // A fresh instance is `initializing` for some minutes, and EC2 itself is not sure at `insufficient-data`.
  const isWell = !Object.values(checks).includes('impaired');
  return { isWell, says: `EC2 says the instance is running, ${told.join(', ')}` };
};

const ecs = once(async () => {
  const sdk = await import('./sdk/ecs.aws.ts');
  return { sdk, client: new sdk.ECSClient(clientSettings) };
});

const describeEcsService: Describe = async (id, abortSignal) => {
  const { sdk, client } = await ecs();
  const [cluster = '', service = ''] = id.split('/');
  const request = new sdk.DescribeServicesCommand({ cluster, services: [service] });
  const answer = await client.send(request, { abortSignal }).catch((error: unknown) => {
    if (isNamed(error, 'ClusterNotFoundException')) return undefined;
    throw error;
  });
  if (!answer) return notFound(`ECS cluster ${cluster}`);
  const found = answer.services?.[0];
  if (!found) return notFound(`ECS service ${service} in the cluster ${cluster}`);
  const { status = 'unknown', runningCount = 0, desiredCount = 0, deployments = [] } = found;
  if (status !== 'ACTIVE') return { isWell: false, says: `ECS says the service is ${status}` };
  const primary = deployments.find((one) => one.status === 'PRIMARY');
  const isRolling = primary?.rolloutState === 'IN_PROGRESS';
  // Without a circuit breaker a rollout whose tasks keep dying never becomes FAILED: it stays in progress for ever.
  const isFailing = primary?.rolloutState === 'FAILED' || (isRolling && (primary.failedTasks ?? 0) > 0);
  const tasks = `${runningCount} of ${desiredCount} tasks run`;
  const rollout = isFailing
    ? `, its deployment fails${primary.rolloutStateReason ? `: ${primary.rolloutStateReason}` : ''} (${primary.failedTasks ?? 0} tasks failed)`
    : isRolling
      ? ', a deployment is in progress'
      : '';
  return { isWell: runningCount >= desiredCount && !isFailing, says: `ECS says ${tasks}${rollout}` };
};

const autoScaling = once(async () => {
  const sdk = await import('./sdk/auto-scaling.aws.ts');
  return { sdk, client: new sdk.AutoScalingClient(clientSettings) };
});

const describeGroup: Describe = async (id, abortSignal) => {
  const { sdk, client } = await autoScaling();
  const request = new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [id] });
  const answer = await client.send(request, { abortSignal });
  const found = answer.AutoScalingGroups?.[0];
  if (!found) return notFound(`Auto Scaling group ${id}`);
  if (found.Status) return { isWell: false, says: `Auto Scaling says of the group: ${found.Status}` };
  const inService = (found.Instances ?? []).filter(
    (one) => one.LifecycleState === 'InService' && one.HealthStatus?.toLowerCase() === 'healthy',
  ).length;
  const desired = found.DesiredCapacity ?? 0;
  const says = `Auto Scaling says ${inService} of ${desired} instances are in service and healthy`;
  return { isWell: inService >= desired, says };
};

const rds = once(async () => {
  const sdk = await import('./sdk/rds.aws.ts');
  return { sdk, client: new sdk.RDSClient(clientSettings) };
});

/** In these the database takes connections; some come every night, such as the one of a backup. */
const reachableStates: readonly string[] = [
  'available',
  'backing-up',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'modifying',
  'storage-config-upgrade',
  'storage-initialization',
  'storage-optimization',
];

const describeDatabase: Describe = async (id, abortSignal) => {
  const { sdk, client } = await rds();
  const request = new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: id });
  const answer = await client.send(request, { abortSignal }).catch((error: unknown) => {
    if (isNamed(error, 'DBInstanceNotFoundFault', 'DBInstanceNotFound')) return undefined;
    throw error;
  });
  const status = answer?.DBInstances?.[0]?.DBInstanceStatus;
  if (status === undefined) return notFound(`RDS instance ${id}`);
  return { isWell: reachableStates.includes(status), says: `RDS says the instance is ${status}` };
};

/** How each service is asked for the state of one of its resources, and what its answer comes to. */
export const describers: Readonly<Record<AwsService, Describe>> = {
  ec2: describeInstance,
  ecs: describeEcsService,
  autoscaling: describeGroup,
  rds: describeDatabase,
};

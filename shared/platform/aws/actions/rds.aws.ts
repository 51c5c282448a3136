import {
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  FailoverDBClusterCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { type ClientWorld, clientOptions, noted } from './clients.ts';
import { isNamed } from './outcome.ts';

type Tags = Readonly<Record<string, string>>;

export type DatabaseInstance = {
  readonly id: string;
  readonly arn: string;
  /** available, rebooting, stopped … */
  readonly status: string;
  readonly isMultiAz: boolean;
  /** Of Aurora and Multi-AZ clusters. */
  readonly cluster: string | undefined;
  readonly zone: string | undefined;
  readonly tags: Tags;
};

export type DatabaseCluster = {
  readonly id: string;
  readonly arn: string;
  readonly status: string;
  readonly members: readonly {
    readonly id: string;
    readonly isWriter: boolean;
    /** 0–15: who is promoted first. */
    readonly promotionTier: number;
  }[];
  readonly tags: Tags;
};

export interface RdsPort {
  instance(id: string): Promise<DatabaseInstance | undefined>;
  cluster(id: string): Promise<DatabaseCluster | undefined>;
  reboot(id: string, forceFailover: boolean): Promise<void>;
  /** To a reader named, or to one that RDS chooses. */
  failover(clusterId: string, target: string | undefined): Promise<void>;
}

const tagsOf = (tags: readonly { Key?: string; Value?: string }[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

const absent = async <T>(answer: Promise<T>, ...names: readonly string[]): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isNamed(error, ...names)) return undefined;
    throw error;
  });

export const openRds = (world: ClientWorld): RdsPort => {
  const reader = noted(new RDSClient(clientOptions(world, 'read')), world, 'rds', 'read');
  const changer = noted(new RDSClient(clientOptions(world, 'change')), world, 'rds', 'change');
  const options = { abortSignal: world.calls.signal };
  return {
    instance: async (id) => {
      const answer = await absent(
        reader.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }), options),
        'DBInstanceNotFoundFault',
        'DBInstanceNotFound',
      );
      const found = answer?.DBInstances?.[0];
      if (!found) return undefined;
      return {
        id,
        arn: found.DBInstanceArn ?? '',
        status: found.DBInstanceStatus ?? 'unknown',
        isMultiAz: found.MultiAZ === true,
        cluster: found.DBClusterIdentifier || undefined,
        zone: found.AvailabilityZone,
        tags: tagsOf(found.TagList),
      };
    },
    cluster: async (id) => {
      const answer = await absent(
        reader.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }), options),
        'DBClusterNotFoundFault',
        'DBClusterNotFound',
      );
      const found = answer?.DBClusters?.[0];
      if (!found) return undefined;
      return {
        id,
        arn: found.DBClusterArn ?? '',
        status: found.Status ?? 'unknown',
        members: (found.DBClusterMembers ?? []).map((one) => ({
          id: one.DBInstanceIdentifier ?? '',
          isWriter: one.IsClusterWriter === true,
          promotionTier: one.PromotionTier ?? 15,
        })),
        tags: tagsOf(found.TagList),
      };
    },
    reboot: async (id, forceFailover) => {
      await changer.send(
        new RebootDBInstanceCommand({
          DBInstanceIdentifier: id,
          ...(forceFailover && { ForceFailover: true }),
        }),
        options,
      );
    },
    failover: async (clusterId, target) => {
      await changer.send(
        new FailoverDBClusterCommand({
          DBClusterIdentifier: clusterId,
          ...(target !== undefined && { TargetDBInstanceIdentifier: target }),
        }),
        options,
      );
    },
  };
};

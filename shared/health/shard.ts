import { bucketOf } from '../platform/ids.ts';

/**
 * What the checks of a shard have in common in how they run. Checks that hang run apart (`slow`, `vpc-slow`), so that
 * one hanging target does not make a hundred others pay for the time it takes.
 */
export type ShardClass = 'public' | 'vpc' | 'slow' | 'vpc-slow' | 'heartbeat' | 'composite' | 'resource';

export const isInVpc = (className: ShardClass): boolean => className === 'vpc' || className === 'vpc-slow';

/** What all checks of a shard have in common; the group's shards are numbered from 0. */
export type ShardGroup = {
  /** The runner location; one a stack today. */
  readonly location: string;
  /** Who probes: each class has its own queue and runner. */
  readonly class: ShardClass;
  readonly intervalSeconds: number;
};

/** A shard's id: `home.public.60.0` is the first shard of the public checks that run each minute from `home`. */
export const shardIdOf = (group: ShardGroup, number: number): string => `${groupPrefixOf(group)}${number}`;

/** What the ids of a group's shards begin with. */
export const groupPrefixOf = (group: ShardGroup): string =>
  `${group.location}.${group.class}.${group.intervalSeconds}.`;

const shardPattern =
  /^([a-z0-9-]+)\.(public|vpc|slow|vpc-slow|heartbeat|composite|resource)\.([1-9]\d*)\.(0|[1-9]\d*)$/;

/** Throws when the text is not a shard's id. */
export const parseShardId = (shard: string): ShardGroup & { readonly number: number } => {
  const [, location, className, interval, number] = shardPattern.exec(shard) ?? [];
  if (!location || !className || !interval || !number) throw new Error(`${shard} is not the id of a shard`);
  return {
    location,
    class: className as ShardClass,
    intervalSeconds: Number(interval),
    number: Number(number),
  };
};

export const shardBuckets = 8;
/** Eight partitions share the list of shards, so that neither its readers nor its writers meet on one. */
export const shardBucketOf = (shard: string): number => bucketOf(shard, shardBuckets);

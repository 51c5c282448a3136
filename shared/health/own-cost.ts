import { listDeployments } from '../catalog/index.ts';
import type { Reach } from '../platform/api/caller.ts';
import { reaches } from '../platform/api/caller.ts';
import type { Table } from '../storage/table.ts';
import { type CostedCheck, idleStackUsd, monthlyCostOf } from './cost.ts';
import { parseShardId } from './shard.ts';
import { readShardSights, type ShardSight } from './shard-sights.ts';

export type OwnCost = {
  readonly monthToDateUsd: number;
  readonly projectedMonthUsd: number;
  readonly restingUsd: number;
  readonly checksUsd: {
    readonly computeUsd: number;
    readonly storageUsd: number;
    readonly messagesUsd: number;
  };
  /** A month. */
  readonly looks: number;
  readonly syntheticsUsd: number;
  readonly basis: string;
};

type World = {
  readonly state: Pick<Table, 'query'>;
  readonly telemetry: Pick<Table, 'query' | 'batchGet'>;
  readonly insideLambda: boolean;
};

/**
 * What Homeostat itself costs with the checks within reach as they are scheduled at `now` (epoch ms). The month to date
 * is the projection's share since the month began, or since the first deployment or check that is known, if that was later.
 */
export const readOwnCost = async (world: World, now: number, reach: Reach): Promise<OwnCost> => {
  const [sights, registeredAt] = await Promise.all([
    readShardSights(world.telemetry),
    firstRegistered(world.state, reach),
  ]);
  const { computeUsd, storageUsd, messagesUsd, totalUsd, looks, syntheticsUsd } = monthlyCostOf(
    costedIn(sights, reach),
  );
  const projectedUsd = idleStackUsd + totalUsd;
  const since = Math.min(registeredAt, firstPlaced(sights, reach), now);
  return {
    monthToDateUsd: rounded(projectedUsd * elapsedOfMonth(since, now)),
    projectedMonthUsd: rounded(projectedUsd),
    restingUsd: idleStackUsd,
    checksUsd: {
      computeUsd: rounded(computeUsd),
      storageUsd: rounded(storageUsd),
      messagesUsd: rounded(messagesUsd),
    },
    looks: Math.round(looks),
    syntheticsUsd: rounded(syntheticsUsd),
    basis: basisOf(world, reach),
  };
};

const basisOf = ({ insideLambda }: Pick<World, 'insideLambda'>, reach: Reach): string =>
  [
    'Estimated from list prices of us-east-1 and measured slots, for the checks as they are now: not a bill.',
    'Free tiers, data transfer, telemetry traffic, and targets that hang until their timeout are not in it.',
    ...(reach === '*' ? [] : ['Only checks of the deployments that this token reaches are counted.']),
    ...(insideLambda ? [] : ['On one machine nothing is billed: this is what it would cost in AWS.']),
  ].join(' ');

const entriesWithin = ({ entries }: ShardSight, reach: Reach) =>
  entries.filter(({ deploymentId }) => reaches(reach, deploymentId));

/** Paused checks cost nothing. What runs apart because it hangs costs as other checks of its network, or more. */
const costedIn = (sights: readonly ShardSight[], reach: Reach): CostedCheck[] =>
  sights.flatMap((sight) => {
    const { class: shardClass, intervalSeconds } = parseShardId(sight.shard);
    return entriesWithin(sight, reach)
      .filter(({ paused }) => !paused)
      .map(() => ({ intervalSeconds, shardClass }));
  });

const earliest = (instants: readonly number[]): number =>
  instants.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY);

const firstPlaced = (sights: readonly ShardSight[], reach: Reach): number =>
  earliest(sights.flatMap((sight) => entriesWithin(sight, reach).map(({ placedAt }) => placedAt)));

const firstRegistered = async (state: World['state'], reach: Reach): Promise<number> => {
  let first = Number.POSITIVE_INFINITY;
  let after: string | undefined;
  do {
    const { deployments, next } = await listDeployments(state, reach, 500, after);
    first = Math.min(first, earliest(deployments.map(({ createdAt }) => createdAt)));
    after = next;
  } while (after !== undefined);
  return first;
};

/** The share of the month (UTC) that lies between `since`, or its begin, and `now`. */
const elapsedOfMonth = (since: number, now: number): number => {
  const today = new Date(now);
  const monthAt = (offset: number): number =>
    Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + offset, 1);
  const [begin, end] = [monthAt(0), monthAt(1)];
  return (now - Math.max(since, begin)) / (end - begin);
};

const rounded = (usd: number): number => Math.round(usd * 10_000) / 10_000;

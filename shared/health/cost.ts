import { pricesUsd, secondsPerMonth } from '../platform/prices.ts';

/**
 * What one slot of a shard takes, as `bench/cost.ts` measured it: run that after a change to the runner, and correct
 * these. Milliseconds are billed ones at the runner's memory, targets answering as a usual mix does (p50 120 ms).
 */
export const measuredSlot = {
  memoryGb: 0.25,
  /** Of a slot with a single check: reading, writing, folding. */
  baseMs: 540,
  /** More for each further check; many wait at once. */
  perCheckMs: 19,
  writeUnits: 2,
  readUnits: 3,
  /** A message is sent with nine others, received and deleted alone. */
  sqsRequests: 2.1,
} as const;

/** A check as far as it costs: a network check that hangs costs its whole timeout, and is not foreseen here. */
export type CostedCheck = { readonly intervalSeconds: number; readonly shardClass: string };

/** The fixed part: alarms, secrets, polled queues and idle ticks, as `bench/cost.ts` counts them in the template. */
export const idleStackUsd = 3.0;

/** Kinds whose checks have shards of their own; checks that hang are not foreseen. */
export const costedCheck = (check: {
  readonly type: string;
  readonly intervalSeconds: number;
  readonly network: string;
}): CostedCheck & typeof check => ({
  ...check,
  shardClass: ['heartbeat', 'composite', 'resource'].includes(check.type) ? check.type : check.network,
});

export type MonthlyCost = {
  /** What the checks add, by kind of expense, USD a month. */
  readonly computeUsd: number;
  readonly storageUsd: number;
  readonly messagesUsd: number;
  readonly totalUsd: number;
  /** Looks a month, and what CloudWatch Synthetics lists for as many. */
  readonly looks: number;
  readonly syntheticsUsd: number;
};

const checksPerShard = 100;

/** What so many checks cost a month at list prices, the idle stack not counted. Pure arithmetic on measured slots. */
export const monthlyCostOf = (checks: readonly CostedCheck[]): MonthlyCost => {
  let computeUsd = 0;
  let storageUsd = 0;
  let messagesUsd = 0;
  let looks = 0;
  const groups = Map.groupBy(checks, (check) => `${check.shardClass}.${check.intervalSeconds}`);
  for (const group of groups.values()) {
    const slots = secondsPerMonth / (group[0]?.intervalSeconds ?? secondsPerMonth);
    const shards = Math.ceil(group.length / checksPerShard);
    const runs = slots * shards;
    const busyMs =
      shards * (measuredSlot.baseMs - measuredSlot.perCheckMs) + group.length * measuredSlot.perCheckMs;
    const gbSeconds = slots * (busyMs / 1000) * measuredSlot.memoryGb;
    computeUsd += gbSeconds * pricesUsd.lambdaArmGbSecond + runs * pricesUsd.lambdaRequest;
    storageUsd +=
      runs *
      (measuredSlot.writeUnits * pricesUsd.dynamodbWriteUnit +
        measuredSlot.readUnits * pricesUsd.dynamodbReadUnit);
    messagesUsd += runs * measuredSlot.sqsRequests * pricesUsd.sqsRequest;
    looks += slots * group.length;
  }
  const totalUsd = computeUsd + storageUsd + messagesUsd;
  return {
    computeUsd,
    storageUsd,
    messagesUsd,
    totalUsd,
    looks,
    syntheticsUsd: looks * pricesUsd.syntheticsRun,
  };
};

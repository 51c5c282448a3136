import type { Item, Table } from '../storage/table.ts';
import type { CheckRecord, CheckStanding, Placement } from './check.ts';
import { type CheckState, fromHeadItem, type Head } from './head.ts';
import { headKey, planKey } from './keys.ts';
import { fromPlanItem, type Plan } from './plan.ts';
import { notScheduled, standingOf } from './standing.ts';

/** How the checks stand at `now`, by check id. A check without a place in a plan is unknown, `not scheduled yet`. */
export const readStandings = async (
  telemetry: Pick<Table, 'batchGet'>,
  checks: readonly CheckRecord[],
  now: number,
): Promise<Map<string, CheckStanding>> => {
  const placed = checks.flatMap((check) => {
    const place = check.placements[0];
    return place ? [{ check, place }] : [];
  });
  const heads = await readHeads(
    telemetry,
    placed.map(({ place }) => place.shard),
  );
  const isKnown = ({ shard, no }: Placement) => heads.get(shard)?.checks.has(no) ?? false;
  // A check that just moved has its state in the plan until the new shard's first result.
  const plans = await readPlans(
    telemetry,
    placed.filter(({ place }) => !isKnown(place)).map(({ place }) => place.shard),
  );
  const standings = new Map<string, CheckStanding>(checks.map((check) => [check.id, notScheduled]));
  for (const { check, place } of placed) {
    const { intervalSeconds, isActive } = check.definition;
    const state = stateOf(place.no, heads.get(place.shard), plans.get(place.shard));
    const standing = standingOf(
      { isPaused: !isActive, intervalSeconds, placedAt: place.placedAt },
      state,
      now,
    );
    standings.set(check.id, standing);
  }
  return standings;
};

export const stateOf = (no: number, head: Head | undefined, plan: Plan | undefined): CheckState | undefined =>
  head?.checks.get(no) ?? plan?.entries.find((entry) => entry.no === no)?.seed;

export const readHeads = (
  telemetry: Pick<Table, 'batchGet'>,
  shards: readonly string[],
): Promise<Map<string, Head>> => readEach(telemetry, shards, headKey, fromHeadItem);

export const readPlans = (
  telemetry: Pick<Table, 'batchGet'>,
  shards: readonly string[],
): Promise<Map<string, Plan>> => readEach(telemetry, shards, planKey, fromPlanItem);

/** One item of each shard, each shard once; shards without it are left out. */
const readEach = async <T>(
  telemetry: Pick<Table, 'batchGet'>,
  shards: readonly string[],
  keyOf: (shard: string) => { pk: string; sk: string },
  read: (shard: string, item: Item) => T,
): Promise<Map<string, T>> => {
  const byPartition = new Map(shards.map((shard) => [keyOf(shard).pk, shard]));
  const items = await telemetry.batchGet([...byPartition.values()].map(keyOf));
  return new Map(
    items.flatMap((item) => {
      const shard = byPartition.get(item.pk);
      return shard === undefined ? [] : [[shard, read(shard, item)] as const];
    }),
  );
};

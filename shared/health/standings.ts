import type { CheckStatus } from '../platform/events.ts';
import type { Item, Key, Table } from '../storage/table.ts';
import { type CheckRecord, type CheckStanding, isPaused, type Placement } from './check.ts';
import { type CheckState, fromHeadItem, type Head } from './head.ts';
import { headKey, planKey } from './keys.ts';
import { fromPlanItem, type Plan } from './plan.ts';
import { parseShardId } from './shard.ts';
import { notScheduled, standingOf } from './standing.ts';

/**
 * How the checks stand at `now`, by check id. A check without a place in a plan is unknown, `not scheduled yet`.
 * `consistent` also sees what was folded a moment ago.
 */
export const readStandings = async (
  telemetry: Pick<Table, 'batchGet'>,
  checks: readonly CheckRecord[],
  now: number,
  options: ReadOptions = {},
): Promise<Map<string, CheckStanding>> => {
  const standings = new Map<string, CheckStanding>(checks.map((check) => [check.id, notScheduled]));
  for (const { check, place, state } of await readStates(telemetry, checks, options)) {
    // As it runs now: a new interval says nothing of looks that were made by the old one.
    const { intervalSeconds } = parseShardId(place.shard);
    const { placedAt } = place;
    standings.set(check.id, standingOf({ isPaused: isPaused(check), intervalSeconds, placedAt }, state, now));
  }
  return standings;
};

/**
 * The status of each check as events told it last, by check id. Each change of it comes with an event: silence, our own
 * blindness and trouble that is held back count when they are told, if they ever are.
 */
export const readToldStatuses = async (
  telemetry: Pick<Table, 'batchGet'>,
  checks: readonly CheckRecord[],
  options: ReadOptions = {},
): Promise<Map<string, CheckStatus>> => {
  const states = await readStates(telemetry, checks, options);
  return new Map(
    states.map(({ check, state }) => [check.id, state?.held?.from ?? state?.status ?? 'unknown'] as const),
  );
};

/** How a check stands as events told it last. */
export type ToldStanding = {
  readonly status: CheckStatus;
  /** Epoch ms: since when, as far as it is known. */
  readonly since: number;
  readonly reason: string | null;
};

/** The same as `readToldStatuses`, with since when and why. */
export const readToldStandings = async (
  telemetry: Pick<Table, 'batchGet'>,
  checks: readonly Pick<CheckRecord, 'id' | 'placements' | 'createdAt'>[],
  options: ReadOptions = {},
): Promise<Map<string, ToldStanding>> => {
  const standings = new Map<string, ToldStanding>(
    checks.map((check) => [check.id, { status: 'unknown', since: check.createdAt, reason: null }]),
  );
  for (const { check, state } of await readStates(telemetry, checks, options)) {
    if (!state) continue;
    const { held, status, reason } = state;
    // What is held back will be told as of when it turned; until then it stands as before that.
    const told = held
      ? { status: held.from, since: held.at - 1, reason: null }
      : { status, since: state.since ?? check.createdAt, reason };
    standings.set(check.id, told);
  }
  return standings;
};

type Placed<C> = {
  readonly check: C;
  readonly place: Placement;
  readonly state: CheckState | undefined;
};

/** The states of the checks that are in a plan. */
const readStates = async <C extends Pick<CheckRecord, 'placements'>>(
  telemetry: Pick<Table, 'batchGet'>,
  checks: readonly C[],
  options: ReadOptions,
): Promise<readonly Placed<C>[]> => {
  const placed = checks.flatMap((check) => {
    const place = check.placements[0];
    return place ? [{ check, place }] : [];
  });
  const heads = await readHeads(
    telemetry,
    placed.map(({ place }) => place.shard),
    options,
  );
  const isKnown = ({ shard, no }: Placement) => heads.get(shard)?.checks.has(no) ?? false;
  // A check that just moved has its state in the plan until the new shard's first result.
  const plans = await readPlans(
    telemetry,
    placed.filter(({ place }) => !isKnown(place)).map(({ place }) => place.shard),
    options,
  );
  return placed.map(({ check, place }) => {
    const state = stateOf(place.no, heads.get(place.shard), plans.get(place.shard));
    return { check, place, state };
  });
};

export const stateOf = (no: number, head: Head | undefined, plan: Plan | undefined): CheckState | undefined =>
  head?.checks.get(no) ?? plan?.entries.find((entry) => entry.no === no)?.seed;

type ReadOptions = { readonly consistent?: boolean };

export const readHeads = (
  telemetry: Pick<Table, 'batchGet'>,
  shards: readonly string[],
  options?: ReadOptions,
): Promise<Map<string, Head>> => readEach(telemetry, shards, { keyOf: headKey, read: fromHeadItem }, options);

export const readPlans = (
  telemetry: Pick<Table, 'batchGet'>,
  shards: readonly string[],
  options?: ReadOptions,
): Promise<Map<string, Plan>> => readEach(telemetry, shards, { keyOf: planKey, read: fromPlanItem }, options);

/** One item of each shard, each shard once; shards without it are left out. */
const readEach = async <T>(
  telemetry: Pick<Table, 'batchGet'>,
  shards: readonly string[],
  { keyOf, read }: { keyOf: (shard: string) => Key; read: (shard: string, item: Item) => T },
  options: ReadOptions = {},
): Promise<Map<string, T>> => {
  const byPartition = new Map(shards.map((shard) => [keyOf(shard).pk, shard]));
  const items = await telemetry.batchGet([...byPartition.values()].map(keyOf), options);
  return new Map(
    items.flatMap((item) => {
      const shard = byPartition.get(item.pk);
      return shard === undefined ? [] : [[shard, read(shard, item)] as const];
    }),
  );
};

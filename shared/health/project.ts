import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import { announce } from './announce.ts';
import { checkKey, type Placement } from './check.ts';
import type { SlotQueues } from './dispatch.ts';
import type { CheckState } from './head.ts';
import { type Ask, groupOf, isIn, presentIn, settleIn } from './place.ts';
import { placeOf, putPlace } from './place-item.ts';
import { type Homeless, type Housed, placeNewcomers } from './place-newcomers.ts';
import { isAtHomeIn, type Known, notePlacement, placementIn, toKnown } from './placement-note.ts';
import type { Plan } from './plan.ts';
import { changePlan, fencedHead } from './plan-store.ts';
import { tellNotedPlaces, tellRemoved } from './tell-places.ts';

export type ProjectTools = SlotQueues & {
  readonly state: Pick<Table, 'batchGet' | 'update'>;
  readonly telemetry: Pick<Table, 'get' | 'query' | 'put'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly warn: (message: string, details: Record<string, string>) => void;
  /** Waits before a conflicting write is tried again, ms; real time by default. */
  readonly pause?: (milliseconds: number) => Promise<void>;
};

/**
 * Brings the present definitions of these checks into the plans, whatever the events said, and has changed checks
 * looked at. Returns the ids of checks that somebody else was changing: they must come again. Each step finds what
 * an earlier, broken-off try did, so that repeating all of it changes nothing.
 *
 * A check that moves is frozen in its old plan, read there, placed with that state in the new one, noted in the
 * registry, told to whoever only knows its id, and only then cleared from the old: a crash anywhere leaves it findable,
 * and probed by one shard at most.
 */
export const project = async (
  checkIds: readonly string[],
  tools: ProjectTools,
): Promise<readonly string[]> => {
  const items = await tools.state.batchGet([...new Set(checkIds)].map(checkKey), { consistent: true });
  const checks = items.map(toKnown);
  await tellNotedPlaces(checks, tools);
  const plans = new Map<string, Plan>();
  for (const [shard, asks] of asksOf(checks)) {
    plans.set(shard, (await changePlan(shard, tools, (plan) => settleIn(plan, asks))).plan);
  }
  const { housed, homeless } = await sortOut(checks, plans, tools);
  const placed = await placeNewcomers(homeless, plans, tools);
  const again = new Set(placed.again);
  await Promise.all(
    [...housed, ...placed.housed].map(async (one) => {
      if (!(await settleDown(one, plans, tools))) again.add(one.known.record.id);
    }),
  );
  await clearLeft([...housed, ...placed.housed], again, plans, tools);
  await tellRemoved(checks, tools);
  await announce(
    checks.map((known) => known.record.id),
    plans,
    tools,
  );
  return [...again];
};

/** The shard where the check is, or is being placed, if it may stay there. */
const homeOf = ({ record, placing }: Known): string | undefined => {
  const shard = placing ?? record.placements[0]?.shard;
  return shard !== undefined && isIn(groupOf(record), shard) ? shard : undefined;
};

/** What each shard that may hold one of the checks is asked to do. */
const asksOf = (checks: readonly Known[]): Map<string, Ask[]> => {
  const asks = new Map<string, Ask[]>();
  const ask = (shard: string, one: Ask) => asks.set(shard, [...(asks.get(shard) ?? []), one]);
  for (const known of checks) {
    const { record, placing } = known;
    const home = homeOf(known);
    const places = record.deletedAt === undefined ? record.placements.slice(0, 1) : record.placements;
    for (const shard of new Set([placing, ...places.map((place) => place.shard)])) {
      if (shard === undefined) continue;
      const living = shard === home ? 'keep' : 'leave';
      ask(shard, { want: record.deletedAt === undefined ? living : 'drop', record });
    }
    // What a move left is cleared once its new place is noted, even if the move broke off right there.
    if (placing !== undefined || record.deletedAt !== undefined) continue;
    for (const { shard, no } of record.placements.slice(1)) ask(shard, { want: 'clear', record, no });
  }
  return asks;
};

type SortedOut = { readonly housed: Housed[]; readonly homeless: Homeless[] };

/** Who has a living entry at home, and who needs one; with the places each leaves and the newest state from there. */
const sortOut = async (
  checks: readonly Known[],
  plans: ReadonlyMap<string, Plan>,
  tools: ProjectTools,
): Promise<SortedOut> => {
  const housed: Housed[] = [];
  const homeless: Homeless[] = [];
  for (const known of checks) {
    const { record, placing } = known;
    if (record.deletedAt !== undefined) continue;
    const home = homeOf(known);
    const left = await placesLeft(known, plans, tools);
    const places = left.map((one) => one.place);
    if (home !== undefined && presentIn(plans.get(home)?.entries ?? [], record.id)) {
      housed.push({ known, shard: home, left: places });
      continue;
    }
    const states = left.flatMap((one) => one.state ?? []).sort((one, other) => other.at - one.at);
    const isPlacing = home !== undefined && home === placing && !places.some((place) => place.shard === home);
    const promised = { ...known, placing: isPlacing ? placing : undefined };
    homeless.push({ known: promised, record, seed: states[0], left: places });
  }
  return { housed, homeless };
};

type Left = { readonly place: Placement; readonly state: CheckState | undefined };

/** The frozen entries of a check in the plans at hand, with a state that no run changes any more. */
const placesLeft = async (
  { record }: Known,
  plans: ReadonlyMap<string, Plan>,
  tools: ProjectTools,
): Promise<Left[]> => {
  const left: Left[] = [];
  for (const [shard, plan] of plans) {
    for (const entry of plan.entries.filter((one) => one.id === record.id && one.leaving)) {
      const head = await fencedHead(shard, plan.planVersion, tools);
      left.push({ place: placementIn(shard, entry), state: head.checks.get(entry.no) ?? entry.seed });
    }
  }
  return left;
};

/** Notes the place in the registry; when the check went elsewhere meanwhile, takes it out again. */
const settleDown = async (
  { known, shard, left }: Housed,
  plans: Map<string, Plan>,
  tools: ProjectTools,
): Promise<boolean> => {
  const { record } = known;
  const entry = presentIn(plans.get(shard)?.entries ?? [], record.id);
  if (!entry) return false;
  const version = await notePlacement(tools.state, known, shard, entry, left);
  if (version !== undefined) {
    await putPlace(tools.telemetry, record.id, placeOf(shard, entry), version);
    return true;
  }
  if (!(await isAtHomeIn(tools.state, record.id, shard))) {
    const { plan } = await changePlan(shard, tools, (before) => settleIn(before, [{ want: 'drop', record }]));
    plans.set(shard, plan);
  }
  return false;
};

/** Drops the frozen entries of checks whose new place is noted. */
const clearLeft = async (
  housed: readonly Housed[],
  again: ReadonlySet<string>,
  plans: Map<string, Plan>,
  tools: ProjectTools,
): Promise<void> => {
  const asks = housed
    .filter(({ known }) => !again.has(known.record.id))
    .flatMap(({ known, left }) =>
      left.map(({ shard, no }) => ({ shard, ask: { want: 'clear', record: known.record, no } as const })),
    );
  for (const [shard, asked] of Map.groupBy(asks, (one) => one.shard)) {
    const all = asked.map((one) => one.ask);
    plans.set(shard, (await changePlan(shard, tools, (plan) => settleIn(plan, all))).plan);
  }
};

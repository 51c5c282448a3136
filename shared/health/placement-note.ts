import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table, Value } from '../storage/table.ts';
import { type CheckRecord, checkKey, type Placement } from './check.ts';
import { paceIn } from './pace-note.ts';
import { withPlacements } from './place.ts';
import type { PlanEntry } from './plan.ts';
import { toCheckRecord } from './registry.ts';

/** A registry item as the projector knows it. Placements, `placing` and `placementVersion` are written by it alone. */
export type Known = {
  readonly record: CheckRecord;
  /** The shard a place is being made in: noted first, so that whoever goes on after a crash makes it in the same. */
  readonly placing: string | undefined;
  /** Grows with each note: two projectors at one check cannot both believe they placed it. */
  readonly placementVersion: number;
};

export const toKnown = (item: Item): Known => ({
  record: { ...toCheckRecord(item), ...(paceIn(item) && { pace: 'slow' }) },
  placing: typeof item.placing === 'string' ? item.placing : undefined,
  placementVersion: Number(item.placementVersion ?? 0),
});

type State = Pick<Table, 'batchGet' | 'update'>;

/** Notes where a place is about to be made; undefined when the check changed meanwhile. */
export const noteIntent = async (state: State, known: Known, shard: string): Promise<Known | undefined> => {
  const next = { ...known, placing: shard, placementVersion: known.placementVersion + 1 };
  return (await write(state, known, next, { set: { placing: shard } })) ? next : undefined;
};

/**
 * Notes where the check is, and what it left; gives the note's version, or undefined when the check changed meanwhile
 * and is to be looked at again.
 */
export const notePlacement = async (
  state: State,
  known: Known,
  shard: string,
  entry: PlanEntry,
  left: readonly Placement[],
): Promise<number | undefined> => {
  const placements = withPlacements([placementIn(shard, entry), ...left], known.record.placements);
  const isNoted = JSON.stringify(placements) === JSON.stringify(known.record.placements);
  if (isNoted && known.placing === undefined) return known.placementVersion;
  const next = { ...known, placementVersion: known.placementVersion + 1 };
  const change = { set: { placements: placements as unknown as Value }, remove: ['placing'] };
  return (await write(state, known, next, change)) ? next.placementVersion : undefined;
};

export const placementIn = (shard: string, { no, revision, placedAt }: PlanEntry): Placement => ({
  shard,
  no,
  revision,
  placedAt,
});

const write = async (
  state: State,
  known: Known,
  next: Known,
  change: { readonly set: Readonly<Record<string, Value>>; readonly remove?: readonly string[] },
): Promise<boolean> => {
  const { id, revision } = known.record;
  const { placementVersion } = next;
  try {
    await state.update(
      checkKey(id),
      { ...change, set: { ...change.set, placementVersion } },
      { equals: { revision }, below: { placementVersion } },
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return false;
  }
};

/** Whether the registry, as it is now, has or makes the check's place in this shard. */
export const isAtHomeIn = async (state: State, checkId: string, shard: string): Promise<boolean> => {
  const [item] = await state.batchGet([checkKey(checkId)], { consistent: true });
  if (!item) return false;
  const { record, placing } = toKnown(item);
  return record.deletedAt === undefined && (placing ?? record.placements[0]?.shard) === shard;
};

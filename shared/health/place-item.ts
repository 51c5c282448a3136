import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import type { PlanEntry } from './plan.ts';
import { parseShardId } from './shard.ts';

/**
 * Where a check lies, for those who only know its id: `C#<checkId>` / `PLACE` in `telemetry`. A projection of the
 * registry item, as plans are: it stays as long as the check does, and is written again whenever that is projected.
 */
export type Placed = {
  readonly shard: string;
  readonly no: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** Epoch ms. */
  readonly placedAt: number;
  readonly isPaused: boolean;
};

export const placeKey = (checkId: string) => ({ pk: `C#${checkId}`, sk: 'PLACE' });

/** The place of an entry of a plan. */
export const placeOf = (
  shard: string,
  {
    no,
    timeoutSeconds,
    placedAt,
    paused = false,
  }: Pick<PlanEntry, 'no' | 'timeoutSeconds' | 'placedAt'> & { readonly paused?: boolean },
): Placed => ({
  shard,
  no,
  intervalSeconds: parseShardId(shard).intervalSeconds,
  timeoutSeconds,
  placedAt,
  isPaused: paused,
});

/** The places of these checks, by check id; those that are in no plan are left out. */
export const readPlaces = async (
  telemetry: Pick<Table, 'batchGet'>,
  checkIds: readonly string[],
): Promise<Map<string, Placed>> => {
  const items = await telemetry.batchGet([...new Set(checkIds)].map(placeKey));
  return new Map(
    items.filter((item) => item.gone !== true).map((item) => [item.pk.slice('C#'.length), toPlaced(item)]),
  );
};

const toPlaced = (item: Item): Placed =>
  placeOf(String(item.shard), {
    no: Number(item.no),
    timeoutSeconds: Number(item.timeoutSeconds),
    placedAt: Number(item.placedAt),
    paused: item.paused === true,
  });

/**
 * Tells where the check lies since the registry's note number `placementVersion`. What an older note says never
 * overwrites a newer one, however late it comes.
 */
export const putPlace = async (
  telemetry: Pick<Table, 'put'>,
  checkId: string,
  placed: Placed,
  placementVersion: number,
): Promise<void> => {
  const { shard, no, timeoutSeconds, placedAt, isPaused } = placed;
  await putNewer(telemetry, {
    ...placeKey(checkId),
    v: 1,
    order: 2 * placementVersion,
    shard,
    no,
    timeoutSeconds,
    placedAt,
    ...(isPaused && { paused: true }),
  });
};

/** A removed check's marker outlives every projector that may still be writing where it was. */
const markerSeconds = 86_400;

/**
 * Tells that the check lies nowhere any more. The marker expires a month before the registry's own tombstone does:
 * a check that is made anew after that counts its notes from one again, and no marker may stand against them.
 */
export const markGone = async (
  telemetry: Pick<Table, 'put'>,
  checkId: string,
  deletedAt: number,
  placementVersion: number,
): Promise<void> =>
  putNewer(telemetry, {
    ...placeKey(checkId),
    v: 1,
    // After the last note of the check as it was, before the first of the check as it may be again.
    order: 2 * placementVersion + 1,
    gone: true,
    expiresAt: Math.floor(deletedAt / 1000) + markerSeconds,
  });

const putNewer = async (
  telemetry: Pick<Table, 'put'>,
  item: Item & { readonly order: number },
): Promise<void> => {
  try {
    await telemetry.put(item, { below: { order: item.order } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

import type { Table } from '../storage/table.ts';
import { type Placed, readPlaces } from './place-item.ts';
import type { Member } from './probing/ports.ts';
import { standingOf } from './standing.ts';
import { readHeads, readPlans, stateOf } from './standings.ts';

/**
 * How these checks, of whatever shard, stand at `now` (epoch ms), by check id: what composites and children of a
 * parent go by. What is paused, stale or was never looked at is unknown; a check that is in no plan is left out.
 */
export const readMembers = async (
  telemetry: Pick<Table, 'batchGet'>,
  checkIds: readonly string[],
  now: number,
): Promise<Map<string, Member>> => {
  const places = await readPlaces(telemetry, checkIds);
  const running = [...places.values()].filter((place) => !place.isPaused);
  const heads = await readHeads(
    telemetry,
    running.map(({ shard }) => shard),
  );
  const isToldByPlan = ({ shard, no }: Placed) => {
    const state = heads.get(shard)?.checks.get(no);
    return state === undefined || state.held?.why === 'parent';
  };
  // A check that just moved has its state in the plan until the new shard's first result; who its parent is stands there only.
  const plans = await readPlans(
    telemetry,
    running.filter(isToldByPlan).map(({ shard }) => shard),
  );
  return new Map(
    [...places].map(([checkId, place]) => {
      const { shard, no, intervalSeconds, timeoutSeconds } = place;
      const plan = plans.get(shard);
      const state = stateOf(no, heads.get(shard), plan);
      const { status } = standingOf(place, state, now);
      const heldBy =
        state?.held?.why === 'parent' ? plan?.entries.find((entry) => entry.no === no)?.parentId : undefined;
      const member = { status, failures: state?.failures ?? 0, intervalSeconds, timeoutSeconds };
      return [checkId, heldBy === undefined ? member : { ...member, heldBy }];
    }),
  );
};

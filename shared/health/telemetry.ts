import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import { fromHeadItem, type Head, toHeadItem } from './head.ts';
import { headKey, planKey, resultsAfter, resultsKey } from './keys.ts';
import { fromPlanItem, type Plan, toPlanItem } from './plan.ts';
import { fromResultsItem, type Results, toResultsItem } from './slot-results.ts';

export type Written = 'written' | 'conflict';

export const readPlan = async (telemetry: Pick<Table, 'get'>, shard: string): Promise<Plan> =>
  fromPlanItem(shard, await telemetry.get(planKey(shard), { consistent: true }));

export const readHead = async (telemetry: Pick<Table, 'get'>, shard: string): Promise<Head> =>
  fromHeadItem(shard, await telemetry.get(headKey(shard), { consistent: true }));

/** Writes the plan as the version after the one it was made from. `attempt` must be new for each decision. */
export const writePlan = (
  telemetry: Pick<Table, 'get' | 'put'>,
  plan: Plan,
  attempt: string,
): Promise<Written> => writeVersion(telemetry, toPlanItem(plan, attempt), 'planVersion');

/** Writes the head as the version after the one it was made from. `attempt` must be new for each decision. */
export const writeHead = (
  telemetry: Pick<Table, 'get' | 'put'>,
  head: Head,
  attempt: string,
): Promise<Written> => writeVersion(telemetry, toHeadItem(head, attempt), 'version');

/**
 * Compare and set. When the acknowledgement was lost, the SDK's own retry fails against what the first try wrote:
 * finding our attempt there means that it was written.
 */
const writeVersion = async (
  telemetry: Pick<Table, 'get' | 'put'>,
  item: Item,
  version: 'version' | 'planVersion',
): Promise<Written> => {
  const before = Number(item[version]) - 1;
  try {
    await telemetry.put(item, before === 0 ? { absent: true } : { equals: { [version]: before } });
    return 'written';
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const found = await telemetry.get({ pk: item.pk, sk: item.sk }, { consistent: true });
    return found !== undefined && found[version] === item[version] && found.attempt === item.attempt
      ? 'written'
      : 'conflict';
  }
};

/** Keeps what a run saw unless a run of the same slot was first; then that one's results are the slot's. */
export const keepResults = async (
  telemetry: Pick<Table, 'put'>,
  results: Results,
  expiresAt: number,
): Promise<void> => {
  try {
    await telemetry.put(toResultsItem(results, expiresAt), { absent: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/**
 * A run finds one or a few. Where nothing could be folded for days, so many fit into the runner's memory beside a plan;
 * what comes after them is asked for when they are folded.
 */
const slotsAtOnce = 500;

/** The results after the slot at `slotAt`, in order, from the oldest on; `isAll` says that no more wait. */
export const unfoldedResults = async (
  telemetry: Pick<Table, 'query'>,
  shard: string,
  slotAt: number,
): Promise<{ readonly results: readonly Results[]; readonly isAll: boolean }> => {
  const results: Results[] = [];
  let slots = 0;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    // Only slots move the head on: of run-nows alone, all are read.
    if (slots >= slotsAtOnce) return { results, isAll: false };
    const page = await telemetry.query({
      pk: headKey(shard).pk,
      ...resultsAfter(slotAt),
      ...(after !== undefined && { after }),
      limit: slotsAtOnce,
      consistent: true,
    });
    for (const item of page.items) results.push(fromResultsItem(shard, item));
    slots = results.filter(({ runId }) => runId === undefined).length;
    after = page.next;
  }
  return { results, isAll: true };
};

export const readResultsOf = async (
  telemetry: Pick<Table, 'get'>,
  shard: string,
  at: number,
  runId: string,
): Promise<Results | undefined> => {
  const item = await telemetry.get(resultsKey(shard, at, runId), { consistent: true });
  return item && fromResultsItem(shard, item);
};

import type { Table } from '../storage/table.ts';
import { maximumRounds, type Patience, waitABit } from './conflict.ts';
import type { Head } from './head.ts';
import type { Plan } from './plan.ts';
import { readHead, readPlan, writeHead, writePlan } from './telemetry.ts';

export type PlanStore = Patience & { readonly telemetry: Pick<Table, 'get' | 'put'> };

/**
 * Changes a plan by compare and set. `decide` may be asked more than once, and gives the plan itself when nothing is
 * to change. Returns the plan before and as it is now.
 */
export const changePlan = async (
  shard: string,
  store: PlanStore,
  decide: (plan: Plan) => Plan,
): Promise<{ readonly before: Plan; readonly plan: Plan }> => {
  for (let round = 1; round <= maximumRounds; round++) {
    const before = await readPlan(store.telemetry, shard);
    const decided = decide(before);
    if (decided === before) return { before, plan: before };
    const plan = { ...decided, planVersion: before.planVersion + 1 };
    if ((await writePlan(store.telemetry, plan, store.newId())) === 'written') return { before, plan };
    await waitABit(round, store);
  }
  throw new Error(`the plan of ${shard} changed under ${maximumRounds} tries`);
};

/**
 * The head once no run with an older plan can write it any more: what it says of a check that is leaving stays
 * true from here on. A run that read the older plan finds the head changed, and reads the plan again.
 */
export const fencedHead = async (shard: string, planVersion: number, store: PlanStore): Promise<Head> => {
  for (let round = 1; round <= maximumRounds; round++) {
    const head = await readHead(store.telemetry, shard);
    if (head.planVersion >= planVersion) return head;
    const fenced = { ...head, version: head.version + 1, planVersion };
    if ((await writeHead(store.telemetry, fenced, store.newId())) === 'written') return fenced;
    await waitABit(round, store);
  }
  throw new Error(`the head of ${shard} changed under ${maximumRounds} tries`);
};

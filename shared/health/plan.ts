import type { Item } from '../storage/table.ts';
import type { Condition } from './conditions/condition.ts';
import { type CheckState, neverSeen } from './head.ts';
import { planKey } from './keys.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import { pack, unpack } from './packing.ts';

/** One check as the runner needs it. */
export type PlanEntry = {
  /** Its number in the shard: given once, never again. Results and head refer to it. */
  readonly no: number;
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly deploymentId: string;
  readonly type: string;
  readonly target: string;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly failureThreshold: number;
  readonly failureWindow?: number;
  readonly successThreshold: number;
  readonly degradedAboveMs?: number;
  readonly conditions?: readonly Condition[];
  readonly parentId?: string;
  readonly maintenance?: readonly MaintenanceWindow[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Epoch ms: since when the check is in this shard. */
  readonly placedAt: number;
  /** Not probed; its state stays as it is. */
  readonly paused?: true;
  /** Epoch ms: since when it runs again after a pause; what was silent until then was so because nobody looked. */
  readonly resumedAt?: number;
  /** On its way to another shard: neither probed nor folded here, so that what was read of it there stays true. */
  readonly leaving?: true;
  /** The state it came with from another shard; counts while the head knows nothing of it. */
  readonly seed?: CheckState;
};

export type Plan = {
  readonly shard: string;
  /** Grows with each write; 0 means not written yet. */
  readonly planVersion: number;
  readonly nextNo: number;
  /** Ascending by `no`. */
  readonly entries: readonly PlanEntry[];
};

export const emptyPlan = (shard: string): Plan => ({ shard, planVersion: 0, nextNo: 1, entries: [] });

/** Whether the shard has anything to run. */
export const activeCount = (plan: Plan): number =>
  plan.entries.filter((entry) => !entry.paused && !entry.leaving).length;

export const toPlanItem = (plan: Plan, attempt: string): Item => ({
  ...planKey(plan.shard),
  v: 1,
  planVersion: plan.planVersion,
  nextNo: plan.nextNo,
  attempt,
  packed: pack(plan.entries),
});

export const fromPlanItem = (shard: string, item: Item | undefined): Plan =>
  item === undefined
    ? emptyPlan(shard)
    : {
        shard,
        planVersion: Number(item.planVersion),
        nextNo: Number(item.nextNo),
        entries: (unpack(item.packed) as PlanEntry[]).map(withWholeSeed),
      };

/** A seed of an earlier version lacks what was counted since. */
const withWholeSeed = (entry: PlanEntry): PlanEntry =>
  entry.seed ? { ...entry, seed: { ...neverSeen, ...entry.seed } } : entry;

import type { Item, Value } from '../storage/index.ts';
import type { Occasion, Workflow } from './plan.ts';
import type { RemediationStatus } from './remediation.ts';

/** One try at a resource, whoever asked for it. */
export type AttemptMade = { readonly planHash: string; readonly attempt: number; readonly at: number };

/** How a plan that changed the resource ended. */
export type Verdict = {
  readonly planHash: string;
  readonly workflow: Workflow;
  readonly occasion: Occasion['kind'];
  readonly status: RemediationStatus;
  readonly at: number;
};

/**
 * What is remembered of one resource, in one item, so that lease, attempts and verdicts are decided together:
 * `HEAL#<hash of type and id>` / `HEAL` in `state`. Expires two days after the last write.
 */
export type HealItem = {
  readonly resource: { readonly type: string; readonly id: string };
  /** Who may change it; of an end before now it is free. */
  readonly lease?:
    | { readonly planHash: string; readonly attempt: number; readonly untilAt: number }
    | undefined;
  /** Of the last hour. */
  readonly attempts: readonly AttemptMade[];
  /** Of the last day. */
  readonly verdicts: readonly Verdict[];
  /** Epoch ms. */
  readonly cooldownUntil?: number | undefined;
  readonly revision: number;
};

export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
/** Longer than anything in it counts. */
export const keptSeconds = 2 * 86_400;
/** An item must not grow: more than any budget allows is not remembered one by one. */
const mostKept = 100;

/** What still counts at `now`. */
export const pruned = (heal: HealItem, now: number): HealItem => ({
  ...heal,
  attempts: heal.attempts.filter(({ at }) => at > now - hourMs).slice(-mostKept),
  verdicts: heal.verdicts.filter(({ at }) => at > now - dayMs).slice(-mostKept),
});

export const untouched = ({ type, id }: { readonly type: string; readonly id: string }): HealItem => ({
  resource: { type, id },
  attempts: [],
  verdicts: [],
  revision: 0,
});

export const fromHealItem = (item: Item): HealItem => ({
  ...(item.heal as unknown as Omit<HealItem, 'revision'>),
  revision: Number(item.revision),
});

export const healFields = (heal: HealItem, now: number) => {
  const { revision, ...fields } = heal;
  return {
    heal: fields as unknown as Value,
    expiresAt: Math.floor(now / 1000) + keptSeconds,
    revision,
  };
};

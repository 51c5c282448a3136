import type * as Zod from 'zod';
import type { CheckStatus } from '../../platform/events.ts';
import type { KindClass } from '../check.ts';
import type { Facts, Placeholder } from '../conditions/condition.ts';
import type { ConditionParser } from '../conditions/schema.ts';
import type { PlanEntry } from '../plan.ts';
import type { Attempt } from '../probing/attempt.ts';

/** What a look told. `reason` is a sentence with the actual value; always there when not healthy. */
export type Verdict = {
  readonly status: CheckStatus;
  readonly reason: string | null;
  readonly statusCode?: number;
  /** What the check's conditions may speak of; judged only when the look itself was a success. */
  readonly facts?: Facts;
};

/** What conditions may speak of when a look goes over one connection or several, beside what the kind itself tells. */
export const ofConnections = [
  'RESPONSE_TIME',
  'CERTIFICATE_DAYS',
  'IP',
  'CONNECTED',
] as const satisfies readonly Placeholder[];

/** A check as a kind sees it. */
export type Probed = Pick<
  PlanEntry,
  'id' | 'no' | 'name' | 'deploymentId' | 'target' | 'config' | 'timeoutSeconds' | 'placedAt'
> & {
  readonly resumedAt?: PlanEntry['resumedAt'];
  readonly seed?: PlanEntry['seed'];
};

/**
 * A way to look at a target. `definition` gets zod and the parser of conditions as arguments, so that they never enter the runner's bundle; its
 * messages say what to write instead. `probe` reaches the target through `attempt` only, measures `total` when an
 * answer came, and may throw `TargetFailed` or `CannotTell`; anything else thrown counts as our own fault. What it
 * needs beyond Node is imported when first used.
 */
export type CheckKind = {
  /** `network` when left out. */
  readonly class?: Exclude<KindClass, 'network'>;
  /** All that its conditions may speak of. A kind without RESPONSE_TIME measures none, so it has no `degradedAbove` either. */
  readonly placeholders: readonly Placeholder[];
  /**
   * The fields of its config in which `${secret:NAME}` is replaced by the secret's value, such as `auth.bearer`; `*` is
   * any name, positions in lists are left out. None when left out; anywhere else such a reference is refused.
   */
  readonly secretFields?: readonly string[];
  /** Where the usual thresholds do not fit. */
  readonly defaults?: {
    readonly failureThreshold?: number;
    readonly successThreshold?: number;
    readonly timeoutSeconds?: number;
    readonly retries?: number;
  };
  definition(
    z: typeof Zod,
    parser: ConditionParser,
  ): {
    readonly target: Zod.ZodType<string, string | undefined>;
    readonly config: Zod.ZodType<Record<string, unknown>, Record<string, unknown>>;
  };
  /**
   * Loads what `probe` needs and is not loaded yet: before the deadline begins to run, for a cold start may take seconds
   * that are not the target's.
   */
  load?(): Promise<unknown>;
  probe(check: Probed, attempt: Attempt): Promise<Verdict>;
};

import type * as Zod from 'zod';
import type { CheckStatus } from '../../platform/events.ts';
import type { PlanEntry } from '../plan.ts';
import type { Attempt } from '../probing/attempt.ts';

/** What a look told. `reason` is a sentence with the actual value; always there when not healthy. */
export type Verdict = {
  readonly status: CheckStatus;
  readonly reason: string | null;
  readonly statusCode?: number;
};

/**
 * A way to look at a target. `definition` gets zod as an argument, so that it never enters the runner's bundle; its
 * messages say what to write instead. `probe` reaches the target through `attempt` only, measures `total` when an
 * answer came, and may throw `TargetFailed` or `CannotTell`; anything else thrown counts as our own fault.
 */
export type CheckKind = {
  definition(z: typeof Zod): {
    readonly target: Zod.ZodType<string, string>;
    readonly config: Zod.ZodType<Record<string, unknown>, Record<string, unknown>>;
  };
  probe(entry: Pick<PlanEntry, 'target' | 'config'>, attempt: Attempt): Promise<Verdict>;
};

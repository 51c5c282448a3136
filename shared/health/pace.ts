import type { ShardClass } from './shard.ts';
import type { Seen } from './slot-results.ts';

/** Three that hung in a row, and the check should run apart; ten successes in a row bring it back. */
const steps = { slow: 3, usual: 10 } as const;

export type Pace = keyof typeof steps;

/** Which change of pace a shard of this class can bring about; the other classes probe no network. */
const nextPaceIn: Partial<Record<ShardClass, Pace>> = {
  public: 'slow',
  vpc: 'slow',
  slow: 'usual',
  'vpc-slow': 'usual',
};

/**
 * Counts results that speak for another pace; `turn` says that there are enough. The count then begins anew, so that
 * a check which nobody moved asks again. A result that is unknown counts neither way.
 */
export const paced = (
  className: ShardClass,
  before: number,
  seen: Pick<Seen, 'status' | 'timedOut'>,
): { readonly paceSteps: number; readonly turn?: Pace } => {
  const next = nextPaceIn[className];
  if (next === undefined) return { paceSteps: 0 };
  if (seen.status === 'unknown') return { paceSteps: before };
  const isStep = next === 'slow' ? seen.timedOut === true : seen.status !== 'unhealthy';
  if (!isStep) return { paceSteps: 0 };
  return before + 1 >= steps[next] ? { paceSteps: 0, turn: next } : { paceSteps: before + 1 };
};

import type { Head } from './head.ts';
import type { Unreachable } from './run.ts';
import type { Seen } from './slot-results.ts';
import { blindReason } from './standing.ts';

/** Fewer failures at once are the targets' own. */
const fewestFresh = 3;

type Looked = {
  readonly seen: readonly Seen[];
  readonly unreachable: ReadonlyMap<number, Unreachable>;
  readonly reached?: ReadonlySet<Unreachable>;
};

/**
 * Whether so much cannot be reached that our own way out may have failed: half of what was looked at (and three)
 * that could be reached before, all of it, all that lies on one way (what stands beside us answers on another), or
 * anything while we are blind already.
 */
export const isDoubtful = ({ seen, unreachable, reached }: Looked, head: Head): boolean => {
  if (unreachable.size === 0) return false;
  if (head.blindSince !== undefined) return true;
  const isFresh = (no: number): boolean => {
    const state = head.checks.get(no);
    return state === undefined || (state.failures === 0 && state.status !== 'unhealthy');
  };
  const fresh = [...unreachable.keys()].filter(isFresh).length;
  if (fresh >= fewestFresh && fresh * 2 >= seen.length) return true;
  if (reached && [...unreachable.values()].some((way) => !reached.has(way))) return true;
  return !seen.some(({ status }) => status === 'healthy' || status === 'degraded');
};

/** What was seen, as a blind monitor must tell it: what lies on the failed ways is unknown, the rest is as it was. */
export const blinded = (
  { seen, unreachable }: Looked,
  failedWays: ReadonlySet<Unreachable>,
): readonly Seen[] =>
  seen.map((one) => {
    const way = unreachable.get(one.no);
    if (way === undefined || !failedWays.has(way)) return one;
    const { timedOut: _hung, ...rest } = one;
    return { ...rest, status: 'unknown', reason: `${blindReason} (${one.reason})`, isBlind: true };
  });

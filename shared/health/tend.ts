import type { Place } from '../platform/environment.ts';
import { isLive } from './fold.ts';
import type { CheckState, Head, HealthEvent } from './head.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { holding } from './release.ts';
import { load, type SettleTools, settle } from './settle.ts';
import { parseShardId } from './shard.ts';
import { staleReason, staleSince } from './standing.ts';
import { statusChanged } from './told.ts';

/**
 * Whether a shard that no run looks after needs somebody: changes that are not told, held trouble whose time has
 * come, or silence that nobody spoke of. Results that nobody folded make their checks silent, so they are found too.
 */
export const needsTending = (plan: Plan, head: Head, now: number): boolean =>
  head.outbox.length > 0 ||
  holding(head, plan).some(({ state }) => state.held.until <= now) ||
  silent(plan, head, now).length > 0;

/**
 * Does for a shard what its next run would: folds what waits, releases what is held and tells it; and makes unknown
 * what has been silent for too long, told with the instant from which on it is. Doing it twice changes nothing.
 */
export const tend = async (shard: string, tools: SettleTools): Promise<void> => {
  const settling = {
    shard,
    planVersion: 0,
    finish: (head: Head, plan: Plan) => foldSilence(plan, head, tools.clock(), tools.place),
  };
  await settle(settling, await load(settling, tools), tools);
};

type Silent = { readonly entry: PlanEntry; readonly state: CheckState; readonly since: number };

/** Checks that are not unknown yet though their results stopped coming. */
const silent = (plan: Plan, head: Head, now: number): readonly Silent[] => {
  const { intervalSeconds } = parseShardId(plan.shard);
  return plan.entries.filter(isLive).flatMap((entry) => {
    const state = head.checks.get(entry.no) ?? entry.seed;
    if (!state || state.status === 'unknown') return [];
    const { placedAt, resumedAt = placedAt } = entry;
    const since = staleSince({ intervalSeconds, placedAt: Math.max(placedAt, resumedAt) }, state, now);
    return since === undefined ? [] : [{ entry, state, since }];
  });
};

/** The instant of the last result stays, so that the next one folds as ever. */
const foldSilence = (plan: Plan, head: Head, now: number, place: Place): Head => {
  const all = silent(plan, head, now);
  if (all.length === 0) return head;
  const checks = new Map(head.checks);
  const outbox: HealthEvent[] = [...head.outbox];
  for (const { entry, state, since } of all) {
    const reason = staleReason(entry, state);
    checks.set(entry.no, {
      ...state,
      status: 'unknown',
      isBlind: false,
      held: null,
      since,
      responseTimeMs: null,
      reason,
    });
    const change = { from: state.status, to: 'unknown', at: since, reason, responseTimeMs: null } as const;
    outbox.push(statusChanged(entry, change, place));
  }
  return { ...head, checks, outbox };
};

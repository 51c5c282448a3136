import type { CheckStatus } from '../platform/events.ts';
import type { CheckState, Held } from './head.ts';
import type { PlanEntry } from './plan.ts';
import type { Member } from './probing/ports.ts';

export const isTrouble = (status: CheckStatus): boolean => status === 'degraded' || status === 'unhealthy';

/** What is told of a change, and what is kept back. */
export type Telling = {
  readonly held: Held | null;
  /** The change to tell now: from which status, and when it happened. */
  readonly tell?: { readonly from: CheckStatus; readonly at: number };
};

/**
 * Whether a change is told at once. Trouble waits while it is expected (maintenance) or may come from a parent check;
 * what gets better is always told, and from what was recorded, even if that was not told. Trouble that was never told
 * and is past leaves no trace but in the history.
 */
export const tellOrHold = (
  entry: Pick<PlanEntry, 'parentId'>,
  before: CheckState,
  after: Pick<CheckState, 'status' | 'at'>,
  inMaintenance: boolean,
): Telling => {
  const { held } = before;
  if (after.status === before.status) return { held };
  const { at } = after;
  if (!isTrouble(after.status)) return { held: null, tell: { from: before.status, at } };
  const from = held?.from ?? before.status;
  if (from === after.status) return { held: null };
  const isBetter = held === null && before.status === 'unhealthy';
  if (isBetter || (!inMaintenance && entry.parentId === undefined)) return { held: null, tell: { from, at } };
  // Waiting goes on from where it began, though the trouble grew.
  const until = held?.until ?? 0;
  return { held: { why: inMaintenance ? 'maintenance' : 'parent', from, at, until } };
};

export type Surroundings = {
  readonly now: number;
  /** Whether the check is in a window of its own at `now`. */
  readonly isInMaintenance: boolean;
  /** Undefined when there is none, or it is in no plan: what does not run holds nothing back. */
  readonly parent: Member | undefined;
};

/** Whether held trouble is told now. A parent holds it for one interval of its own, and on while it is in trouble. */
export const release = (
  entry: Pick<PlanEntry, 'parentId'>,
  state: CheckState & { readonly held: Held },
  { now, isInMaintenance, parent }: Surroundings,
): Telling => {
  const { held } = state;
  // What our own blindness hides may be over by now. So may what began to answer again: it recovers, or fails once more.
  if (state.isBlind || isInMaintenance || state.successes > 0) return { held };
  const tell = { from: held.from, at: held.at };
  if (entry.parentId === undefined || parent === undefined) return { held: null, tell };
  const until =
    held.until > 0 ? held.until : held.at + (parent.intervalSeconds + parent.timeoutSeconds) * 1000;
  // Of a parent that is unknown (paused, silent) nothing is known that could hold its children back.
  const isDown = parent.status === 'unhealthy' || (parent.status !== 'unknown' && parent.failures > 0);
  if (now >= until && !isDown) return { held: null, tell };
  return { held: held.why === 'parent' && held.until === until ? held : { ...held, why: 'parent', until } };
};

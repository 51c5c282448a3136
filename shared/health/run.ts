import { noteBlind, noteSight } from './blind-note.ts';
import { blinded, isDoubtful } from './blindness.ts';
import type { Head } from './head.ts';
import { latestRunNowMs, type NowMessage, type RunMessage } from './message.ts';
import type { PlanEntry } from './plan.ts';
import { load, type SettleTools, type Shard, settle } from './settle.ts';
import type { Results, Seen } from './slot-results.ts';
import { latestStart } from './slots.ts';
import { keepResults } from './telemetry.ts';

/** The way on which nothing came back: it may as well be our own that failed. */
export type Unreachable = 'public' | 'private';

/** Looks at the checks in the order given; those it had no time for are left out of the answer. */
export type Probe = (
  entries: readonly PlanEntry[],
  isOutOfReach: (no: number) => boolean,
) => Promise<{
  readonly seen: readonly Seen[];
  /** By number in the shard: failures in which nothing was heard from the target. */
  readonly unreachable: ReadonlyMap<number, Unreachable>;
  /** The ways on which something came back, be it a wrong answer. */
  readonly reached?: ReadonlySet<Unreachable>;
  readonly loopDelayMs: number;
}>;

export type RunTools = SettleTools & {
  readonly probe: Probe;
  /** The ways on which no canary answers; left out where there are no canaries, so that we never count as blind. */
  readonly failedWays?: (() => Promise<ReadonlySet<Unreachable>>) | undefined;
  readonly retentionDays: number;
};

/**
 * Probes a slot of a shard (or some checks at once), keeps what it saw, folds it into the head and tells what
 * changed. Throws when it could not finish: the message then comes again, and a repeat changes nothing.
 */
export const run = async (message: RunMessage, tools: RunTools): Promise<void> => {
  const shard = await load(message, tools);
  const entries = due(message, shard, tools.clock());
  if (entries.length > 0) await look(message, shard, entries, tools);
  await settle({ ...message, ...(message.kind === 'now' && { own: message }) }, shard, tools);
};

/** What is to be probed now: nothing when the slot is folded already, or too long ago. */
const due = (message: RunMessage, { head, plan }: Shard, now: number): readonly PlanEntry[] => {
  const active = plan.entries.filter((entry) => !entry.paused && !entry.leaving);
  if (message.kind === 'slot') {
    const isOver = head.slotAt >= message.slotAt || now > latestStart(message.shard, message.slotAt);
    return isOver ? [] : active;
  }
  if (now > message.at + latestRunNowMs) return [];
  return active.filter((entry) => isAsked(message, entry, head));
};

const isAsked = (message: NowMessage, entry: PlanEntry, head: Head): boolean =>
  (message.nos === undefined || message.nos.includes(entry.no)) &&
  !(message.unseenOnly && (head.checks.get(entry.no)?.rev ?? 0) >= entry.revision);

/**
 * What was looked at longest ago comes first, so that what one slot has no time for is not left out by all; among
 * those alike the longest comes first, for it needs the most room.
 */
const mostUrgentFirst = (entries: readonly PlanEntry[], head: Head): readonly PlanEntry[] => {
  const seenAt = ({ no }: PlanEntry): number => head.checks.get(no)?.at ?? 0;
  const longest = ({ timeoutSeconds, retries }: PlanEntry): number => timeoutSeconds * (retries + 1);
  return entries.toSorted((left, right) => seenAt(left) - seenAt(right) || longest(right) - longest(left));
};

const look = async (
  message: RunMessage,
  { head, plan }: Shard,
  entries: readonly PlanEntry[],
  tools: RunTools,
): Promise<void> => {
  const looked = await tools.probe(mostUrgentFirst(entries, head), (no) => isOutOfReach(head, no));
  const at = message.kind === 'slot' ? message.slotAt : message.at;
  const sight = await judgeSight(message, at, looked, head, tools);
  const results: Results = {
    shard: plan.shard,
    at,
    ...(message.kind === 'now' && { runId: message.runId }),
    planVersion: plan.planVersion,
    attempt: tools.newId(),
    loopDelayMs: looked.loopDelayMs,
    ...(sight.blindSince !== undefined && { blindSince: sight.blindSince }),
    seen: await inWindows(sight.seen, entries, at),
  };
  await keepResults(tools.telemetry, results, Math.floor(at / 1000) + tools.retentionDays * 86_400);
};

/** Down, or behind our own failed way out: asked once whether it is back, without retries. */
const isOutOfReach = ({ checks }: Head, no: number): boolean => {
  const state = checks.get(no);
  return state !== undefined && (state.status === 'unhealthy' || state.isBlind);
};

type Looked = Awaited<ReturnType<Probe>>;
type Sight = { readonly seen: readonly Seen[]; readonly blindSince?: number };

/**
 * What was seen, after we doubted ourselves. Only slots note that we went blind or see again, for a run-now looks at
 * few checks. Both are noted before the results are kept: killed between, the next run notes the same once more.
 */
const judgeSight = async (
  message: RunMessage,
  at: number,
  looked: Looked,
  head: Head,
  { failedWays, telemetry }: RunTools,
): Promise<Sight> => {
  const failed = failedWays && isDoubtful(looked, head) ? await failedWays() : new Set<Unreachable>();
  const seen = blinded(looked, failed);
  if (message.kind === 'now') return { seen };
  if (seen.some((one) => one.isBlind)) {
    return { seen, blindSince: await noteBlind(telemetry, message.shard, at) };
  }
  if (head.blindSince !== undefined && seen.some((one) => one.status !== 'unknown')) {
    await noteSight(telemetry, message.shard, head.blindSince);
  }
  return { seen };
};

/** Marks what was seen in a maintenance window, judged by the instant of the slot. */
const inWindows = async (
  seen: readonly Seen[],
  entries: readonly PlanEntry[],
  at: number,
): Promise<readonly Seen[]> => {
  const planned = entries.filter((entry) => entry.maintenance?.length);
  if (planned.length === 0) return seen;
  const { isInMaintenance } = await import('./maintenance-at.ts');
  const inside = new Set<number>();
  for (const { no, maintenance = [] } of planned) if (await isInMaintenance(maintenance, at)) inside.add(no);
  return seen.map((one) => (inside.has(one.no) ? { ...one, inMaintenance: true } : one));
};

import type { Bus } from '../platform/aws/bus.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { Table } from '../storage/table.ts';
import { maximumRounds, type Patience, waitABit } from './conflict.ts';
import { fold } from './fold.ts';
import type { Head } from './head.ts';
import type { NowMessage, RunMessage } from './message.ts';
import type { Plan, PlanEntry } from './plan.ts';
import type { Results, Seen } from './slot-results.ts';
import { latestStart } from './slots.ts';
import { keepResults, readHead, readPlan, readResultsOf, unfoldedResults, writeHead } from './telemetry.ts';

/** Looks at the checks in the order given; those it had no time for are left out of the answer. */
export type Probe = (
  entries: readonly PlanEntry[],
  isUnhealthy: (no: number) => boolean,
) => Promise<{ seen: readonly Seen[]; loopDelayMs: number }>;

export type RunTools = Patience & {
  readonly telemetry: Pick<Table, 'get' | 'query' | 'put'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly place: Place;
  readonly probe: Probe;
  readonly retentionDays: number;
};

/** A run-now may be this late, for no slot's arithmetic waits for it. */
const latestRunNowMs = 5 * 60_000;

type Shard = { readonly head: Head; readonly plan: Plan };

/**
 * Probes a slot of a shard (or some checks at once), keeps what it saw, folds it into the head and tells what
 * changed. Throws when it could not finish: the message then comes again, and a repeat changes nothing.
 */
export const run = async (message: RunMessage, tools: RunTools): Promise<void> => {
  const shard = await load(message.shard, message.planVersion, tools);
  const entries = due(message, shard, tools.clock());
  if (entries.length > 0) await look(message, shard, entries, tools);
  await settle(message, shard, tools);
};

/** Head and plan, the plan at least as new as whoever wrote to us knew it. */
const load = async (shard: string, needed: number, { telemetry }: RunTools): Promise<Shard> => {
  const [head, first] = await Promise.all([readHead(telemetry, shard), readPlan(telemetry, shard)]);
  const wanted = Math.max(needed, head.planVersion);
  const plan = first.planVersion >= wanted ? first : await readPlan(telemetry, shard);
  if (plan.planVersion < wanted) {
    throw new Error(`the plan of ${shard} is at version ${plan.planVersion}, ${wanted} was announced`);
  }
  return { head, plan };
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
  const { seen, loopDelayMs } = await tools.probe(
    mostUrgentFirst(entries, head),
    (no) => head.checks.get(no)?.status === 'unhealthy',
  );
  const at = message.kind === 'slot' ? message.slotAt : message.at;
  const results: Results = {
    shard: plan.shard,
    at,
    ...(message.kind === 'now' && { runId: message.runId }),
    planVersion: plan.planVersion,
    attempt: tools.newId(),
    loopDelayMs,
    seen,
  };
  await keepResults(tools.telemetry, results, Math.floor(at / 1000) + tools.retentionDays * 86_400);
};

/** Folds, writes and tells until nothing is left to do. */
const settle = async (message: RunMessage, loaded: Shard, tools: RunTools): Promise<void> => {
  let shard = loaded;
  for (let round = 1; round <= maximumRounds; round++) {
    const log = await waiting(message, shard.head, tools);
    const needed = Math.max(shard.head.planVersion, ...log.map((results) => results.planVersion));
    if (shard.plan.planVersion < needed) shard = await load(message.shard, needed, tools);
    const folded = fold(shard.head, shard.plan, log, tools.place);
    const head = folded.isChanged ? await write(folded.head, tools) : shard.head;
    const told = head && (head.outbox.length > 0 ? await tell(head, tools) : head);
    if (told && folded.isComplete) return;
    if (!told) await waitABit(round, tools);
    shard = told ? { ...shard, head: told } : await load(message.shard, message.planVersion, tools);
  }
  throw new Error(`the head of ${message.shard} changed under ${maximumRounds} tries to fold`);
};

/**
 * The results still to be folded. A run-now's own are among them even where a later slot was folded meanwhile,
 * for that slot may have run by a plan that lacked its checks.
 */
const waiting = async (message: RunMessage, head: Head, { telemetry }: RunTools): Promise<Results[]> => {
  const log = await unfoldedResults(telemetry, message.shard, head.slotAt);
  if (message.kind === 'slot' || message.at > head.slotAt) return log;
  const own = await readResultsOf(telemetry, message.shard, message.at, message.runId);
  return own ? [own, ...log.filter((results) => results.runId !== own.runId)] : log;
};

/** Undefined when another run was first. */
const write = async (head: Head, tools: RunTools): Promise<Head | undefined> => {
  const next = { ...head, version: head.version + 1 };
  return (await writeHead(tools.telemetry, next, tools.newId())) === 'written' ? next : undefined;
};

/** Publishes what the head carries and takes that out of it; undefined when another run wrote between for too long. */
const tell = async (head: Head, tools: RunTools): Promise<Head | undefined> => {
  const taken = new Set(await tools.bus.publish(head.outbox));
  if (taken.size === 0) throw new Error(`the bus took none of ${head.outbox.length} events of ${head.shard}`);
  let current = head;
  for (let round = 1; round <= maximumRounds; round++) {
    const outbox = current.outbox.filter((event) => !taken.has(event.detail.id));
    const cleared =
      outbox.length === current.outbox.length ? current : await write({ ...current, outbox }, tools);
    if (cleared && taken.size < head.outbox.length) {
      throw new Error(`the bus took ${taken.size} of ${head.outbox.length} events of ${head.shard}`);
    }
    if (cleared) return cleared;
    await waitABit(round, tools);
    current = await readHead(tools.telemetry, head.shard);
  }
  return undefined;
};

import type { Bus } from '../platform/aws/bus.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { Table } from '../storage/table.ts';
import { maximumRounds, type Patience, waitABit } from './conflict.ts';
import { fold } from './fold.ts';
import type { Head } from './head.ts';
import type { Plan } from './plan.ts';
import { holding, releaseHeld } from './release.ts';
import type { Results } from './slot-results.ts';
import { readHead, readPlan, readResultsOf, unfoldedResults, writeHead } from './telemetry.ts';

export type SettleTools = Patience & {
  readonly telemetry: Pick<Table, 'get' | 'batchGet' | 'query' | 'put'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly place: Place;
};

export type Shard = { readonly head: Head; readonly plan: Plan };

/** What a shard is brought up to. */
export type Settling = {
  readonly shard: string;
  /** The plan must be at least so new. */
  readonly planVersion: number;
  /** A run-now whose results may lie before the newest slot. */
  readonly own?: { readonly at: number; readonly runId: string };
  /** What is to be done to the head after all results are folded; the same head when nothing is. */
  readonly finish?: (head: Head, plan: Plan) => Head;
};

/** Head and plan, the plan at least as new as whoever wrote to us knew it. */
export const load = async (
  { shard, planVersion }: Pick<Settling, 'shard' | 'planVersion'>,
  { telemetry }: Pick<SettleTools, 'telemetry'>,
): Promise<Shard> => {
  const [head, first] = await Promise.all([readHead(telemetry, shard), readPlan(telemetry, shard)]);
  const wanted = Math.max(planVersion, head.planVersion);
  const plan = first.planVersion >= wanted ? first : await readPlan(telemetry, shard);
  if (plan.planVersion < wanted) {
    throw new Error(`the plan of ${shard} is at version ${plan.planVersion}, ${wanted} was announced`);
  }
  return { head, plan };
};

/** Folds, releases what was held, writes and tells until nothing is left to do. */
export const settle = async (settling: Settling, loaded: Shard, tools: SettleTools): Promise<void> => {
  let shard = loaded;
  for (let round = 1; round <= maximumRounds; round++) {
    const log = await waiting(settling, shard.head, tools);
    const needed = Math.max(shard.head.planVersion, ...log.results.map((results) => results.planVersion));
    if (shard.plan.planVersion < needed) {
      shard = await load({ shard: settling.shard, planVersion: needed }, tools);
    }
    const { next, isComplete } = await decide(settling, shard, log, tools);
    const head = next === shard.head ? next : await write(next, tools);
    const told = head && (head.outbox.length > 0 ? await tell(head, tools) : head);
    if (told && isComplete) return;
    if (!told) await waitABit(round, tools);
    shard = told ? { ...shard, head: told } : await load(settling, tools);
  }
  throw new Error(`the head of ${settling.shard} changed under ${maximumRounds} tries to fold`);
};

const decide = async (
  { finish }: Settling,
  { head, plan }: Shard,
  log: Waiting,
  tools: SettleTools,
): Promise<{ next: Head; isComplete: boolean }> => {
  const folded = fold(head, plan, log.results, tools.place);
  if (!folded.isComplete || !log.isAll) return { next: folded.head, isComplete: false };
  const finished = finish?.(folded.head, plan) ?? folded.head;
  const next = holding(finished, plan).length > 0 ? await releaseHeld(finished, plan, tools) : finished;
  return { next: next === head ? head : { ...next, planVersion: plan.planVersion }, isComplete: true };
};

type Waiting = { readonly results: readonly Results[]; readonly isAll: boolean };

/**
 * The results still to be folded. A run-now's own are among them even where a later slot was folded meanwhile,
 * for that slot may have run by a plan that lacked its checks.
 */
const waiting = async (
  { shard, own }: Settling,
  head: Head,
  { telemetry }: SettleTools,
): Promise<Waiting> => {
  const log = await unfoldedResults(telemetry, shard, head.slotAt);
  if (own === undefined || own.at > head.slotAt) return log;
  const found = await readResultsOf(telemetry, shard, own.at, own.runId);
  if (!found) return log;
  return { ...log, results: [found, ...log.results.filter((results) => results.runId !== own.runId)] };
};

/** Undefined when another run was first. */
const write = async (head: Head, tools: SettleTools): Promise<Head | undefined> => {
  const next = { ...head, version: head.version + 1 };
  return (await writeHead(tools.telemetry, next, tools.newId())) === 'written' ? next : undefined;
};

/** Publishes what the head carries and takes that out of it; undefined when another run wrote between for too long. */
const tell = async (head: Head, tools: SettleTools): Promise<Head | undefined> => {
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

import type { CheckStatus } from '../platform/events.ts';
import type { Item } from '../storage/table.ts';
import type { CheckResult } from './check.ts';
import { resultsKey } from './keys.ts';
import {
  column,
  fromDeltas,
  fromRelative,
  pack,
  statusCode,
  statusFrom,
  toDeltas,
  toRelative,
  unpack,
} from './packing.ts';

export const phaseNames = ['dns', 'connect', 'tls', 'firstByte', 'total'] as const;
export type PhaseName = (typeof phaseNames)[number];
/** Whole milliseconds; a phase that did not happen is left out. */
export type Phases = Readonly<Partial<Record<PhaseName, number>>>;

/** What one check saw. */
export type Seen = {
  readonly no: number;
  readonly rev: number;
  readonly status: CheckStatus;
  /** A sentence; always there when not healthy. */
  readonly reason: string | null;
  readonly phases: Phases;
  readonly attempts: number;
  readonly statusCode?: number;
  /** It hung until the deadline. */
  readonly timedOut?: boolean;
  /** In a maintenance window of its own: recorded, neither told nor counted against its uptime. */
  readonly inMaintenance?: boolean;
  /** Unknown because our own way out failed. */
  readonly isBlind?: boolean;
};

/** What one run saw: written once, never changed. A check that is missing has a gap there. */
export type Results = {
  readonly shard: string;
  readonly at: number;
  /** Names a run-now; a slot has none. */
  readonly runId?: string;
  readonly planVersion: number;
  /** Who wrote it: how a write whose acknowledgement was lost knows itself. */
  readonly attempt: string;
  /** How late timers were at worst during the run, in ms: latencies are not finer than this. */
  readonly loopDelayMs: number;
  /** Epoch ms: since when our own way out fails; left out while it works. */
  readonly blindSince?: number;
  readonly seen: readonly Seen[];
};

/** Evidence of one check in one slot; a hundred of them stay far from DynamoDB's 400 KB. */
export const evidenceBytes = 512;
const cutMark = '… (cut)';

/** Cuts at a character's border so that text and mark fit into `evidenceBytes`. */
export const cutEvidence = (text: string): string => {
  if (Buffer.byteLength(text) <= evidenceBytes) return text;
  const room = evidenceBytes - Buffer.byteLength(cutMark);
  // A character that the cut halved decodes to U+FFFD.
  const kept = Buffer.from(text)
    .subarray(0, room)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return `${kept}${cutMark}`;
};

type Columns = {
  nos: number[];
  revs: number[];
  statuses: number[];
  attempts: number[];
  phases: Partial<Record<PhaseName, readonly (number | null)[] | undefined>>;
  statusCodes?: readonly (number | null)[] | undefined;
  reasons: Record<string, string>;
  /** Left out while nothing stands out. */
  flags?: readonly number[] | undefined;
};

const flagsOf = (seen: Seen): number =>
  Number(seen.timedOut ?? false) +
  2 * Number(seen.inMaintenance ?? false) +
  4 * Number(seen.isBlind ?? false);

/** `expiresAt` in epoch seconds. */
export const toResultsItem = (results: Results, expiresAt: number): Item => {
  const seen = [...results.seen].sort((left, right) => left.no - right.no);
  const columns: Columns = {
    nos: toDeltas(seen.map((one) => one.no)),
    revs: seen.map((one) => one.rev),
    statuses: seen.map((one) => statusCode(one.status)),
    attempts: seen.map((one) => one.attempts),
    phases: Object.fromEntries(
      phaseNames.map((phase) => [phase, column(seen.map((one) => one.phases[phase] ?? null))]),
    ),
    statusCodes: column(seen.map((one) => one.statusCode ?? null)),
    reasons: Object.fromEntries(
      seen.flatMap((one) => (one.reason === null ? [] : [[one.no, cutEvidence(one.reason)]])),
    ),
    flags: toRelative(seen.map(flagsOf)),
  };
  return {
    ...resultsKey(results.shard, results.at, results.runId),
    v: 1,
    at: results.at,
    ...(results.runId !== undefined && { runId: results.runId }),
    planVersion: results.planVersion,
    attempt: results.attempt,
    loopDelayMs: results.loopDelayMs,
    ...(results.blindSince !== undefined && { blindSince: results.blindSince }),
    packed: pack(columns),
    expiresAt,
  };
};

export const fromResultsItem = (shard: string, item: Item): Results => {
  const columns = unpack(item.packed) as Columns;
  return {
    shard,
    at: Number(item.at),
    ...(typeof item.runId === 'string' && { runId: item.runId }),
    planVersion: Number(item.planVersion),
    attempt: String(item.attempt),
    loopDelayMs: Number(item.loopDelayMs),
    ...(typeof item.blindSince === 'number' && { blindSince: item.blindSince }),
    seen: fromDeltas(columns.nos).map((no, at) => seenAt(columns, no, at)),
  };
};

const seenAt = (columns: Columns, no: number, at: number): Seen => {
  const phases: Partial<Record<PhaseName, number>> = {};
  for (const phase of phaseNames) {
    const value = columns.phases[phase]?.[at];
    if (typeof value === 'number') phases[phase] = value;
  }
  const code = columns.statusCodes?.[at];
  const flags = fromRelative(columns.flags, at);
  return {
    no,
    rev: columns.revs[at] ?? 0,
    status: statusFrom(columns.statuses[at]),
    reason: columns.reasons[no] ?? null,
    phases,
    attempts: columns.attempts[at] ?? 1,
    ...(typeof code === 'number' && { statusCode: code }),
    ...((flags & 1) > 0 && { timedOut: true }),
    ...((flags & 2) > 0 && { inMaintenance: true }),
    ...((flags & 4) > 0 && { isBlind: true }),
  };
};

/** The result of one check as history shows it. */
export const toCheckResult = (at: number, seen: Seen): CheckResult => ({
  at,
  status: seen.status,
  responseTimeMs: responseTimeOf(seen),
  reason: seen.reason,
  phases: seen.phases,
  attempts: seen.attempts,
  ...(seen.statusCode !== undefined && { statusCode: seen.statusCode }),
});

/** How long an answer took; what did not answer has no response time. */
export const responseTimeOf = (seen: Seen): number | null =>
  seen.status === 'unknown' ? null : (seen.phases.total ?? null);

import type { CheckStatus, HomeostatEvent } from '../platform/events.ts';
import type { Item } from '../storage/table.ts';
import { headKey } from './keys.ts';
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

/** Trouble that was recorded and is not told yet. */
export type Held = {
  /** `maintenance`: until the window is over. `parent`: for a while, and on while the parent check is in trouble. */
  readonly why: 'maintenance' | 'parent';
  /** The last status that was told. */
  readonly from: CheckStatus;
  /** Epoch ms: when the check turned to what it is now. */
  readonly at: number;
  /** Epoch ms: when it is to be looked at again; 0 while the parent was not asked for its interval yet. */
  readonly until: number;
};

/** How one check stands, made only by folding results. */
export type CheckState = {
  /** Epoch ms of the newest result folded; an older one is history only. */
  readonly at: number;
  /** Revision of the definition that result was made with. */
  readonly rev: number;
  readonly status: CheckStatus;
  /** The last status that was not unknown: what an unknown check returns to, or must recover from. */
  readonly known: Exclude<CheckStatus, 'unknown'> | null;
  /** Failures in a row. */
  readonly failures: number;
  /** In a row, towards the next better status, at most the threshold: a slow success is no step from degraded to healthy. */
  readonly successes: number;
  /** Slow successes in a row, at most as many as any threshold asks for. */
  readonly slows: number;
  /** Bits of the last results that were failures, or slow, newest lowest; kept where `failureWindow` counts them. */
  readonly failureMarks: number;
  readonly slowMarks: number;
  /** The last twenty outcomes: bits newest lowest, 1 for a failure, below a leading 1 that marks how many there are. */
  readonly outcomes: number;
  readonly isFlapping: boolean;
  /** Results in a row that speak for running apart from the others, or for coming back. */
  readonly paceSteps: number;
  /** The newest result says nothing, because our own way out failed; all else is as it was before. */
  readonly isBlind: boolean;
  /** Results folded since the check exists, and failures among them; an unknown one is a look that did not fail. */
  readonly looks: number;
  readonly failedLooks: number;
  /** Trouble not told yet; only while the status is degraded or unhealthy. */
  readonly held: Held | null;
  /** Epoch ms: since when the status holds; null while nothing was ever known. */
  readonly since: number | null;
  readonly responseTimeMs: number | null;
  /** Why the last result was no success, or why the check is not healthy yet; null when all is well. */
  readonly reason: string | null;
};

/** What a changed definition starts anew. The status, and what was told of it, it keeps. */
export const freshCounters = {
  failures: 0,
  successes: 0,
  slows: 0,
  failureMarks: 0,
  slowMarks: 0,
  outcomes: 1,
  paceSteps: 0,
} as const satisfies Partial<CheckState>;

export const neverSeen: CheckState = {
  at: 0,
  rev: 0,
  status: 'unknown',
  known: null,
  ...freshCounters,
  isFlapping: false,
  isBlind: false,
  looks: 0,
  failedLooks: 0,
  held: null,
  since: null,
  responseTimeMs: null,
  reason: null,
};

/** What folding tells. */
export type HealthEvent = Extract<
  HomeostatEvent,
  { type: 'check.status_changed' | 'check.flapping' | 'check.paced' | 'monitor.blind' }
>;
export type StatusChanged = Extract<HealthEvent, { type: 'check.status_changed' }>;

/** The state of a shard: all its checks, how far its results are folded, and what is not told yet. */
export type Head = {
  readonly shard: string;
  /** Grows with each write; 0 means not written yet. */
  readonly version: number;
  /** Epoch ms: the newest slot folded; results after it are still to be folded. */
  readonly slotAt: number;
  /** The newest plan that ever served for folding: an older one must not. */
  readonly planVersion: number;
  readonly checks: ReadonlyMap<number, CheckState>;
  readonly outbox: readonly HealthEvent[];
  /** Epoch ms: since when the monitor's own way out fails, as its runs told; left out while it works. */
  readonly blindSince?: number;
};

export const emptyHead = (shard: string): Head => ({
  shard,
  version: 0,
  slotAt: 0,
  planVersion: 0,
  checks: new Map(),
  outbox: [],
});

/** The columns of a head; instants are stored as distances from `slotAt`, which are mostly alike. */
type Columns = {
  nos: number[];
  ats: number[];
  revs: number[];
  statuses: number[];
  knowns: number[];
  failures: number[];
  successes: number[];
  sinces?: readonly (number | null)[] | undefined;
  responseTimes?: readonly (number | null)[] | undefined;
  reasons: Record<string, string>;
  outbox: readonly HealthEvent[];
  flags?: readonly number[] | undefined;
  held?: Record<string, Held> | undefined;
} & { [N in (typeof counted)[number]]?: readonly number[] | undefined };

/** Columns that heads of earlier versions lack, and that are left out while they are all zero. */
const counted = [
  'slows',
  'failureMarks',
  'slowMarks',
  'outcomes',
  'paceSteps',
  'looks',
  'failedLooks',
] as const;

const flagsOf = (state: CheckState): number => Number(state.isFlapping) + 2 * Number(state.isBlind);

export const toHeadItem = (head: Head, attempt: string): Item => {
  const checks = [...head.checks].sort(([left], [right]) => left - right);
  const states = checks.map(([, state]) => state);
  const held = checks.flatMap(([no, state]) => (state.held === null ? [] : [[no, state.held] as const]));
  const columns: Columns = {
    nos: toDeltas(checks.map(([no]) => no)),
    ats: states.map((state) => state.at - head.slotAt),
    revs: states.map((state) => state.rev),
    statuses: states.map((state) => statusCode(state.status)),
    knowns: states.map((state) => statusCode(state.known ?? 'unknown')),
    failures: states.map((state) => state.failures),
    successes: states.map((state) => state.successes),
    sinces: column(states.map((state) => (state.since === null ? null : state.since - head.slotAt))),
    responseTimes: column(states.map((state) => state.responseTimeMs)),
    reasons: Object.fromEntries(
      checks.flatMap(([no, state]) => (state.reason === null ? [] : [[no, state.reason]])),
    ),
    outbox: head.outbox,
    flags: toRelative(states.map(flagsOf)),
    ...(held.length > 0 && { held: Object.fromEntries(held) }),
    ...Object.fromEntries(counted.map((name) => [name, toRelative(states.map((state) => state[name]))])),
  };
  return {
    ...headKey(head.shard),
    v: 1,
    version: head.version,
    slotAt: head.slotAt,
    planVersion: head.planVersion,
    attempt,
    ...(head.blindSince !== undefined && { blindSince: head.blindSince }),
    packed: pack(columns),
  };
};

export const fromHeadItem = (shard: string, item: Item | undefined): Head => {
  if (item === undefined) return emptyHead(shard);
  const slotAt = Number(item.slotAt);
  const columns = unpack(item.packed) as Columns;
  const nos = fromDeltas(columns.nos);
  return {
    shard,
    version: Number(item.version),
    slotAt,
    planVersion: Number(item.planVersion),
    checks: new Map(nos.map((no, at) => [no, stateAt(columns, no, at, slotAt)])),
    outbox: columns.outbox,
    ...(typeof item.blindSince === 'number' && { blindSince: item.blindSince }),
  };
};

const stateAt = (columns: Columns, no: number, at: number, slotAt: number): CheckState => {
  const known = statusFrom(columns.knowns[at]);
  const since = columns.sinces?.[at] ?? null;
  const flags = fromRelative(columns.flags, at);
  const count = (name: (typeof counted)[number]): number => fromRelative(columns[name], at);
  return {
    at: (columns.ats[at] ?? 0) + slotAt,
    rev: columns.revs[at] ?? 0,
    status: statusFrom(columns.statuses[at]),
    known: known === 'unknown' ? null : known,
    failures: columns.failures[at] ?? 0,
    successes: columns.successes[at] ?? 0,
    slows: count('slows'),
    failureMarks: count('failureMarks'),
    slowMarks: count('slowMarks'),
    // A head of an earlier version counted no outcomes.
    outcomes: count('outcomes') || neverSeen.outcomes,
    isFlapping: (flags & 1) > 0,
    paceSteps: count('paceSteps'),
    isBlind: (flags & 2) > 0,
    looks: count('looks'),
    failedLooks: count('failedLooks'),
    held: columns.held?.[no] ?? null,
    since: since === null ? null : since + slotAt,
    responseTimeMs: columns.responseTimes?.[at] ?? null,
    reason: columns.reasons[no] ?? null,
  };
};

import type { CheckStatus, HomeostatEvent } from '../platform/events.ts';
import type { Item } from '../storage/table.ts';
import { headKey } from './keys.ts';
import { column, fromDeltas, pack, statusCode, statusFrom, toDeltas, unpack } from './packing.ts';

/** How one check stands, made only by folding results. */
export type CheckState = {
  /** Epoch ms of the newest result folded; an older one is history only. */
  readonly at: number;
  /** Revision of the definition that result was made with. */
  readonly rev: number;
  readonly status: CheckStatus;
  /** The last status that was not unknown: what an unknown check returns to, or must recover from. */
  readonly known: Exclude<CheckStatus, 'unknown'> | null;
  /** Failures and successes in a row; successes stop counting at the threshold. */
  readonly failures: number;
  readonly successes: number;
  /** Epoch ms: since when the status holds; null while nothing was ever known. */
  readonly since: number | null;
  readonly responseTimeMs: number | null;
  /** Why the last result was no success, or why the check is not healthy yet; null when all is well. */
  readonly reason: string | null;
};

export type StatusChanged = Extract<HomeostatEvent, { type: 'check.status_changed' }>;

/** The state of a shard: all its checks, how far its results are folded, and the changes not told yet. */
export type Head = {
  readonly shard: string;
  /** Grows with each write; 0 means not written yet. */
  readonly version: number;
  /** Epoch ms: the newest slot folded; results after it are still to be folded. */
  readonly slotAt: number;
  /** The newest plan that ever served for folding: an older one must not. */
  readonly planVersion: number;
  readonly checks: ReadonlyMap<number, CheckState>;
  readonly outbox: readonly StatusChanged[];
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
  outbox: readonly StatusChanged[];
};

export const toHeadItem = (head: Head, attempt: string): Item => {
  const checks = [...head.checks].sort(([left], [right]) => left - right);
  const states = checks.map(([, state]) => state);
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
  };
  return {
    ...headKey(head.shard),
    v: 1,
    version: head.version,
    slotAt: head.slotAt,
    planVersion: head.planVersion,
    attempt,
    packed: pack(columns),
  };
};

export const fromHeadItem = (shard: string, item: Item | undefined): Head => {
  if (item === undefined) return emptyHead(shard);
  const slotAt = Number(item.slotAt);
  const columns = unpack(item.packed) as Columns;
  const checks = new Map<number, CheckState>();
  fromDeltas(columns.nos).forEach((no, at) => {
    const known = statusFrom(columns.knowns[at]);
    const since = columns.sinces?.[at] ?? null;
    checks.set(no, {
      at: (columns.ats[at] ?? 0) + slotAt,
      rev: columns.revs[at] ?? 0,
      status: statusFrom(columns.statuses[at]),
      known: known === 'unknown' ? null : known,
      failures: columns.failures[at] ?? 0,
      successes: columns.successes[at] ?? 0,
      since: since === null ? null : since + slotAt,
      responseTimeMs: columns.responseTimes?.[at] ?? null,
      reason: columns.reasons[no] ?? null,
    });
  });
  return {
    shard,
    version: Number(item.version),
    slotAt,
    planVersion: Number(item.planVersion),
    checks,
    outbox: columns.outbox,
  };
};

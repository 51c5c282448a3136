import type { Clock } from '../platform/clock.ts';
import type { Item, Table } from '../storage/table.ts';
import { planKey, resultsBetween } from './keys.ts';
import { fromResultsItem, type Results, responseTimeOf, type Seen } from './slot-results.ts';

/** What one slot of a shard says of one check. Null: nothing. */
export type SlotPoint = { readonly at: number; readonly responseMs: number | null; readonly failure: 0 | 1 };

/** The slots of a shard, packed: a hundred checks for a day each minute are a megabyte. */
type Slot = {
  readonly at: number;
  readonly nos: Int32Array;
  /** Milliseconds, or -1. */
  readonly responseMs: Int32Array;
  readonly failures: Uint8Array;
};

type Known = {
  /** Ascending by `at`. */
  slots: Slot[];
  /** Epoch ms: the part of history that was read; what is written later for the end of it is read once more. */
  fromAt: number;
  toAt: number;
  /** The longest stretch that anybody asks for: what is older is let go. */
  widthMs: number;
  /** When it was read last. */
  readAt: number;
};

/** A run ends at most three minutes after its slot: so far back a slot may still get its results. */
const lateMs = 180_000;
/** Rule shards of one tick read the same shards of checks: what was read a moment ago for the same instant serves them all. */
const freshMs = 5_000;
/** Of all shards together: about 25 MB of the function's memory. */
const mostSlots = 25_000;

/** A look that is unknown (also for our own blindness) or in maintenance says nothing. */
const speaks = (seen: Seen): boolean => seen.status !== 'unknown' && !seen.inMaintenance && !seen.isBlind;

const toSlot = ({ at, seen }: Results): Slot => {
  const said = seen.filter(speaks);
  return {
    at,
    nos: Int32Array.from(said, (one) => one.no),
    responseMs: Int32Array.from(said, (one) => responseTimeOf(one) ?? -1),
    failures: Uint8Array.from(said, (one) => Number(one.status === 'unhealthy')),
  };
};

export type SlotPoints = {
  /** Points of the checks with these numbers in the shard, at `fromAt < at <= toAt`, oldest first, by number. */
  read(
    shard: string,
    nos: ReadonlySet<number>,
    range: { readonly fromAt: number; readonly toAt: number },
  ): Promise<ReadonlyMap<number, readonly SlotPoint[]>>;
};

/**
 * Results of slots, remembered by a warm function: they never change, so each reading takes only what is new. What people
 * had looked at between slots (run now) is no slot and does not count.
 */
export const openSlotPoints = (telemetry: Pick<Table, 'query'>, clock: Clock): SlotPoints => {
  const shards = new Map<string, Known>();
  const reading = new Map<string, Promise<Known>>();

  const bring = async (shard: string, fromAt: number, toAt: number): Promise<Known> => {
    const known = shards.get(shard);
    const now = clock();
    const covers = known !== undefined && known.fromAt <= fromAt;
    if (covers && known.readAt >= toAt && now - known.readAt < freshMs) return known;
    const from = covers ? Math.max(fromAt, Math.min(known.toAt, toAt) - lateMs) : fromAt;
    const items = await readAll(telemetry, planKey(shard).pk, resultsBetween(from + 1, toAt));
    const widthMs = Math.max(toAt - fromAt, known?.widthMs ?? 0);
    const reachedAt = Math.max(toAt, covers ? known.toAt : 0);
    const keptFrom = Math.max(covers ? known.fromAt : fromAt, reachedAt - widthMs);
    const slots = merged(covers ? known.slots : [], shard, items).filter(({ at }) => at > keptFrom);
    const next = { slots, fromAt: keptFrom, toAt: reachedAt, widthMs, readAt: now };
    shards.delete(shard);
    shards.set(shard, next);
    forget(shards);
    return next;
  };
  return {
    async read(shard, nos, { fromAt, toAt }) {
      // One after the other for a shard, so that the second finds what the first brought.
      const turn = (reading.get(shard) ?? Promise.resolve()).then(
        () => bring(shard, fromAt, toAt),
        () => bring(shard, fromAt, toAt),
      );
      reading.set(shard, turn);
      try {
        return pointsOf((await turn).slots, nos, fromAt, toAt);
      } finally {
        if (reading.get(shard) === turn) reading.delete(shard);
      }
    },
  };
};

const merged = (slots: readonly Slot[], shard: string, items: readonly Item[]): Slot[] => {
  const known = new Set(slots.map(({ at }) => at));
  const fresh = items
    .filter((item) => typeof item.runId !== 'string' && !known.has(Number(item.at)))
    .map((item) => toSlot(fromResultsItem(shard, item)));
  return fresh.length === 0 ? [...slots] : [...slots, ...fresh].sort((left, right) => left.at - right.at);
};

/** The longest unused shards go first; the one just read stays, however long it is. */
const forget = (shards: Map<string, Known>): void => {
  let held = [...shards.values()].reduce((sum, { slots }) => sum + slots.length, 0);
  for (const [shard, { slots }] of shards) {
    if (held <= mostSlots || shards.size === 1) return;
    shards.delete(shard);
    held -= slots.length;
  }
};

const pointsOf = (
  slots: readonly Slot[],
  nos: ReadonlySet<number>,
  fromAt: number,
  toAt: number,
): Map<number, SlotPoint[]> => {
  const points = new Map<number, SlotPoint[]>([...nos].map((no) => [no, []]));
  for (const { at, nos: said, responseMs, failures } of slots) {
    if (at <= fromAt || at > toAt) continue;
    for (let index = 0; index < said.length; index++) {
      const ofCheck = points.get(said[index] ?? -1);
      const ms = responseMs[index] ?? -1;
      ofCheck?.push({ at, responseMs: ms < 0 ? null : ms, failure: failures[index] === 1 ? 1 : 0 });
    }
  }
  return points;
};

export const readAll = async (
  telemetry: Pick<Table, 'query'>,
  pk: string,
  bounds: { readonly from: string; readonly to: string },
): Promise<Item[]> => {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await telemetry.query({ pk, ...bounds, ...(after !== undefined && { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
};

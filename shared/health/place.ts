import { type CheckRecord, checkIdOf, isPaused, type Placement } from './check.ts';
import type { CheckState } from './head.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { parseShardId, type ShardClass, type ShardGroup, shardIdOf } from './shard.ts';

/** `bytes` as JSON, before compression: then nothing made from a plan can outgrow DynamoDB's 400 KB either. */
export const planLimits = { entries: 100, bytes: 200_000 };

/**
 * What a run probes at once: checks that may all hang get a beginning each at its start, and so end before it must,
 * whatever their timeouts.
 */
const slowEntries = 20;

const mostEntries = (shard: string): number => {
  const className = parseShardId(shard).class;
  return className === 'slow' || className === 'vpc-slow' ? slowEntries : planLimits.entries;
};

export const planBytes = (entries: readonly PlanEntry[]): number =>
  entries.reduce((sum, entry) => sum + entryBytes(entry), 0);

const entryBytes = (entry: PlanEntry): number => Buffer.byteLength(JSON.stringify(entry));

export const groupOf = (record: CheckRecord): ShardGroup => ({
  location: record.location,
  class: classOf(record),
  intervalSeconds: record.definition.intervalSeconds,
});

const classOf = ({ definition, pace }: CheckRecord): ShardClass => {
  if (definition.class !== undefined) return definition.class;
  if (pace !== 'slow') return definition.network;
  return definition.network === 'vpc' ? 'vpc-slow' : 'slow';
};

export const isIn = (group: ShardGroup, shard: string): boolean => {
  const { location, class: className, intervalSeconds } = parseShardId(shard);
  return (
    location === group.location && className === group.class && intervalSeconds === group.intervalSeconds
  );
};

/** What a shard is to do with a check: keep it as defined now, freeze it for a move, or drop it. */
export type Ask =
  | { readonly want: 'keep'; readonly record: CheckRecord }
  | { readonly want: 'leave'; readonly record: CheckRecord }
  | { readonly want: 'drop'; readonly record: CheckRecord }
  /** Drops what a move left behind, and only that. */
  | { readonly want: 'clear'; readonly record: CheckRecord; readonly no: number };

/** The plan after the asks; the same object when it already is so. A definition older than the plan's changes nothing. */
export const settleIn = (plan: Plan, asks: readonly Ask[]): Plan => {
  let entries = plan.entries;
  for (const ask of asks) entries = settled(entries, ask);
  return entries === plan.entries ? plan : { ...plan, entries };
};

const settled = (entries: readonly PlanEntry[], ask: Ask): readonly PlanEntry[] => {
  const { id } = ask.record;
  if (ask.want === 'drop') return without(entries, (entry) => entry.id === id);
  if (ask.want === 'clear') {
    return without(entries, (entry) => entry.id === id && entry.no === ask.no && entry.leaving === true);
  }
  const present = presentIn(entries, id);
  if (!present) return entries;
  if (ask.want === 'leave') return replaced(entries, present, { ...present, leaving: true });
  if (present.revision >= ask.record.revision) return entries;
  const updated = replaced(entries, present, entryOf(ask.record, present));
  // Grown too large for its shard: it goes the way of a check whose interval changed.
  return planBytes(updated) <= planLimits.bytes
    ? updated
    : replaced(entries, present, { ...present, leaving: true });
};

const without = (
  entries: readonly PlanEntry[],
  isGone: (entry: PlanEntry) => boolean,
): readonly PlanEntry[] => (entries.some(isGone) ? entries.filter((entry) => !isGone(entry)) : entries);

const replaced = (entries: readonly PlanEntry[], old: PlanEntry, entry: PlanEntry): readonly PlanEntry[] =>
  entries.map((one) => (one === old ? entry : one));

/** The check's living entry. */
export const presentIn = (entries: readonly PlanEntry[], checkId: string): PlanEntry | undefined =>
  entries.find((entry) => entry.id === checkId && !entry.leaving);

export const entryOf = (
  record: CheckRecord,
  given: Pick<PlanEntry, 'no' | 'placedAt' | 'paused' | 'resumedAt' | 'seed'>,
): PlanEntry => {
  const resumedAt = given.paused ? record.updatedAt : given.resumedAt;
  return {
    ...definedIn(record),
    no: given.no,
    placedAt: given.placedAt,
    ...(isPaused(record) ? { paused: true } : resumedAt !== undefined && { resumedAt }),
    ...(given.seed && { seed: given.seed }),
  };
};

const definedIn = ({
  id,
  revision,
  definition,
}: CheckRecord): Omit<PlanEntry, 'no' | 'placedAt' | 'paused' | 'resumedAt' | 'leaving' | 'seed'> => ({
  id,
  revision,
  name: definition.name,
  deploymentId: definition.deploymentId,
  type: definition.type,
  target: definition.target,
  timeoutSeconds: definition.timeoutSeconds,
  retries: definition.retries,
  failureThreshold: definition.failureThreshold,
  ...(definition.failureWindow !== undefined && { failureWindow: definition.failureWindow }),
  ...(definition.degradedAboveMs !== undefined && { degradedAboveMs: definition.degradedAboveMs }),
  ...(definition.conditions?.length && { conditions: definition.conditions }),
  ...(definition.parent && { parentId: checkIdOf(definition.parent.deploymentId, definition.parent.name) }),
  ...(definition.maintenance?.length && { maintenance: definition.maintenance }),
  successThreshold: definition.successThreshold,
  config: definition.config,
  tags: definition.tags,
});

/** A check that needs a place, with the state it brings from another shard. */
export type Newcomer = { readonly record: CheckRecord; readonly seed: CheckState | undefined };

/** The plan with the newcomers that fit; who is there already is only brought up to date. */
export const insertInto = (plan: Plan, newcomers: readonly Newcomer[], now: number): Plan => {
  let next = plan;
  for (const { record, seed } of newcomers) {
    if (presentIn(next.entries, record.id)) {
      next = settleIn(next, [{ want: 'keep', record }]);
      continue;
    }
    const entry = entryOf(record, { no: next.nextNo, placedAt: now, ...(seed && { seed }) });
    const entries = [...next.entries, entry];
    if (entries.length > mostEntries(plan.shard) || planBytes(entries) > planLimits.bytes) continue;
    next = { ...next, nextNo: next.nextNo + 1, entries };
  }
  return next;
};

/** Room of a shard, as far as the list of shards tells. */
export type Room = { readonly shard: string; readonly entries: number; readonly bytes: number };

/** Roughly what an entry adds to its definition. */
const entryOverheadBytes = 400;

/** A shard of the group for each newcomer: the first with room, else the next new one. By check id. */
export const chooseShards = (
  group: ShardGroup,
  listed: readonly Room[],
  newcomers: readonly Newcomer[],
): Map<string, string> => {
  const rooms = new Map(listed.map((room) => [parseShardId(room.shard).number, { ...room }]));
  const chosen = new Map<string, string>();
  for (const { record } of newcomers) {
    const bytes = Buffer.byteLength(JSON.stringify(record.definition)) + entryOverheadBytes;
    for (let number = 0; ; number++) {
      const room = rooms.get(number) ?? { shard: shardIdOf(group, number), entries: 0, bytes: 0 };
      if (room.entries >= mostEntries(room.shard) || room.bytes + bytes > planLimits.bytes) continue;
      rooms.set(number, { ...room, entries: room.entries + 1, bytes: room.bytes + bytes });
      chosen.set(record.id, room.shard);
      break;
    }
  }
  return chosen;
};

/** Results of so many earlier places can still be found. */
const keptPlacements = 5;

/** The placements with the given ones in front, newest first, each place once. */
export const withPlacements = (
  given: readonly Placement[],
  earlier: readonly Placement[],
): readonly Placement[] => {
  const places = new Map<string, Placement>();
  for (const place of [...given, ...earlier]) {
    const key = `${place.shard}/${place.no}`;
    if (!places.has(key)) places.set(key, place);
  }
  return [...places.values()].slice(0, keptPlacements);
};

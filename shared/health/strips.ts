import { type Reach, reaches } from '../platform/api/caller.ts';
import type { CheckStatus } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import { type CheckRecord, checkKey } from './check.ts';
import { rollupKey } from './keys.ts';
import { toCheckRecord } from './registry.ts';
import { addSeconds, type Seconds, type SecondsByNo } from './rollup/hour-seconds.ts';
import { hourMs, hourOf } from './rollup/periods.ts';
import { isFresh, readStripHours } from './strip-hours.ts';
import { percentOf } from './uptime-percent.ts';

export const bucketSeconds = hourMs / 1000;
export const stripHours = 24;
export const mostStrips = 100;

export type Strip = {
  readonly id: string;
  /** Oldest first, the running hour last; null where nothing was looked at. */
  readonly statuses: readonly (CheckStatus | 'maintenance' | null)[];
  readonly uptimePercents: readonly (number | null)[];
};

type World = {
  readonly state: Pick<Table, 'batchGet'>;
  readonly telemetry: Pick<Table, 'query' | 'batchGet'>;
};

/**
 * The last 24 hours of some checks until `now` (epoch ms). Reads each shard's hours once, however many of its checks are
 * asked for. Checks that are not there, or out of reach, are left out.
 */
export const readCheckStrips = async (
  { state, telemetry }: World,
  now: number,
  { ids, reach }: { readonly ids: readonly string[]; readonly reach: Reach },
): Promise<{ readonly from: number; readonly to: number; readonly strips: readonly Strip[] }> => {
  const from = hourOf(now) - (stripHours - 1) * hourMs;
  const records = new Map(
    (await state.batchGet(ids.map(checkKey)))
      .map(toCheckRecord)
      .filter(
        ({ deletedAt, definition }) => deletedAt === undefined && reaches(reach, definition.deploymentId),
      )
      .map((record) => [record.id, record]),
  );
  const checks = ids.flatMap((id) => records.get(id) ?? []);
  const shards = await readShards(telemetry, shardsSince(checks, from), { from, now });
  return { from, to: now, strips: checks.map((check) => stripOf(check, shards, from)) };
};

/** A check is in its newest shard, and was in the others until the next newer one took it. */
const shardsSince = (checks: readonly CheckRecord[], from: number): string[] => [
  ...new Set(
    checks.flatMap(({ placements }) =>
      placements
        .filter((_, at) => at === 0 || (placements[at - 1]?.placedAt ?? 0) >= from)
        .map(({ shard }) => shard),
    ),
  ),
];

type ShardHours = ReadonlyMap<string, ReadonlyMap<number, SecondsByNo>>;

const readShards = async (
  telemetry: World['telemetry'],
  shards: readonly string[],
  { from, now }: { readonly from: number; readonly now: number },
): Promise<ShardHours> => {
  const outdated = shards.filter((shard) => !isFresh(telemetry, shard, now));
  const notes = await telemetry.batchGet(outdated.map(rollupKey));
  return new Map(
    await Promise.all(
      shards.map(async (shard) => {
        const progress = notes.find(({ pk }) => pk === rollupKey(shard).pk);
        return [shard, await readStripHours(telemetry, shard, { from, now, progress })] as const;
      }),
    ),
  );
};

const stripOf = ({ id, createdAt, placements }: CheckRecord, shards: ShardHours, from: number): Strip => {
  const hours = Array.from({ length: stripHours }, (_, at) => {
    let sum: Seconds | undefined;
    // One that was removed and made again keeps the places of before, which tell nothing of it.
    if (from + (at + 1) * hourMs <= createdAt) return sum;
    for (const { shard, no } of placements) {
      const seconds = shards
        .get(shard)
        ?.get(from + at * hourMs)
        ?.get(no);
      if (seconds) sum = addSeconds(sum, seconds);
    }
    return sum;
  });
  return { id, statuses: hours.map(worstOf), uptimePercents: hours.map(uptimeIn) };
};

const worstFirst = ['unhealthy', 'degraded', 'healthy', 'maintenance', 'unknown'] as const;

const worstOf = (seconds: Seconds | undefined): Strip['statuses'][number] =>
  (seconds && worstFirst.find((way) => seconds[way] > 0)) ?? null;

const uptimeIn = (seconds: Seconds | undefined): number | null => {
  if (seconds === undefined) return null;
  const up = seconds.healthy + seconds.degraded;
  const known = up + seconds.unhealthy;
  return known > 0 ? percentOf(up / known) : null;
};

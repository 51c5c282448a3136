import { bucketOf } from '../platform/ids.ts';
import { parseShardId } from './shard.ts';

/** Shards start spread over their interval, on whole seconds, because SQS delays by whole seconds. */
const offsetMs = (shard: string, intervalSeconds: number): number => bucketOf(shard, intervalSeconds) * 1000;

/** The slots of a shard with from ≤ slot < until, epoch ms. */
export const slotsBetween = (shard: string, from: number, until: number): number[] => {
  const { intervalSeconds } = parseShardId(shard);
  const interval = intervalSeconds * 1000;
  const offset = offsetMs(shard, intervalSeconds);
  const slots: number[] = [];
  for (let slot = Math.ceil((from - offset) / interval) * interval + offset; slot < until; slot += interval) {
    slots.push(slot);
  }
  return slots;
};

const minute = 60_000;

/** What the tick of a minute sends: the slots of the next minute, so that each has its message in time. */
export const windowOfTick = (tickAt: number): { from: number; until: number } => {
  const tick = Math.floor(tickAt / minute) * minute;
  return { from: tick + minute, until: tick + 2 * minute };
};

/** Slots that no tick sends any more for a shard that is listed at `now`: until the end of the next minute. */
export const windowOfStart = (now: number): { from: number; until: number } => ({
  from: now,
  until: windowOfTick(now).until,
});

/** A run that starts later than this after its slot never probes: what it saw would be told of the wrong instant. */
export const latestStart = (shard: string, slotAt: number): number =>
  slotAt + Math.min(parseShardId(shard).intervalSeconds * 1000, minute);

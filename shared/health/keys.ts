import { shardBucketOf } from './shard.ts';

/**
 * Health in the table `telemetry`. All that a run needs lies in its shard's partition `S#<shard>`.
 *
 * | who asks   | question                             | access                                                   |
 * |------------|--------------------------------------|----------------------------------------------------------|
 * | runner     | what is to be probed                 | get `S#<shard>` / `PLAN`, consistent                     |
 * | runner     | how the checks stand                 | get `S#<shard>` / `HEAD`, consistent                     |
 * | runner     | keep what a slot saw, once           | put `S#<shard>` / `R#<slotAt>` if absent                 |
 * | runner     | keep what a run-now saw, once        | put `S#<shard>` / `R#<at>#run#<id>` if absent            |
 * | runner     | results not folded yet               | query `S#<shard>` after `R#<HEAD.slotAt>`, consistent    |
 * | runner     | move the head on                     | put `HEAD` if its version is still the one read          |
 * | projector  | place, change, remove checks         | put `PLAN` if its planVersion is still the one read      |
 * | projector  | state of a check that moves          | get `HEAD`, consistent; put it as the runner does        |
 * | projector  | shards of a group that have room     | query `SHARDS#<0–7>` / begins with `<group>`             |
 * | projector  | list a shard                         | put `SHARDS#<0–7>` / `<shard>` if its planVersion is newer |
 * | dispatcher | shards to run                        | query `SHARDS#<0–7>`                                     |
 * | api        | standings of some checks             | batchGet `HEAD` (and `PLAN` for a check just moved)      |
 * | api        | results of one check, newest first   | query `S#<shard>` between two `R#`, descending           |
 * | api        | all standings                        | query `SHARDS#<0–7>`, then batchGet `PLAN` and `HEAD`    |
 *
 * `R#` items expire; PLAN, HEAD and the list of shards stay. A shard's numbers are never used again, so that an old
 * `R#` cannot speak for a new check.
 */
export const planKey = (shard: string) => ({ pk: shardPartition(shard), sk: 'PLAN' });
export const headKey = (shard: string) => ({ pk: shardPartition(shard), sk: 'HEAD' });

/** `runId` names a run-now; without it, it is the slot at `at` (epoch ms). */
export const resultsKey = (shard: string, at: number, runId?: string) => ({
  pk: shardPartition(shard),
  sk: runId === undefined ? `R#${instant(at)}` : `R#${instant(at)}#run#${runId}`,
});

/** Sort keys of everything after the slot at `slotAt`; a run-now of the same millisecond counts as after it. */
export const resultsAfter = (slotAt: number) => ({ from: `R#${instant(slotAt)}#`, to: 'R#:' });

/** Sort keys of all results with from ≤ at ≤ to, epoch ms. */
export const resultsBetween = (from: number, to: number) => ({
  from: `R#${instant(from)}`,
  to: `R#${instant(to)}#~`,
});

export const shardListPartition = (bucket: number): string => `SHARDS#${bucket}`;
export const shardListKey = (shard: string) => ({ pk: shardListPartition(shardBucketOf(shard)), sk: shard });

const shardPartition = (shard: string): string => `S#${shard}`;

/** Thirteen digits sort as numbers until the year 2286; whoever asks beyond means everything until then. */
const instant = (at: number): string => String(Math.min(Math.max(0, at), lastInstant)).padStart(13, '0');
const lastInstant = 9_999_999_999_999;

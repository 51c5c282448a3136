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
 * | runner     | since when the way out fails         | get, put `BLIND#<location>.<network>` / `BLIND` if as read |
 * | runner     | last pings of a shard's heartbeats   | query `S#<shard>` / begins with `PING#`, consistent      |
 * | runner     | how many checks side by side         | get `RUNNER` / `CONCURRENCY`, each five minutes          |
 * | remedy     | set that number                      | put `RUNNER` / `CONCURRENCY`                             |
 * | api        | keep a ping                          | update `S#<shard>` / `PING#<check>` if it is newer       |
 * | projector  | place, change, remove checks         | put `PLAN` if its planVersion is still the one read      |
 * | projector  | state of a check that moves          | get `HEAD`, consistent; put it as the runner does        |
 * | projector  | shards of a group that have room     | query `SHARDS#<0–7>` / begins with `<group>`             |
 * | projector  | tell where a check lies, by its id   | put `C#<check>` / `PLACE` if its order is newer          |
 * | projector  | list a shard                         | put `SHARDS#<0–7>` / `<shard>` if its planVersion is newer |
 * | runner     | how checks of other shards stand     | batchGet `C#<check>` / `PLACE`, then their `HEAD`        |
 * | dispatcher | shards to run                        | query `SHARDS#<0–7>`                                     |
 * | api        | standings of some checks             | batchGet `HEAD` (and `PLAN` for a check just moved)      |
 * | api        | results of one check, newest first   | query `S#<shard>` between two `R#`, descending           |
 * | api        | keep a run that was asked for        | update `C#<check>` / `RUN#<runId>` if absent (3 d)       |
 * | api        | what became of such a run            | get `RUN#<runId>`, then `R#<at>#run#<runId>`, consistent |
 * | api        | all standings                        | query `SHARDS#<0–7>`, then batchGet `PLAN` and `HEAD`    |
 * | rollup     | how far a shard is summed up         | batchGet `S#<shard>` / `PLAN` and `ROLLUP`               |
 * | rollup     | results of the hours not made yet    | query `S#<shard>` between two `R#`                       |
 * | rollup     | keep an hour of a shard, once        | put `S#<shard>` / `H#<hour>` if absent                   |
 * | rollup     | ids of checks that left the shard    | query `S#<shard>` before `H#<hour>`, descending, limit 1 |
 * | rollup     | hours of the days not made yet       | query `S#<shard>` between two `H#`                       |
 * | rollup     | when a check left for another shard  | batchGet `C#<check>` / `PLACE` (intervals of an hour and more) |
 * | rollup     | add a shard's part to a check's day  | get, put `C#<check>` / `D#<day>` if its version is still the one read |
 * | rollup     | note how far it came                 | put `S#<shard>` / `ROLLUP` if not behind what is there   |
 * | api        | uptime of one check                  | query `C#<check>` between two `D#`; batchGet `ROLLUP`; query `H#` and `R#` of its shards |
 *
 * `R#`, `PING#`, `H#` (40 d) and `D#` (400 d) items expire; PLAN, HEAD, ROLLUP, PLACE, BLIND (one a network) and the list of shards stay. A shard's
 * numbers are never used again, so that an old `R#` cannot speak for a new check.
 */
export const planKey = (shard: string) => ({ pk: shardPartition(shard), sk: 'PLAN' });
export const headKey = (shard: string) => ({ pk: shardPartition(shard), sk: 'HEAD' });

/** How many checks runners look at side by side. */
export const probeConcurrencyKey = { pk: 'RUNNER', sk: 'CONCURRENCY' } as const;

/** Since when a location's way out of a network (`public` or `vpc`) fails. */
export const blindKey = (location: string, network: 'public' | 'vpc') => ({
  pk: `BLIND#${location}.${network}`,
  sk: 'BLIND',
});

/** `runId` names a run-now; without it, it is the slot at `at` (epoch ms). */
export const resultsKey = (shard: string, at: number, runId?: string) => ({
  pk: shardPartition(shard),
  sk: runId === undefined ? `R#${instant(at)}` : `R#${instant(at)}#run#${runId}`,
});

/** A run that people asked for. */
export const runKey = (checkId: string, runId: string) => ({ pk: `C#${checkId}`, sk: `RUN#${runId}` });

/** Sort keys of everything after the slot at `slotAt`; a run-now of the same millisecond counts as after it. */
export const resultsAfter = (slotAt: number) => ({ from: `R#${instant(slotAt)}#`, to: 'R#:' });

/** Sort keys of all results with from ≤ at ≤ to, epoch ms. */
export const resultsBetween = (from: number, to: number) => ({
  from: `R#${instant(from)}`,
  to: `R#${instant(to)}#~`,
});

/** The hour that begins at `hourAt`, epoch ms, of all checks of a shard. */
export const hourKey = (shard: string, hourAt: number) => ({
  pk: shardPartition(shard),
  sk: `H#${instant(hourAt)}`,
});
/** Sort keys of the hours with from ≤ hourAt < until. */
export const hoursBetween = (from: number, until: number) => ({
  from: `H#${instant(from)}`,
  to: `H#${instant(until - 1)}`,
});

/** The day (UTC) that begins at `dayAt`, epoch ms, of one check. */
export const dayKey = (checkId: string, dayAt: number) => ({ pk: `C#${checkId}`, sk: `D#${instant(dayAt)}` });
/** Sort keys of the days with from ≤ dayAt < until. */
export const daysBetween = (from: number, until: number) => ({
  from: `D#${instant(from)}`,
  to: `D#${instant(until - 1)}`,
});

/** How far a shard's results are summed up. */
export const rollupKey = (shard: string) => ({ pk: shardPartition(shard), sk: 'ROLLUP' });

export const shardListPartition = (bucket: number): string => `SHARDS#${bucket}`;
export const shardListKey = (shard: string) => ({ pk: shardListPartition(shardBucketOf(shard)), sk: shard });

const shardPartition = (shard: string): string => `S#${shard}`;

/** Thirteen digits sort as numbers until the year 2286; whoever asks beyond means everything until then. */
const instant = (at: number): string => String(Math.min(Math.max(0, at), lastInstant)).padStart(13, '0');
const lastInstant = 9_999_999_999_999;

/**
 * Trigger: EventBridge Scheduler, every hour at ten past.
 * Promise: every hour and every day that ended at least ten minutes ago is summed up in small items, also those that
 * an earlier run left, as long as the results are still kept.
 * A duplicate or overlapping run writes the same once: hours are put if absent, days by compare-and-set. A late or
 * missed run does no harm: the next one makes up for it. When a shard failed the function fails, after all others are done.
 */
import { rollUp } from '../../shared/health/rollup/index.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** Ends before the function is killed, between two shards. */
const workingMs = (contract.timeoutSeconds - 30) * 1000;
/** What fails for one shard often fails for all. */
const mostLogged = 5;

export const handler = onSchedule(
  contract,
  { telemetry: openTable },
  async (_scheduledAt, { telemetry }, { clock, log }) => {
    const { failed, isComplete, unreadable, ...made } = await rollUp({
      telemetry,
      clock,
      until: clock() + workingMs,
    });
    if (made.hours > 0 || made.days > 0) log.info('summed up', made);
    if (!isComplete) log.warn('not all shards were summed up in time: the next run goes on', made);
    if (unreadable > 0) log.error('items of results cannot be read and count as gaps', { unreadable });
    for (const { shard, error } of failed.slice(0, mostLogged)) {
      log.error('a shard could not be summed up; the next run tries again', { shard, error });
    }
    if (failed.length > 0) throw new Error(`${failed.length} shards could not be summed up`);
  },
);

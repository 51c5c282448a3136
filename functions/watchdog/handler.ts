/**
 * Trigger: EventBridge Scheduler, every five minutes.
 * Promise: what no run could finish is finished within minutes: results nobody folded, checks that went stale with
 * nobody there to tell it, trouble held back and due, changes written and not told. A duplicate or overlapping run
 * decides on the same heads and writes them by compare-and-set, so that nothing is told twice with another id; a late
 * or missed run does no harm, for what it looks for stays until it is found.
 */
import { needsTending, tend } from '../../shared/health/tend.ts';
import { watch } from '../../shared/health/watch.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** No round of shards begins later, so that the one that runs then ends before the function is killed. */
const workingMs = (contract.timeoutSeconds - 40) * 1000;

export const handler = onSchedule(
  contract,
  { telemetry: openTable, bus: openBus },
  async (scheduledAt, { telemetry, bus }, { clock, newId, place, log }) => {
    const watched = await watch(scheduledAt, clock() + workingMs, {
      telemetry,
      clock,
      needsTending,
      tend: (shard) => tend(shard, { telemetry, bus, clock, newId, place }),
      onFault: (shard, error) => log.error('a shard could not be tended', { shard, error }),
    });
    if (!watched.isComplete) log.warn('the rest of the shards waits for the next round', watched);
    else if (watched.tended > 0) log.info('finished what runs had left', watched);
    if (watched.failed > 0) throw new Error(`${watched.failed} shards could not be tended: see the log`);
  },
);

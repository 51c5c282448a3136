/**
 * Trigger: the schedule, each minute. Promise: for every listed shard and slot of the next minute a message is on
 * its queue, delayed until the slot. A repeat or a late tick sends the same slots again: the runner drops what it
 * has folded and does not probe what is long past. A tick that never comes is a gap, neither failure nor uptime.
 */
import { dispatch } from '../../shared/health/dispatch.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

export const handler = onSchedule(
  contract,
  { telemetry: openTable, slots: openQueue, vpcSlots: openQueue },
  async (tickAt, { telemetry, slots, vpcSlots }, { clock, log }) => {
    const { messages, skipped } = await dispatch(tickAt, { telemetry, slots, vpcSlots, clock });
    log.debug('slots sent', { messages });
    if (skipped.length > 0) {
      log.warn('checks wait for a runner inside a VPC, and none is deployed', {
        shards: skipped.length,
        first: skipped[0],
      });
    }
  },
);

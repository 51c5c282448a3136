/**
 * Trigger: the schedule, each minute. Promise: for every listed shard and slot of the next minute a message is on
 * its queue, delayed until the slot, and two for every shard of rules. A repeat or a late tick sends the same slots
 * again: the runner drops what it has folded and does not probe what is long past, and rules are judged for the instant
 * that the message names. A tick that never comes is a gap, neither failure nor uptime.
 */
import { dispatchRules } from '../../shared/alerting/dispatch-rules.ts';
import { dispatch } from '../../shared/health/dispatch.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

export const handler = onSchedule(
  contract,
  { telemetry: openTable, slots: openQueue, vpcSlots: openQueue, signals: openQueue },
  async (tickAt, { telemetry, slots, vpcSlots, signals }, { clock, log }) => {
    const [slotsSent, rulesSent] = await Promise.allSettled([
      dispatch(tickAt, { telemetry, slots, vpcSlots, clock }),
      dispatchRules(tickAt, { telemetry, signals, clock }),
    ]);
    // Neither keeps the other from being sent; the tick counts as failed, and comes again, when either did.
    if (slotsSent.status === 'rejected') throw slotsSent.reason;
    const { messages, skipped } = slotsSent.value;
    log.debug('slots sent', { messages });
    if (skipped.length > 0) {
      log.warn('checks wait for a runner inside a VPC, and none is deployed', {
        shards: skipped.length,
        first: skipped[0],
      });
    }
    if (rulesSent.status === 'rejected') throw rulesSent.reason;
  },
);

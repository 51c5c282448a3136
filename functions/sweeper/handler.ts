/**
 * Trigger: EventBridge Scheduler, every minute.
 * Promise: an event that a crash left in the registry is on the bus within about two minutes, oldest first.
 * A duplicate or overlapping run may publish an event twice, with the same id; consumers drop repeats. A late or
 * missed run does no harm: what is due stays due.
 */
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { sweep } from '../../shared/platform/outbox/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** Ends before the function is killed, between two looks. */
const workingMs = (contract.timeoutSeconds - 10) * 1000;

export const handler = onSchedule(
  contract,
  { state: openTable, bus: openBus },
  async (_scheduledAt, resources, { clock, log }) => {
    const swept = await sweep(resources, clock, clock() + workingMs);
    if (swept.published > 0 || swept.postponed > 0) log.info('published what was left behind', swept);
  },
);

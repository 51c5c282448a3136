/**
 * Trigger: the queue of check.changed and check.paced events from the bus, up to a hundred at a time. Promise: the
 * plans hold each check's present definition exactly once, among the checks of its pace, its registry item says where,
 * and it is looked at within seconds. An event only names a check, and a pace is noted if it is newer than what is
 * noted: what is done follows from the registry as it is now, so that repeats and events out of order change nothing,
 * and a batch that broke off is finished by its repeat.
 */
import { notePace } from '../../shared/health/pace-note.ts';
import { parsePlanChange } from '../../shared/health/plan-change.ts';
import { project } from '../../shared/health/project.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

export const handler = onQueue(
  contract,
  {
    state: openTable,
    telemetry: openTable,
    slots: openQueue,
    vpcSlots: openQueue,
  },
  parsePlanChange,
  async (batch, { state, telemetry, slots, vpcSlots }, { clock, newId, log }) => {
    const warn = (message: string, details: Record<string, string>) => log.warn(message, details);
    const tools = { state, telemetry, slots, vpcSlots, clock, newId, warn };
    for (const { message } of batch) if (message.paced) await notePace(state, message.paced);
    const again = new Set(
      await project(
        batch.map(({ message }) => message.checkId),
        tools,
      ),
    );
    return batch.filter(({ message }) => again.has(message.checkId)).map(({ messageId }) => messageId);
  },
);

/**
 * Trigger: the queue of check.changed events from the bus, up to a hundred at a time. Promise: the plans hold each
 * check's present definition exactly once, its registry item says where, and it is looked at within seconds. An
 * event only names a check: what is done follows from the registry as it is now, so that repeats and events out of
 * order change nothing, and a batch that broke off is finished by its repeat.
 */
import { project } from '../../shared/health/project.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** The body is the event as EventBridge hands it on. */
const parseCheckId = (body: unknown): string => {
  const { checkId } = (body as { detail?: { checkId?: unknown } } | null)?.detail ?? {};
  if (typeof checkId !== 'string' || !/^[0-9a-f]{24}$/.test(checkId)) {
    throw new Error('the event names no check: detail.checkId is missing');
  }
  return checkId;
};

export const handler = onQueue(
  contract,
  {
    state: openTable,
    telemetry: openTable,
    slots: openQueue,
    vpcSlots: openQueue,
  },
  parseCheckId,
  async (batch, { state, telemetry, slots, vpcSlots }, { clock, newId, log }) => {
    const warn = (message: string, details: Record<string, string>) => log.warn(message, details);
    const tools = { state, telemetry, slots, vpcSlots, clock, newId, warn };
    const again = new Set(
      await project(
        batch.map(({ message }) => message),
        tools,
      ),
    );
    return batch.filter(({ message }) => again.has(message)).map(({ messageId }) => messageId);
  },
);

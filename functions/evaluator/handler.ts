/**
 * Trigger: the queue of check.status_changed and check.changed events from the bus, up to a hundred at a time.
 * Promise: each deployment they name has the status that follows from how its checks stand, and every change of it is
 * on the bus once with an id of its own. An event only names a deployment: what is written is computed from what is,
 * so that repeats, events out of order and late ones change nothing. Only what failed comes again.
 */
import { refreshStatus } from '../../shared/deployments/refresh-status.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** None is begun later, so that what is being refreshed then ends before the function is killed: ten thousand checks take seconds. */
const workingMs = (contract.timeoutSeconds - 20) * 1000;
/** One waits mostly for answers; the registries of four large ones at once fit into the memory. */
const refreshedAtOnce = 4;

/** The body is the event as EventBridge hands it on. */
const parseDeploymentId = (body: unknown): string => {
  const { deploymentId } = (body as { detail?: { deploymentId?: unknown } } | null)?.detail ?? {};
  if (typeof deploymentId !== 'string' || deploymentId === '' || deploymentId.length > 200) {
    throw new Error('the event names no deployment: detail.deploymentId is missing');
  }
  return deploymentId;
};

export const handler = onQueue(
  contract,
  { state: openTable, telemetry: openTable, bus: openBus },
  parseDeploymentId,
  async (batch, { state, telemetry, bus }, { clock, newId, place, log }) => {
    const onUntold = (deploymentId: string, error: Error) =>
      log.warn('an event was not published now; the sweeper sends it', { deploymentId, error });
    const refreshTools = { state, telemetry, bus, clock, newId, place, onUntold };
    const again: string[] = [];
    const endsAt = clock() + workingMs;
    const waiting = [...Map.groupBy(batch, ({ message }) => message)];
    const refreshNext = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [deploymentId, messages] = next;
        try {
          if (clock() >= endsAt) throw new Error('there was no time left for it');
          await refreshStatus(deploymentId, refreshTools);
        } catch (error) {
          again.push(...messages.map(({ messageId }) => messageId));
          log.error('the status of a deployment waits', { deploymentId, error: error as Error });
        }
      }
    };
    await Promise.all(Array.from({ length: refreshedAtOnce }, refreshNext));
    return again;
  },
);

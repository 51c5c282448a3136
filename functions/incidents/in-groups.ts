import type { IncidentWake, SendWake } from '../../shared/alerting/index.ts';
import type { Received } from '../../shared/platform/edge/queue.ts';

/** Of which group of the queue a message is: as whoever sent it said. */
export const groupOf = (message: IncidentWake | SendWake): string =>
  'kind' in message ? `channel:${message.channelId}` : message.groupKey;

/**
 * Works groups side by side, and within one group one message after the other, each different one once: a repeat would
 * find nothing to do. Returns the ids that must come again: those that failed, and all later ones of their groups, for
 * a first-in-first-out queue keeps their order only so.
 */
export const inGroups = async <M>(
  batch: readonly Received<M>[],
  groupOfMessage: (message: M) => string,
  work: (message: M) => Promise<void>,
  onFailed: (message: M, error: Error) => void,
): Promise<readonly string[]> => {
  const again: string[] = [];
  const groups = [...Map.groupBy(batch, ({ message }) => groupOfMessage(message)).values()];
  await Promise.all(
    groups.map(async (received) => {
      const done = new Set<string>();
      let hasFailed = false;
      for (const { messageId, message } of received) {
        const body = JSON.stringify(message);
        if (!hasFailed && !done.has(body)) {
          try {
            await work(message);
            done.add(body);
          } catch (error) {
            hasFailed = true;
            onFailed(message, error as Error);
          }
        }
        if (hasFailed) again.push(messageId);
      }
    }),
  );
  return again;
};

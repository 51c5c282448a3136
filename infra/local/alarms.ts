import type { LocalStack } from './assembly.ts';
import type { Messaging } from './messaging/messaging.ts';

/** An alarm of the template on the number of messages in a queue. */
export type QueueAlarm = { readonly queueName: string; readonly description: string };

/** Only alarms on queues are hosted: they say that dead letters lie somewhere. Others have no metrics on one machine. */
export const readAlarms = (local: LocalStack): readonly QueueAlarm[] =>
  local.ofType('AWS::CloudWatch::Alarm').flatMap(({ properties, logicalId }) => {
    const dimensions = (properties.Dimensions ?? []) as readonly { Name?: unknown; Value?: unknown }[];
    const queue = dimensions.find(({ Name }) => Name === 'QueueName');
    if (properties.Namespace !== 'AWS/SQS' || queue === undefined) return [];
    return [
      { queueName: String(queue.Value), description: String(properties.AlarmDescription ?? logicalId) },
    ];
  });

/** A failure that repeats must not fill the terminal. */
const quietMs = 60_000;

/** Tells when messages come to a queue with an alarm, and of those that lie there from before. */
export const startAlarms = async (
  alarms: readonly QueueAlarm[],
  messaging: Messaging,
  onAlarm: (alarm: QueueAlarm, messages: number) => void,
): Promise<void> => {
  for (const alarm of alarms) {
    let toldAt = Number.NEGATIVE_INFINITY;
    const tell = async (): Promise<void> => {
      if (performance.now() - toldAt < quietMs) return;
      toldAt = performance.now();
      const depth = (await messaging.depths())[alarm.queueName];
      const messages = (depth?.ready ?? 0) + (depth?.delayed ?? 0) + (depth?.inFlight ?? 0);
      if (messages > 0) onAlarm(alarm, messages);
      else toldAt = Number.NEGATIVE_INFINITY;
    };
    // A host that stops meanwhile has nobody left to tell.
    await messaging.tellArrivals(alarm.queueName, () => void tell().catch(() => {}));
    await tell();
  }
};

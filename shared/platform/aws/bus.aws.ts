import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventSource, type HomeostatEvent } from '../events.ts';
import { clientSettings } from './client.ts';

/** PutEvents takes ten entries a call. */
const entriesPerCall = 10;

export interface Bus {
  /**
   * Publishes events and returns the ids (`detail.id`) of those the bus took. The rest stay with the caller, in
   * the outbox they came from. Throws only when a whole call failed and nothing was taken before.
   */
  publish(events: readonly HomeostatEvent[]): Promise<readonly string[]>;
}

let shared: EventBridgeClient | undefined;

/** The SDK client is loaded at the first event: most runs of a function see nothing change. */
export const openBus = (name: string): Bus => ({
  async publish(events) {
    const sdk = await import('./sdk/event-bridge.aws.ts');
    shared ??= new sdk.EventBridgeClient(clientSettings);
    const taken: string[] = [];
    for (let from = 0; from < events.length; from += entriesPerCall) {
      const chunk = events.slice(from, from + entriesPerCall);
      try {
        const answer = await shared.send(
          new sdk.PutEventsCommand({
            Entries: chunk.map((event) => ({
              EventBusName: name,
              Source: eventSource,
              DetailType: event.type,
              Detail: JSON.stringify(event.detail),
            })),
          }),
        );
        chunk.forEach((event, at) => {
          if (answer.Entries?.[at]?.EventId) taken.push(event.detail.id);
        });
      } catch (error) {
        if (taken.length === 0) throw error;
        return taken;
      }
    }
    return taken;
  },
});

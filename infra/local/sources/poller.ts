import type { Message, Messaging } from '../messaging/messaging.ts';
import type { Activity } from '../time/activity.ts';
import type { Agenda, Cancel } from '../time/agenda.ts';
import type { HostClock } from '../time/clock.ts';

export type PollerOptions = {
  readonly messaging: Messaging;
  readonly queue: string;
  readonly batchSize: number;
  /** How long a batch that is not full waits for more. */
  readonly windowSeconds: number;
  /** Batches handled at once. */
  readonly concurrency: number;
  readonly clock: HostClock;
  readonly agenda: Agenda;
  readonly activity: Activity;
  /** Handles one batch; must not throw. What it removes from the queue is done, the rest comes again by itself. */
  readonly handle: (batch: readonly Message[]) => Promise<void>;
  readonly onFault: (error: Error) => void;
};

/**
 * Takes messages from a queue in batches, as Lambda's poller does: a batch goes when it is full or its window is
 * over, and never more than `concurrency` at once.
 */
export const startPoller = async (options: PollerOptions): Promise<() => void> => {
  const { messaging, queue, batchSize, clock, agenda, activity } = options;
  let gathered: Message[] = [];
  let closeWindow: Cancel | undefined;
  let running = 0;
  let mayHaveMore = false;
  let taking = false;
  let stopped = false;

  const flush = (): void => {
    closeWindow?.();
    closeWindow = undefined;
    const batch = gathered;
    gathered = [];
    if (batch.length === 0 || stopped) return;
    running++;
    void activity.during(
      options.handle(batch).finally(() => {
        running--;
        take();
      }),
    );
  };

  const takeAll = async (): Promise<void> => {
    while (mayHaveMore && running < options.concurrency && !stopped) {
      const wanted = batchSize - gathered.length;
      const received = await messaging.receive(queue, wanted);
      if (received.length < wanted) mayHaveMore = false;
      gathered.push(...received);
      if (gathered.length >= batchSize || options.windowSeconds === 0) flush();
      else if (gathered.length > 0) {
        closeWindow ??= agenda.at(clock.now() + options.windowSeconds * 1000, flush);
      }
    }
  };

  const take = (): void => {
    if (taking || stopped) return;
    taking = true;
    const work = takeAll()
      .catch((error: Error) => {
        if (!stopped) options.onFault(error);
      })
      .finally(() => {
        taking = false;
        // Told of more while the last answer was on its way.
        if (mayHaveMore && running < options.concurrency) take();
      });
    void activity.during(work);
  };

  await messaging.watch(queue, () => {
    mayHaveMore = true;
    take();
  });
  return () => {
    stopped = true;
    closeWindow?.();
  };
};

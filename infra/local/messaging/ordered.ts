import type { SqsQueue } from './fauxqs.ts';

/**
 * What fauxqs does otherwise than SQS with queues that are first in, first out. It locks a group while a message of it
 * is in flight, as SQS does, but hands out one message of a group at a time, counts messages of locked groups as ready,
 * and puts several that come back together into the wrong order.
 */

/** Messages come back in the order in which they were sent. */
export const keepOrder = (queue: SqsQueue): void => {
  const processTimers = queue.processTimers.bind(queue);
  queue.processTimers = () => {
    processTimers();
    for (const messages of queue.fifoMessages.values()) {
      if (messages.length > 1) messages.sort((one, other) => numberOf(one) - numberOf(other));
    }
  };
};
const numberOf = ({ sequenceNumber }: { readonly sequenceNumber?: string }): number =>
  Number(sequenceNumber ?? 0);

/** How many messages could be handed out now: those of groups of which none is in flight. */
export const receivable = (queue: SqsQueue): number => {
  if (!queue.isFifo()) return queue.inspectMessages().ready.length;
  let count = 0;
  for (const [group, messages] of queue.fifoMessages) {
    if (!queue.fifoLockedGroups.has(group)) count += messages.length;
  }
  return count;
};

/**
 * Takes messages by `dequeue`, several of one group too: a group that this very call has locked is open to it, one that
 * was locked before is not. Ends when `dequeue` gives none.
 */
export const takeInOrder = (queue: SqsQueue, dequeue: () => boolean): void => {
  const before = new Map(queue.fifoLockedGroups);
  const ours = new Map<string, number>();
  for (let took = true; took; ) {
    took = dequeue();
    for (const [group, count] of queue.fifoLockedGroups) {
      const added = count - (before.get(group) ?? 0);
      if (added <= 0) continue;
      ours.set(group, (ours.get(group) ?? 0) + added);
      queue.fifoLockedGroups.delete(group);
    }
  }
  for (const [group, count] of ours) queue.fifoLockedGroups.set(group, count);
};

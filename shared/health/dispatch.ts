import type { OutgoingMessage, Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import { slotMessage } from './message.ts';
import { isInVpc, parseShardId } from './shard.ts';
import { allBuckets, type ListedShard, shardsIn } from './shard-list.ts';
import { slotsBetween, windowOfTick } from './slots.ts';

/** The queues of the classes; without a runner inside a VPC there is no second one. */
export type SlotQueues = {
  readonly slots: Pick<Queue, 'send'>;
  readonly vpcSlots: Pick<Queue, 'send'> | undefined;
};

export const queueOf = (shard: string, queues: SlotQueues): Pick<Queue, 'send'> | undefined =>
  isInVpc(parseShardId(shard).class) ? queues.vpcSlots : queues.slots;

export type Dispatched = {
  readonly messages: number;
  /** Shards that nobody can run, because their class has no queue. */
  readonly skipped: readonly string[];
};

/** Sends a message for each shard and slot of the minute after `tickAt`, delayed until the slot. */
export const dispatch = async (
  tickAt: number,
  { telemetry, clock, ...queues }: SlotQueues & { telemetry: Pick<Table, 'query'>; clock: Clock },
): Promise<Dispatched> => {
  const { from, until } = windowOfTick(tickAt);
  const skipped: string[] = [];
  let messages = 0;
  const send = async (queue: Pick<Queue, 'send'>, shards: readonly ListedShard[]) => {
    const outgoing: OutgoingMessage[] = shards.flatMap(({ shard, planVersion }) =>
      slotsBetween(shard, from, until).map((slot) => slotMessage(shard, slot, planVersion, clock())),
    );
    if (outgoing.length > 0) await queue.send(outgoing);
    messages += outgoing.length;
  };
  await Promise.all(
    allBuckets.map(async (bucket) => {
      for await (const page of shardsIn(telemetry, bucket)) {
        const running = page.filter((listed) => listed.active > 0);
        const isVpc = (listed: ListedShard) => isInVpc(parseShardId(listed.shard).class);
        await send(
          queues.slots,
          running.filter((listed) => !isVpc(listed)),
        );
        const inVpc = running.filter(isVpc);
        if (queues.vpcSlots) await send(queues.vpcSlots, inVpc);
        else skipped.push(...inVpc.map((listed) => listed.shard));
      }
    }),
  );
  return { messages, skipped };
};

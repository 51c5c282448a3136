import type { Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import { sha256 } from '../platform/ids.ts';
import { type CheckRecord, isPaused } from './check.ts';
import type { NowMessage } from './message.ts';
import { isInVpc, parseShardId } from './shard.ts';

export type LookTools = {
  readonly slots: Pick<Queue, 'send'>;
  readonly vpcSlots?: Pick<Queue, 'send'> | undefined;
  readonly clock: Clock;
};

/**
 * Has checks looked at now, beside their slots, because somebody waits for what they see: their results are folded like
 * any other. `occasion` makes the runs' ids. Checks that are paused or in no plan yet are left out; so are private ones
 * where no runner in a VPC is left, for they stand unknown by themselves.
 */
export const lookNow = async (
  { slots, vpcSlots, clock }: LookTools,
  checks: readonly CheckRecord[],
  occasion: string,
): Promise<void> => {
  const numbers = new Map<string, number[]>();
  for (const check of checks) {
    const place = check.placements[0];
    if (!place || isPaused(check)) continue;
    numbers.set(place.shard, [...(numbers.get(place.shard) ?? []), place.no]);
  }
  const at = clock();
  for (const [shard, nos] of numbers) {
    const queue = isInVpc(parseShardId(shard).class) ? vpcSlots : slots;
    const runId = sha256(`${occasion}\n${shard}\n${nos.join()}`).slice(0, 16);
    const body: NowMessage = { kind: 'now', shard, at, runId, planVersion: 0, nos };
    await queue?.send([{ body }]);
  }
};

import type { OutgoingMessage } from '../platform/aws/queue.aws.ts';
import { sha256 } from '../platform/ids.ts';
import type { PlanEntry } from './plan.ts';
import { parseShardId } from './shard.ts';

/** One slot of one shard. The plan the runner reads must be at least `planVersion`. */
export type SlotMessage = {
  readonly kind: 'slot';
  readonly shard: string;
  /** Epoch ms. */
  readonly slotAt: number;
  readonly planVersion: number;
};

/** Some checks of a shard, at once, beside its slots. */
export type NowMessage = {
  readonly kind: 'now';
  readonly shard: string;
  /** Epoch ms: the instant the results will bear. */
  readonly at: number;
  readonly runId: string;
  readonly planVersion: number;
  /** Numbers of the checks; all of the shard when left out. */
  readonly nos?: readonly number[];
  /** Leaves out checks whose present definition was already looked at: a repeat then does nothing. */
  readonly unseenOnly?: true;
};

/** A run-now may be this late, for no slot's arithmetic waits for it. */
export const latestRunNowMs = 5 * 60_000;

export type RunMessage = SlotMessage | NowMessage;

/** SQS delays by whole seconds; rounding up keeps a run from starting before its slot. */
export const slotMessage = (
  shard: string,
  slotAt: number,
  planVersion: number,
  now: number,
): OutgoingMessage => ({
  body: { kind: 'slot', shard, slotAt, planVersion } satisfies SlotMessage,
  delaySeconds: Math.max(0, Math.ceil((slotAt - now) / 1000)),
});

/** Has checks looked at that were just placed or changed. The same checks in the same revisions give the same run. */
export const freshMessage = (
  shard: string,
  planVersion: number,
  entries: readonly Pick<PlanEntry, 'no' | 'revision'>[],
  now: number,
): OutgoingMessage => ({
  body: {
    kind: 'now',
    shard,
    at: now,
    runId: sha256(entries.map((entry) => `${entry.no}@${entry.revision}`).join()).slice(0, 16),
    planVersion,
    nos: entries.map((entry) => entry.no),
    unseenOnly: true,
  } satisfies NowMessage,
});

/** Reads a message of the slots queues; throws when it is none, so that it ends in the dead-letter queue. */
export const parseRunMessage = (body: unknown): RunMessage => {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { kind, shard, planVersion } = fields;
  if (typeof shard !== 'string' || !isCount(planVersion))
    throw new Error('the message names no shard and plan');
  parseShardId(shard);
  if (kind === 'slot') {
    if (!isCount(fields.slotAt)) throw new Error('the message names no slot');
    return { kind, shard, slotAt: fields.slotAt, planVersion };
  }
  if (kind !== 'now') throw new Error(`the message has the unknown kind ${String(kind)}`);
  const { at, runId, nos, unseenOnly } = fields;
  if (!isCount(at)) throw new Error('the message names no instant');
  if (typeof runId !== 'string' || !/^[\w-]{1,64}$/.test(runId)) throw new Error('the message names no run');
  if (nos !== undefined && !(Array.isArray(nos) && nos.every(isCount))) {
    throw new Error('the message names checks that are no numbers');
  }
  return {
    kind,
    shard,
    at,
    runId,
    planVersion,
    ...(nos !== undefined && { nos }),
    ...(unseenOnly === true && { unseenOnly }),
  };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

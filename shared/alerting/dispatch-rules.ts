import type { OutgoingMessage, Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import { bucketOf } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import { type ListedRuleShard, ruleFamilies, ruleShardsIn } from './shard-list.ts';
import type { RuleTick } from './signal.ts';

const minuteMs = 60_000;
export const ruleTickSeconds = 30;
/**
 * Shards start in waves some seconds apart: all at once would find few functions warm, each on its own would make
 * every tick an invocation of its own, where a batch takes many.
 */
const [waves, waveSeconds] = [6, 5];
const offsetMs = (shard: string): number => bucketOf(shard, waves) * waveSeconds * 1000;

/** The two instants in the minute that begins at `from` at which the rules of a shard are judged. */
export const ticksOf = (shard: string, from: number): readonly number[] =>
  [0, ruleTickSeconds * 1000].map((half) => from + half + offsetMs(shard));

/**
 * Sends two messages for each shard of rules, delayed until they are judged within the next minute. A repeated tick
 * sends the same ones again: they are judged for the same instants, and change nothing.
 */
export const dispatchRules = async (
  tickAt: number,
  {
    telemetry,
    signals,
    clock,
  }: { telemetry: Pick<Table, 'query'>; signals: Pick<Queue, 'send'>; clock: Clock },
): Promise<number> => {
  const from = Math.floor(tickAt / minuteMs) * minuteMs + minuteMs;
  const families = Array.from({ length: ruleFamilies }, (_, family) => family);
  const sent = await Promise.all(
    families.map(async (family) => {
      const active = (await ruleShardsIn(telemetry, family)).filter((listed) => listed.active > 0);
      const messages = active.flatMap((listed) =>
        ticksOf(listed.shard, from).map((at) => toMessage(listed, at, clock())),
      );
      if (messages.length > 0) await signals.send(messages);
      return messages.length;
    }),
  );
  return sent.reduce((sum, count) => sum + count, 0);
};

const toMessage = ({ shard, version }: ListedRuleShard, at: number, now: number): OutgoingMessage => {
  const body: RuleTick = { kind: 'rules', shard, at, version };
  return { body, delaySeconds: Math.max(0, Math.ceil((at - now) / 1000)) };
};

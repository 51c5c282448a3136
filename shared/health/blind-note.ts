import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import { maximumRounds } from './conflict.ts';
import { blindKey } from './keys.ts';
import { isInVpc, parseShardId } from './shard.ts';

/**
 * Since when the monitor is blind, in one item a location and network, so that all its shards tell the same. It is
 * confirmed while blindness lasts: what nobody confirmed for half an hour and two intervals was left by a run that
 * was killed before it kept what it saw.
 */
type Note = { readonly state: 'blind' | 'over'; readonly since: number; readonly confirmedAt: number };

const confirmedForMs = 30 * 60_000;
/** Not each time: a hundred shards would meet on the item in every slot. */
const confirmEachMs = 10 * 60_000;

const keyOf = (shard: string) => {
  const { location, class: className } = parseShardId(shard);
  return blindKey(location, isInVpc(className) ? 'vpc' : 'public');
};

const noteIn = (item: Item | undefined): Note | undefined =>
  item && {
    state: item.state === 'blind' ? 'blind' : 'over',
    since: Number(item.since),
    confirmedAt: Number(item.confirmedAt),
  };

/** Notes that the shard's way out failed at `at` (epoch ms), and returns since when it does. */
export const noteBlind = async (
  telemetry: Pick<Table, 'get' | 'put'>,
  shard: string,
  at: number,
): Promise<number> => {
  const keptMs = confirmedForMs + 2 * parseShardId(shard).intervalSeconds * 1000;
  for (let round = 1; round <= maximumRounds; round++) {
    const before = noteIn(await telemetry.get(keyOf(shard), { consistent: true }));
    const goesOn = before?.state === 'blind' && at - before.confirmedAt <= keptMs;
    if (before && goesOn && at - before.confirmedAt < confirmEachMs) return before.since;
    const since = before && goesOn ? before.since : at;
    // Lost to another run, or to our own lost acknowledgement: what is there now tells.
    if (await replace(telemetry, shard, before, { state: 'blind', since, confirmedAt: at })) return since;
  }
  throw new Error(`the note on blindness for ${shard} changed under ${maximumRounds} tries`);
};

/** Notes that the blindness that began at `since` is over, unless another one began already. */
export const noteSight = async (
  telemetry: Pick<Table, 'get' | 'put'>,
  shard: string,
  since: number,
): Promise<void> => {
  for (let round = 1; round <= maximumRounds; round++) {
    const before = noteIn(await telemetry.get(keyOf(shard), { consistent: true }));
    if (before?.state !== 'blind' || before.since !== since) return;
    if (await replace(telemetry, shard, before, { ...before, state: 'over' })) return;
  }
};

/**
 * Epoch ms: since when the way out of the shard's location and network fails, as it was confirmed last; undefined while
 * it works. What was not confirmed for too long says nothing of `now`.
 */
export const blindSince = async (
  telemetry: Pick<Table, 'get'>,
  shard: string,
  now: number,
): Promise<number | undefined> => {
  const note = noteIn(await telemetry.get(keyOf(shard), { consistent: true }));
  const keptMs = confirmedForMs + 2 * parseShardId(shard).intervalSeconds * 1000;
  return note?.state === 'blind' && now - note.confirmedAt <= keptMs ? note.since : undefined;
};

const replace = async (
  telemetry: Pick<Table, 'put'>,
  shard: string,
  before: Note | undefined,
  note: Note,
): Promise<boolean> => {
  const condition = before === undefined ? ({ absent: true } as const) : { equals: { ...before } };
  try {
    await telemetry.put({ ...keyOf(shard), v: 1, ...note }, condition);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return false;
  }
};

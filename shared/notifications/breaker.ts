import { ConditionFailed } from '../storage/condition.ts';
import type { Table } from '../storage/table.ts';
import { backoffMs, claimMs, type Failure } from './attempt.ts';
import type { AnnounceWorld } from './world.ts';

/**
 * How a channel does, over all its incidents: `CHANNEL#<id>` / `BREAKER` in `state`. While it is open only one
 * notification tries the channel each time, and all others wait for what becomes of it.
 */
export type Breaker = {
  /** In a row, whatever the incident. */
  readonly failures: number;
  /** Epoch ms: nobody tries before; 0 while it is closed. */
  readonly probeAt: number;
  readonly version: number;
};

/** So many in a row open it. */
const opensAt = 5;
/** Longer than any wait, so that what nobody asks about any more goes away by itself. */
const keptSeconds = 2 * 86_400;

export const closedBreaker: Breaker = { failures: 0, probeAt: 0, version: 0 };

/** Nothing is to be sent but one probe after `probeAt`. */
export const isOpen = ({ probeAt }: Breaker): boolean => probeAt > 0;
/** Open because it failed, not because it asked for patience. */
export const isBroken = ({ failures, probeAt }: Breaker): boolean => probeAt > 0 && failures >= opensAt;

/**
 * What is refused for good says nothing about the channel: whatever else is told to it may be in order, and trying of this
 * one ends by itself, so that one message that nobody takes keeps no other waiting. Whoever refuses is there: that closes it.
 */
const closed = (breaker: Breaker): Breaker =>
  breaker.failures === 0 && breaker.probeAt === 0 ? breaker : { ...breaker, failures: 0, probeAt: 0 };

/**
 * After a failure: opens with the fifth in a row, or at once when the receiver says when to come again. The time to the
 * next probe doubles, and is somewhere in its second half, so that channels that fell together are not probed together.
 */
export const breakerAfterFailure = (
  breaker: Breaker,
  { retryAfterSeconds, isFinal }: Failure,
  { now, random }: { readonly now: number; readonly random: number },
): Breaker => {
  if (isFinal) return closed(breaker);
  const failures = breaker.failures + 1;
  const asked = retryAfterSeconds === undefined ? 0 : Math.min(retryAfterSeconds, 3600) * 1000;
  const step = failures - opensAt + 1;
  const wait = step > 0 ? (backoffMs(step) * (1 + random)) / 2 : 0;
  const longest = Math.round(Math.max(asked, wait));
  return { ...breaker, failures, probeAt: longest > 0 ? now + longest : 0 };
};

const keyOf = (channelId: string) => ({ pk: `CHANNEL#${channelId}`, sk: 'BREAKER' });

export const readBreaker = async (state: Pick<Table, 'get'>, channelId: string): Promise<Breaker> => {
  const item = await state.get(keyOf(channelId), { consistent: true });
  return item
    ? { failures: Number(item.failures), probeAt: Number(item.probeAt), version: Number(item.version) }
    : closedBreaker;
};

/** True when this very write, or the same one whose acknowledgement was lost, is what is there. */
const writeBreaker = async (
  { state, clock, newId }: AnnounceWorld,
  channelId: string,
  { failures, probeAt, version }: Breaker,
): Promise<boolean> => {
  const key = keyOf(channelId);
  const attempt = newId();
  const now = Math.floor(clock() / 1000);
  const item = {
    ...key,
    v: 1,
    failures,
    probeAt,
    version: version + 1,
    attempt,
    expiresAt: now + keptSeconds,
  };
  try {
    await state.put(item, version === 0 ? { vacantAt: now } : { equals: { version } });
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return (await state.get(key, { consistent: true }))?.attempt === attempt;
  }
};

/** Takes the probe that is due: of many who ask at once, one gets it, and the others wait until it has surely ended. */
export const takeProbe = (world: AnnounceWorld, channelId: string, breaker: Breaker): Promise<boolean> =>
  writeBreaker(world, channelId, { ...breaker, probeAt: world.clock() + claimMs });

/** Five writers at once are more than one channel ever has in one instant; who loses that often only did not count. */
const mostTries = 5;

const changeBreaker = async (
  world: AnnounceWorld,
  channelId: string,
  change: (breaker: Breaker) => Breaker,
): Promise<void> => {
  for (let tries = 0; tries < mostTries; tries++) {
    const breaker = await readBreaker(world.state, channelId);
    const changed = change(breaker);
    if (changed === breaker || (await writeBreaker(world, channelId, changed))) return;
  }
};

/** Closes it. */
export const noteSuccess = (world: AnnounceWorld, channelId: string): Promise<void> =>
  changeBreaker(world, channelId, closed);

export const noteFailure = (
  world: AnnounceWorld,
  channelId: string,
  failure: Failure,
  random: number,
): Promise<void> =>
  changeBreaker(world, channelId, (breaker) =>
    breakerAfterFailure(breaker, failure, { now: world.clock(), random }),
  );

/** A person says that it works again: the next notification probes it. */
export const probeNow = (world: AnnounceWorld, channelId: string): Promise<void> =>
  changeBreaker(world, channelId, (breaker) =>
    isOpen(breaker) ? { ...breaker, probeAt: Math.min(breaker.probeAt, world.clock()) } : breaker,
  );

import { inParallel } from '../platform/in-parallel.ts';
import type { DueKey } from '../storage/table.ts';
import { channelIdIn, incidentIdIn, sendBuckets } from './notification.ts';
import { sendDue } from './send.ts';
import { sendBucket } from './store.ts';
import type { SendOutcome, SweepWorld } from './world.ts';

/** One look takes so many of a bucket; the rest comes with the next look. */
const itemsPerLook = 100;
/** Channels wait mostly for answers; so many of them at once, and so many incidents of each, that none waits for a slow one. */
const channelsAtOnce = 16;
const incidentsAtOnce = 4;

export type Swept = { readonly looked: number; readonly sent: number; readonly failed: number };

/**
 * Sends what is due in all channels, until nothing is or `untilAt` (epoch ms) is near. The index only hints: each is read
 * consistently. Every channel has a lane of its own, so that one that hangs keeps no other waiting, and its breaker opens
 * after a few tries. What fails to be looked at is told as a fault and stays due; the first such error is thrown in the end.
 */
export const sweepDue = async (world: SweepWorld, untilAt: number): Promise<Swept> => {
  const sending = { ...world, untilAt: Math.min(untilAt, world.untilAt ?? untilAt) };
  const seen = new Set<string>();
  const errors: unknown[] = [];
  const counts = { looked: 0, sent: 0, failed: 0 };
  while (world.clock() < sending.untilAt) {
    const hints = (await hintsOf(sending, errors)).filter(({ pk, sk }) => !seen.has(`${pk}/${sk}`));
    // What was looked at once has its next time; that the index still names it is its lag.
    if (hints.length === 0) break;
    for (const { pk, sk } of hints) seen.add(`${pk}/${sk}`);
    const lanes = [...Map.groupBy(hints, ({ pk }) => pk).values()];
    await inParallel(lanes, channelsAtOnce, (lane) =>
      inParallel(lane, incidentsAtOnce, async (hint) => {
        if (world.clock() >= sending.untilAt) return;
        counts.looked++;
        const outcome = await look(sending, hint, errors);
        if (outcome && 'sent' in outcome) counts.sent += outcome.sent;
        if (outcome?.kind === 'failed' || outcome?.kind === 'undelivered') counts.failed++;
      }),
    );
  }
  if (errors.length > 0) throw errors[0];
  return counts;
};

/** A bucket that cannot be read does not keep the others waiting. */
const hintsOf = async ({ state, clock }: SweepWorld, errors: unknown[]): Promise<readonly DueKey[]> => {
  const buckets = Array.from({ length: sendBuckets }, (_, bucket) => sendBucket(bucket));
  const found = await Promise.allSettled(
    buckets.map((bucket) => state.queryDue(bucket, clock(), itemsPerLook)),
  );
  return found.flatMap((one) => {
    if (one.status === 'fulfilled') return one.value;
    errors.push(one.reason);
    return [];
  });
};

const look = async (
  world: SweepWorld,
  { pk, sk }: DueKey,
  errors: unknown[],
): Promise<SendOutcome | undefined> => {
  try {
    const outcome = await sendDue(world, channelIdIn(pk), incidentIdIn(sk));
    if (outcome.kind === 'failed' || outcome.kind === 'undelivered') {
      world.onFault('a channel did not take a notification', { channel: pk, notification: sk, ...outcome });
    }
    return outcome;
  } catch (error) {
    errors.push(error);
    world.onFault('a notification could not be looked at; the next sweep tries again', { pk, sk, error });
    return undefined;
  }
};

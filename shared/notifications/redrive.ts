import { inParallel } from '../platform/in-parallel.ts';
import type { Table } from '../storage/table.ts';
import { redriven } from './attempt.ts';
import { probeNow } from './breaker.ts';
import { changeNotification } from './store.ts';
import { undeliveredKeys } from './undelivered.ts';
import type { AnnounceWorld } from './world.ts';

export type RedriveWorld = AnnounceWorld & { readonly state: Pick<Table, 'get' | 'put' | 'queryDue'> };

const redrivenAtOnce = 8;

/**
 * Begins anew with what was not delivered: all of it, that of a channel, that of an incident, or of both. It goes out
 * with the next sweep, within a minute, in the order in which it was announced. Gives how many notifications (one for
 * each channel and incident) were begun anew; repeating it begins nothing twice.
 */
export const redrive = async (
  world: RedriveWorld,
  { channelId, incidentId }: { readonly channelId?: string; readonly incidentId?: string } = {},
): Promise<number> => {
  const found =
    channelId !== undefined && incidentId !== undefined
      ? [{ channelId, incidentId }]
      : (await undeliveredKeys(world.state, world.clock())).filter(
          (key) =>
            (channelId === undefined || key.channelId === channelId) &&
            (incidentId === undefined || key.incidentId === incidentId),
        );
  // Before the notifications, so that the first of them is the probe that closes it.
  const channels = [...new Set(found.map((key) => key.channelId))];
  await inParallel(channels, redrivenAtOnce, (channel) => probeNow(world, channel));
  let begun = 0;
  await inParallel(found, redrivenAtOnce, async (key) => {
    let isBegun = false;
    await changeNotification(world, key.channelId, key.incidentId, (before) => {
      const after = before && redriven(before, world.clock());
      isBegun = after !== before;
      return after;
    });
    if (isBegun) begun++;
  });
  return begun;
};

import { resolveAlert } from '../alerting/index.ts';
import type { ApiWorld } from '../platform/api/route.ts';
import { incidentsPort } from './port.ts';
import type { CommandWorld } from './world.ts';

type Given = Pick<ApiWorld, 'state' | 'bus' | 'incidents' | 'clock' | 'newId' | 'place' | 'log'>;

/** What the commands of people need, from what a route has. */
export const commandWorldOf = (world: Given): CommandWorld => {
  const { state, bus, incidents, clock, newId, place, log } = world;
  const onUntold = (error: Error) =>
    log.warn('the bus did not take all events; the notifier has them sent again', { error });
  const tools = { state, bus, clock, newId, place, onUntold, incidents: incidentsPort(world) };
  return {
    state,
    incidents,
    clock,
    newId,
    place,
    resolveAlert: (member, { by, at }) => resolveAlert(tools, member, { by, at }),
  };
};

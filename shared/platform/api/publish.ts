import { type Pending, publishPending } from '../outbox/index.ts';
import type { ApiWorld } from './route.ts';

/**
 * Publishes what was just written. The write holds already, so a bus that cannot be reached does not fail the
 * request: the events stay in the items and the sweeper sends them.
 */
export const publishAfterWrite = async (
  world: Pick<ApiWorld, 'state' | 'bus' | 'log'>,
  written: readonly (Pending | undefined)[],
): Promise<void> => {
  const pending = written.filter((item): item is Pending => item !== undefined);
  try {
    const left = await publishPending(world, pending);
    if (left.length > 0)
      world.log.warn('the bus did not take all events; the sweeper sends them', { items: left.length });
  } catch (error) {
    world.log.warn('events were not published now; the sweeper sends them', { error: error as Error });
  }
};

/**
 * Trigger: the queue of slots, one message at a time. Promise: what the slot's checks saw is stored once, folded
 * once into the shard's head, and every change of a status is published at least once, always with the same id.
 * A repeat finds its slot folded and only publishes what a crash left; a late slot is not probed; a run-now whose
 * checks were looked at meanwhile does nothing. A message that cannot be finished comes again.
 */
import { contract } from './contract.ts';
import { serve } from './serve.ts';

export const handler = serve(contract);

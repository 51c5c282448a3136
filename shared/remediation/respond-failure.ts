import type { ExecutionEnded } from '../platform/edge/events.ts';
import { closeRemediation } from './close.ts';
import type { RemedyWorld } from './remedy-world.ts';
import type { CloseAnswer } from './steps.ts';

/**
 * Ends a remediation whose execution ended without reaching its last step: aborted, timed out, or failed in that step. The
 * execution is named by the plan's hash. One that was closed before stays as it was closed. Throws NOT_FOUND for an
 * execution of no plan.
 */
export const respondToEnd = (world: RemedyWorld, ended: ExecutionEnded): Promise<CloseAnswer> => {
  const { name, status, error, cause } = ended;
  return closeRemediation(world, {
    planHash: name,
    failure: { Error: error ?? status, Cause: cause ?? `its execution ended ${status}` },
  });
};

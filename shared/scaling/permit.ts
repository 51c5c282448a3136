import { type Caller, reaches } from '../platform/api/caller.ts';
import { DomainError } from '../platform/errors.ts';
import { scalersPath } from './kind.ts';
import type { ScalerRecord } from './scaler.ts';

/** Throws NOT_FOUND, as for a rule that is not there, for one of a deployment out of the caller's reach. */
export const permitFor =
  ({ deployments }: Caller) =>
  ({ definition }: ScalerRecord): void => {
    if (!reaches(deployments, definition.deploymentId)) {
      throw new DomainError(
        'NOT_FOUND',
        `There is no such scaling rule, or the token does not reach it. List what it reaches at GET ${scalersPath}.`,
      );
    }
  };

import { type Caller, noDeployment, type Reach, reaches } from '../platform/api/caller.ts';
import { DomainError } from '../platform/errors.ts';
import type { StatusPageDefinition, StatusPageRecord } from './page.ts';

/** The deployments whose checks a page can show: `*` when a group takes a tag wherever it is. */
export const deploymentsOf = ({ groups }: Pick<StatusPageDefinition, 'groups'>): Reach => {
  const named = new Set<string>();
  for (const { checks = [], deploymentId, tag } of groups) {
    if (tag !== undefined && deploymentId === undefined) return '*';
    if (deploymentId !== undefined) named.add(deploymentId);
    for (const check of checks) named.add(check.deploymentId);
  }
  return [...named];
};

/** Whether a token reaches everything that the page can show. */
export const reachesPage = (reach: Reach, definition: Pick<StatusPageDefinition, 'groups'>): boolean => {
  if (reach === '*') return true;
  const named = deploymentsOf(definition);
  return named !== '*' && named.every((deploymentId) => reaches(reach, deploymentId));
};

/**
 * Who writes a page decides what the public sees of each deployment in it. Throws FORBIDDEN for a tag of all deployments,
 * NOT_FOUND for a deployment out of reach, as if it were not there.
 */
export const requirePageReach = (reach: Reach, definition: Pick<StatusPageDefinition, 'groups'>): void => {
  if (reachesPage(reach, definition)) return;
  if (deploymentsOf(definition) !== '*') throw noDeployment();
  throw new DomainError(
    'FORBIDDEN',
    'A group with a tag alone takes checks of all deployments: give it a deploymentId too, or use a token that reaches all deployments ("deployments": "*").',
  );
};

/** Throws NOT_FOUND, as for a page that is not there, for one that shows what is out of the caller's reach. */
export const permitFor =
  ({ deployments }: Pick<Caller, 'deployments'>) =>
  ({ definition }: StatusPageRecord): void => {
    if (reachesPage(deployments, definition)) return;
    throw new DomainError(
      'NOT_FOUND',
      'There is no such status page, or the token does not reach all that it shows. List what it reaches at GET /api/v1/monitoring/status-pages.',
    );
  };

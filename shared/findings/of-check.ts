import type { DeploymentDefinition } from '../catalog/index.ts';
import type { EventDetails } from '../platform/events.ts';
import { causeOf } from './cause-of.ts';
import type { Finding } from './finding.ts';
import { findingIdOf } from './finding-id.ts';
import { resourceOfCheck } from './resource-of.ts';

/**
 * What a change of a check's status says as a finding: open while it is unhealthy, resolved once it answers again.
 * `unknown` says neither and gives undefined: what is not known is never remedied and never counts as well (fault 7).
 * Each time it becomes unhealthy is an occurrence of its own. Nothing is stored: the check's own status is the truth.
 */
export const findingOfCheck = (
  change: EventDetails['check.status_changed'],
  deployment: Pick<DeploymentDefinition, 'resources'>,
): Finding | undefined => {
  if (change.to === 'unknown') return undefined;
  const at = Date.parse(change.at);
  const resource = resourceOfCheck(deployment, change.name)?.name ?? change.name;
  const identity = {
    source: 'homeostat',
    kind: 'unhealthy' as const,
    deploymentId: change.deploymentId,
    resource,
    key: change.checkId,
  };
  const isOpen = change.to === 'unhealthy';
  return {
    id: findingIdOf(identity),
    kind: 'unhealthy',
    state: isOpen ? 'open' : 'resolved',
    severity: 'error',
    deploymentId: change.deploymentId,
    resource,
    title: `${change.name} is ${change.to}`,
    reason: change.reason,
    tags: change.tags,
    source: 'homeostat',
    details: { checkIds: [change.checkId], ...(isOpen && { cause: causeOf(change) }) },
    occurrence: at,
    openedAt: at,
    updatedAt: at,
    ...(!isOpen && { resolvedAt: at }),
    revision: 0,
  };
};

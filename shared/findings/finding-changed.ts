import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { Finding } from './finding.ts';

/** The event of a finding's revision; told again it has the same id. */
export const changedEvent = (finding: Finding, place: Place): HomeostatEvent => ({
  type: 'finding.changed',
  detail: {
    id: `finding:${finding.id}@${finding.revision}`,
    at: toIso(finding.updatedAt),
    accountId: place.accountId,
    region: place.region,
    findingId: finding.id,
    kind: finding.kind,
    state: finding.state,
    severity: finding.severity,
    deploymentId: finding.deploymentId,
    resource: finding.resource,
    title: finding.title,
    reason: finding.reason,
    tags: { ...finding.tags },
  },
});

import { toIso } from '../platform/clock.ts';
import type { Finding } from './finding.ts';

/** A finding as answers show it. */
export const viewFinding = (finding: Finding) => ({
  id: finding.id,
  kind: finding.kind,
  state: finding.state,
  severity: finding.severity,
  deploymentId: finding.deploymentId,
  resource: finding.resource,
  title: finding.title,
  reason: finding.reason,
  tags: finding.tags,
  source: finding.source,
  details: finding.details,
  occurrence: finding.occurrence,
  openedAt: toIso(finding.openedAt),
  updatedAt: toIso(finding.updatedAt),
  resolvedAt: finding.resolvedAt === undefined ? null : toIso(finding.resolvedAt),
  revision: finding.revision,
});

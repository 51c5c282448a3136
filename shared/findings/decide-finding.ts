import { canonicalJson } from '../platform/api/canonical.ts';
import type { Finding } from './finding.ts';
import { type FindingIdentity, findingIdOf } from './finding-id.ts';

/** What somebody found, or found right again. */
export type Found = FindingIdentity &
  Pick<Finding, 'state' | 'severity' | 'title' | 'reason' | 'tags' | 'details'> & {
    /** Epoch ms: when it was seen so. */
    readonly at: number;
  };

export type NoteOutcome = 'opened' | 'reopened' | 'updated' | 'resolved' | 'unchanged';

export type Decided = {
  readonly finding: Finding;
  readonly outcome: NoteOutcome;
  readonly isWritten: boolean;
};

/**
 * The finding after it was found, or found right again. What was seen before the last change, or says nothing new,
 * changes nothing; something resolved that nobody knows of is nothing to keep.
 */
export const nextFinding = (previous: Finding | undefined, found: Found): Decided => {
  const isOpen = found.state === 'open';
  const fresh = freshOf(found);
  if (!previous) {
    return isOpen
      ? { finding: fresh, outcome: 'opened', isWritten: true }
      : { finding: { ...fresh, resolvedAt: found.at, revision: 0 }, outcome: 'unchanged', isWritten: false };
  }
  const unchanged: Decided = { finding: previous, outcome: 'unchanged', isWritten: false };
  if (found.at < previous.updatedAt) return unchanged;
  if (!isOpen) return rightAgain(previous, found);
  const revision = previous.revision + 1;
  if (previous.state === 'resolved') {
    const finding = { ...fresh, occurrence: Math.max(found.at, previous.occurrence + 1), revision };
    return { finding, outcome: 'reopened', isWritten: true };
  }
  if (said(previous) === said(fresh)) return unchanged;
  const { occurrence, openedAt } = previous;
  return { finding: { ...fresh, occurrence, openedAt, revision }, outcome: 'updated', isWritten: true };
};

/** One occurrence is right again; what was seen before the last change, or opened anew since, stays as it is. */
export const resolved = (
  previous: Finding,
  right: Pick<Finding, 'occurrence' | 'reason'> & { readonly at: number },
): Decided =>
  previous.occurrence !== right.occurrence || right.at < previous.updatedAt
    ? { finding: previous, outcome: 'unchanged', isWritten: false }
    : rightAgain(previous, right);

const rightAgain = (previous: Finding, { reason, at }: Pick<Found, 'reason' | 'at'>): Decided => {
  if (previous.state === 'resolved') return { finding: previous, outcome: 'unchanged', isWritten: false };
  const revision = previous.revision + 1;
  const finding: Finding = {
    ...previous,
    state: 'resolved',
    reason,
    updatedAt: at,
    resolvedAt: at,
    revision,
  };
  return { finding, outcome: 'resolved', isWritten: true };
};

const freshOf = (found: Found): Finding => ({
  id: findingIdOf(found),
  kind: found.kind,
  state: found.state,
  severity: found.severity,
  deploymentId: found.deploymentId,
  resource: found.resource,
  title: found.title,
  reason: found.reason,
  tags: found.tags,
  source: found.source,
  details: found.details,
  // Not counted from one: the count would begin anew once the finding expired, and a plan of then would be one of now.
  occurrence: found.at,
  openedAt: found.at,
  updatedAt: found.at,
  revision: 1,
});

const said = ({ severity, title, reason, tags, details }: Finding): string =>
  canonicalJson({ severity, title, reason, tags, details });

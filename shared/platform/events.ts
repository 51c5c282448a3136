/**
 * The events Homeostat puts on its bus: `source` is always `homeostat`, `detail-type` is the key below, and every
 * detail carries `id` (made from entity and version, so a consumer can drop repeats), `accountId` and `region`.
 */
export const eventSource = 'homeostat';

type Envelope = {
  /** `<entity>@<version>`: the same change always has the same id. */
  id: string;
  /** ISO 8601: when it happened, not when it was published. */
  at: string;
  accountId: string;
  region: string;
};

export type EventDetails = {
  /** A definition was written or removed. The projector listens. */
  'check.changed': Envelope & {
    checkId: string;
    deploymentId: string;
    name: string;
    revision: number;
    change: 'created' | 'updated' | 'removed';
  };
  /** A check went from one status to another. */
  'check.status_changed': Envelope & {
    checkId: string;
    deploymentId: string;
    name: string;
    type: string;
    target: string;
    from: CheckStatus;
    to: CheckStatus;
    reason: string;
    responseTimeMs: number | null;
    tags: Record<string, string>;
  };
  /** A check began, or ceased, to go back and forth faster than its thresholds can make sense of. */
  'check.flapping': Envelope & {
    checkId: string;
    deploymentId: string;
    name: string;
    type: string;
    target: string;
    state: 'started' | 'ended';
    /** Turns between success and failure among the last results. */
    turns: number;
    reason: string;
    tags: Record<string, string>;
  };
  /** A check hung so often that it should run apart from the others, or answers well again. The projector listens. */
  'check.paced': Envelope & { checkId: string; pace: 'slow' | 'usual' };
  'deployment.registered': Envelope & { deploymentId: string; environment: string; revision: number };
  /** The worst of a deployment's checks changed. */
  'deployment.status_changed': Envelope & {
    deploymentId: string;
    from: CheckStatus;
    to: CheckStatus;
    reason: string;
    checks: { total: number; healthy: number; degraded: number; unhealthy: number; unknown: number };
  };
  /** Homeostat's own way out failed, so that what it could not reach says nothing; or it is back. */
  'monitor.blind': Envelope & {
    location: string;
    network: 'public' | 'vpc';
    state: 'started' | 'ended';
    /** ISO 8601: since when. Every shard that finds out tells it with the same id. */
    since: string;
    reason: string;
  };
  /** A rule was written or removed. The evaluator listens. */
  'rule.changed': Envelope & {
    ruleId: string;
    deploymentId: string | null;
    name: string;
    revision: number;
    change: 'created' | 'updated' | 'removed';
  };
  /** A rule became true for one subject, or ceased to be. */
  'alert.state_changed': Envelope & {
    alertId: string;
    /** The episode: the id under `/alerts/events`. */
    eventId: string;
    ruleId: string;
    ruleName: string;
    type: string;
    deploymentId: string | null;
    subject: string;
    severity: Severity;
    from: 'inactive' | 'pending' | 'firing' | 'resolved';
    to: 'pending' | 'firing' | 'resolved';
    value: number | null;
    reason: string;
    labels: Record<string, string>;
    incidentId: string | null;
  };
  /** An incident was opened, joined, acknowledged, escalated, reopened or resolved. */
  'incident.changed': Envelope & {
    incidentId: string;
    deploymentId: string | null;
    title: string;
    severity: Severity;
    status: 'open' | 'acknowledged' | 'resolved';
    change: 'opened' | 'grown' | 'acknowledged' | 'unacknowledged' | 'escalated' | 'reopened' | 'resolved';
    by: string | null;
    firing: number;
    resolved: number;
  };
  /** Something wrong was found by comparing, or is right again. Detectors publish it; rules of the type `finding` listen. */
  'finding.changed': Envelope & {
    findingId: string;
    kind: 'drift' | 'violation' | 'cost' | 'idle' | 'oversized' | 'remediation' | (string & {});
    state: 'open' | 'resolved';
    severity: Severity;
    deploymentId: string | null;
    /** What it was found at: an ARN, a resource's name. */
    resource: string;
    title: string;
    reason: string;
    tags: Record<string, string>;
  };
  /** Somebody approved or rejected a plan, or its time ended. The responder goes on with its workflow. */
  'plan.decided': Envelope & {
    planHash: string;
    deploymentId: string | null;
    decision: 'approved' | 'rejected';
    by: string;
    reason: string;
  };
  /** A remediation went from one state to another. */
  'remediation.changed': Envelope & {
    remediationId: string;
    planHash: string;
    deploymentId: string | null;
    workflow: 'heal' | 'drift' | 'cost' | 'rollback' | 'scale';
    status: string;
    /** Kinds of its actions. */
    actions: string[];
    resources: string[];
    findingId: string;
    checkIds: string[];
    attempt: number;
    by: string;
    reason: string;
  };
  /** A release of a deployment began, finished, was confirmed or rolled back. */
  'release.changed': Envelope & {
    releaseId: string;
    deploymentId: string;
    version: string;
    state: 'began' | 'finished' | 'confirmed' | 'failed' | 'rolled_back' | 'superseded';
    reason: string;
  };
  /** A channel did not take a notification for so long that trying ended; a redrive sends it again. */
  'notification.undelivered': Envelope & {
    channelId: string;
    channelName: string;
    incidentId: string;
    since: string;
    reason: string;
  };
  /** What a channel of the type `eventbridge` tells: attach rules of your own to it. */
  'notification.told': Envelope & {
    channelName: string;
    incidentId: string;
    kind: string;
    status: 'firing' | 'resolved';
    severity: Severity;
    deploymentId: string | null;
    title: string;
    text: string;
    dedupeKey: string;
    url: string;
  };
  /** Somebody wrote something. The evaluator keeps it for `GET /audit`. Secrets are hidden on both sides. */
  'audit.recorded': Envelope & {
    /** `admin`, `token:<id>`, `link:<channel>` or `homeostat`. */
    by: string;
    action: AuditAction;
    kind: string;
    subjectId: string;
    name: string;
    deploymentId: string | null;
    /** Null when it was not there before, or is not there any more; cut to a sentence when it is too large. */
    before: unknown;
    after: unknown;
  };
};

/** From the mildest to the worst; the order counts. */
export const severities = ['info', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a person or a file did, as the audit keeps it. */
export type AuditAction = 'created' | 'updated' | 'removed' | (string & {});

/** healthy and degraded answer; unknown is never healthy and never heals anything. */
export type CheckStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
export const checkStatuses = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

export type EventType = keyof EventDetails;
export type HomeostatEvent = { [T in EventType]: { type: T; detail: EventDetails[T] } }[EventType];

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
};

/** healthy and degraded answer; unknown is never healthy and never heals anything. */
export type CheckStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
export const checkStatuses = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

export type EventType = keyof EventDetails;
export type HomeostatEvent = { [T in EventType]: { type: T; detail: EventDetails[T] } }[EventType];

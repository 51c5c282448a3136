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
  'deployment.registered': Envelope & { deploymentId: string; environment: string; revision: number };
};

/** healthy and degraded answer; unknown is never healthy and never heals anything. */
export type CheckStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
export const checkStatuses = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

export type EventType = keyof EventDetails;
export type HomeostatEvent = { [T in EventType]: { type: T; detail: EventDetails[T] } }[EventType];

import type { CheckStatus } from '../../platform/events.ts';

/** What another check's head says of it. What is paused, stale or never looked at is unknown. */
export type Member = {
  readonly status: CheckStatus;
  /** Failures in a row that do not make it unhealthy yet. */
  readonly failures: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** The parent for which it keeps its own trouble back. */
  readonly heldBy?: string;
};

/** The last sign that a heartbeat gave. */
export type Ping = { readonly at: number; readonly isFailure: boolean; readonly message: string | null };

/** A resource of the team's AWS account, as its own service speaks of it. */
export type ResourceState = {
  /** Running and well. */
  readonly isWell: boolean;
  /** A sentence with what the service said. */
  readonly says: string;
};

/**
 * What kinds may ask beside their target. Each throws `CannotTell` when it cannot be asked: a fault of our own is never
 * the target's.
 */
export type ProbePorts = {
  /** The value behind `${secret:NAME}`. */
  secret(name: string): Promise<string>;
  /** By check id; what was never placed is left out. */
  members(checkIds: readonly string[]): Promise<ReadonlyMap<string, Member>>;
  /** The last ping of a heartbeat in the shard that runs. */
  lastPing(checkId: string): Promise<Ping | undefined>;
  /** The JSON that a function of the team answers with. */
  invoke(functionName: string, payload: unknown, signal: AbortSignal): Promise<unknown>;
  /** `service` as in the kind `resource`; `id` names the resource in it. */
  describe(service: string, id: string, signal: AbortSignal): Promise<ResourceState>;
};

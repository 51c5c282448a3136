import type { CallMade } from '../platform/aws/actions/calls.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { Json, Plan } from './plan.ts';

/**
 * waiting: for approval. approved: somebody did, the workflow goes on. running: a step is or will be under way. The rest
 * are ends: `unknown` means a change was begun and nobody knows how it ended; a person looks, nothing is tried again.
 */
export const remediationStatuses = [
  'waiting',
  'approved',
  'running',
  'succeeded',
  'confirmed',
  'failed',
  'unknown',
  'rejected',
  'expired',
  'held',
  'not_needed',
  'superseded',
  'cancelled',
] as const;
export type RemediationStatus = (typeof remediationStatuses)[number];
export const isOver = (status: RemediationStatus): boolean =>
  status !== 'waiting' && status !== 'approved' && status !== 'running';

/** Names of the brakes; each is a pure decision with a reason. */
export const brakeNames = [
  'stop_switch',
  'policy_disabled',
  'policy_exception',
  'not_opted_in',
  'outside_window',
  'maintenance',
  'parent_down',
  'monitor_blind',
  'unknown_status',
  'mass_failure',
  'blast_radius',
  'attempts',
  'cooldown',
  'flapping',
  'lease_held',
] as const;
export type BrakeName = (typeof brakeNames)[number];

export type Hold = {
  readonly brake: BrakeName;
  readonly reason: string;
  /** Epoch ms: when it will be over by itself; left out when only a person or the world can end it. */
  readonly untilAt?: number | undefined;
};

/** Where one action of one attempt stands. `applying` of another invocation means that its outcome is not known. */
export type ActionProgress = {
  readonly state: 'pending' | 'applying' | 'applied' | 'failed' | 'unknown';
  readonly attempt: number;
  /** Which invocation of the step set it to `applying`. */
  readonly by?: string | undefined;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly reason?: string | undefined;
  /** Epoch ms: when it was applied last, in whichever attempt; what was applied once can be undone. */
  readonly appliedAt?: number | undefined;
  /** What the action kept when it was applied, for its verification. */
  readonly receipt?: Json | undefined;
};

export type ApprovalGiven = {
  readonly by: string;
  readonly at: number;
  readonly comment?: string | undefined;
};

/**
 * One run of one plan: `state`, `REMEDY#<hash>` / `RUN`. Every step of its workflow decides on this item and writes it
 * by compare-and-set on `revision`; what happened lies beside it, one item an entry (`REMEDY#<hash>` / `LOG#…`).
 */
export type Remediation = {
  readonly plan: Plan;
  readonly status: RemediationStatus;
  /** A sentence: why it stands so. */
  readonly reason: string;
  readonly approvals: readonly ApprovalGiven[];
  readonly rejectedBy?: string | undefined;
  /** Epoch ms: after it nobody can approve any more. */
  readonly approveBy?: number | undefined;
  /** Of the step that waits for a person; never shown. */
  readonly taskToken?: string | undefined;
  readonly executionArn?: string | undefined;
  readonly attempt: number;
  readonly actions: readonly ActionProgress[];
  readonly holds: readonly Hold[];
  /** Epoch ms: since when it waits for holds that end by themselves. */
  readonly heldSince?: number | undefined;
  /** What the world showed after the last attempt, per action. */
  readonly after?: readonly Json[] | undefined;
  readonly appliedAt?: number | undefined;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number | undefined;
  /** Epoch ms: when the release that it watched was found to have failed; from then on it is a plan like any other. */
  readonly watchedAt?: number | undefined;
  /** Epoch ms: since when nothing is left to do after its end: leases are free, people told, it is counted. */
  readonly closedAt?: number | undefined;
  readonly undoneBy?: string | undefined;
  readonly revision: number;
  readonly outbox: readonly HomeostatEvent[];
};

export type { CallMade };

/** An entry of the append-only record. */
export type LogEntry = {
  readonly at: number;
  readonly kind:
    | 'planned'
    | 'asked'
    | 'approved'
    | 'rejected'
    | 'held'
    | 'started'
    | 'call'
    | 'applied'
    | 'not_applied'
    | 'verified'
    | 'not_verified'
    | 'retry'
    | 'cancelled'
    | 'ended';
  readonly by: string;
  readonly attempt: number;
  readonly text: string;
  readonly call?: CallMade | undefined;
  readonly before?: Json | undefined;
  readonly after?: Json | undefined;
  readonly durationMs?: number | undefined;
};

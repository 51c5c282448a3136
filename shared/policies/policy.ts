import type { Cause } from '../findings/index.ts';
import type { Severity } from '../platform/events.ts';

/** How a policy is approved: by itself, or by people; then how many, of whom, and for how long it waits for them. */
export type Approval = {
  readonly mode: 'auto' | 'manual';
  /** Different people; 1 unless said. */
  readonly people: number;
  /** Names of tokens, or of people as links tell them, that count; empty: anyone with the scope operate. */
  readonly by: readonly string[];
  /** Whoever asked for the remedy does not count. */
  readonly anotherPerson: boolean;
  readonly expiresSeconds: number;
};

export type Limits = {
  /** Resources in need under this policy at once, and changed within an hour. 0 means none. */
  readonly maxCount?: number | undefined;
  /** The same as a share of the resources of the deployments that it matches in one environment, 0–100. */
  readonly maxPercent?: number | undefined;
};

/** What to do in one case. `action` is a generic verb or a kind of action. */
export type Remedy = {
  readonly action: RemedyAction;
  readonly approval: Approval;
  /** Of a drift or violation: how many resources at once. 0 means zero. */
  readonly maxResources?: number | undefined;
  readonly maxAttempts: number;
  readonly backoff: 'exponential' | 'constant';
  /** Between apply and the first verification. */
  readonly waitSeconds: number;
  /** Factor over what runs now, for scale_up. */
  readonly maxScale?: number | undefined;
  /** 0–100: from which use a resource counts as exhausted, or below which as oversized. */
  readonly thresholdPercent?: number | undefined;
  /** Of an unhealthy service: only when this is the matter with it; any when left out. */
  readonly causes?: readonly Cause[] | undefined;
  /** How long something must have been idle. */
  readonly detectionSeconds?: number | undefined;
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
};

export const remedyActions = [
  'notify',
  'fix',
  'restart',
  'replace',
  'reprovision',
  'scale_up',
  'scale_down',
  'rollback',
  'stop',
  'snapshot_delete',
  'recommend_downsize',
  'run',
  'webhook',
] as const;
export type RemedyAction = (typeof remedyActions)[number];

/** Monday 0 … Sunday 6, minutes of the day in the zone; `deny` windows win over `allow` windows. */
export type PolicyWindow = {
  readonly kind: 'allow' | 'deny';
  readonly weekdays: readonly number[];
  readonly fromMinute: number;
  /** Up to 1440; smaller than `fromMinute`: into the next day. */
  readonly toMinute: number;
  readonly timeZone: string;
};

export type PolicyException = {
  /** A resource's name, id or ARN; `*` at the end for a prefix. */
  readonly resource: string;
  readonly reason: string;
  /** Epoch ms: an exception always ends. */
  readonly untilAt: number;
};

export type PolicySelector = {
  /** Empty: all. */
  readonly deployments: readonly string[];
  readonly environments: readonly string[];
  /** Of the resource or the finding; each must be there with this value. */
  readonly tags: Readonly<Record<string, string>>;
};

/** A policy as it is kept: durations in seconds, everything filled in. The YAML form is in `written.ts`. */
export type PolicyDefinition = {
  readonly name: string;
  readonly isActive: boolean;
  readonly selector: PolicySelector;
  readonly driftRemediation?:
    | { readonly enabled: boolean; readonly autoFix: readonly (Remedy & { readonly severity: Severity })[] }
    | undefined;
  readonly healthRemediation?:
    | {
        readonly enabled: boolean;
        readonly unhealthyService?: Remedy | undefined;
        readonly resourceExhaustion?: Remedy | undefined;
        /** When a release fails its verification. */
        readonly failedRelease?: Remedy | undefined;
      }
    | undefined;
  readonly costOptimization?:
    | {
        readonly enabled: boolean;
        readonly idleResources?: Remedy | undefined;
        readonly oversizedResources?: Remedy | undefined;
      }
    | undefined;
  readonly complianceRemediation?:
    | { readonly enabled: boolean; readonly autoFix: readonly (Remedy & { readonly severity: Severity })[] }
    | undefined;
  readonly windows: readonly PolicyWindow[];
  readonly limits: Limits;
  readonly brakes: Brakes;
  readonly exceptions: readonly PolicyException[];
};

/** Sensible numbers stand in `defaultBrakes`. */
export type Brakes = {
  /** Attempts at one resource within an hour, over all plans. */
  readonly attemptsPerHour: number;
  /** After a remedy ended, whatever its verdict. */
  readonly cooldownSeconds: number;
  /** Remedied and wrong again so often within a day: stop, and name who writes it. */
  readonly flapsPerDay: number;
};
export const defaultBrakes: Brakes = { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 };

export type PolicyRecord = {
  readonly id: string;
  readonly definition: PolicyDefinition;
  readonly revision: number;
  readonly managedBy: 'file' | 'api';
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number | undefined;
};

/** Which part of a policy speaks of a finding. */
export type PolicySection =
  | 'drift_remediation'
  | 'health_remediation.unhealthy_service'
  | 'health_remediation.resource_exhaustion'
  | 'health_remediation.failed_release'
  | 'cost_optimization.idle_resources'
  | 'cost_optimization.oversized_resources'
  | 'compliance_remediation';

/** What the policies say of one finding: pure, `decidePolicy(policies, finding, facts, now)`. */
export type PolicyDecision =
  | {
      readonly kind: 'remedy';
      readonly policy: Pick<PolicyRecord, 'id' | 'revision'> & { readonly name: string };
      readonly section: PolicySection;
      readonly remedy: Remedy;
      readonly limits: Limits;
      readonly brakes: Brakes;
      readonly reason: string;
    }
  /** A policy matches and says no more than to tell; or none matches, or what matches is off, excepted … */
  | {
      readonly kind: 'none';
      readonly policy?: { readonly id: string; readonly name: string };
      readonly reason: string;
    };

import type { Cause } from '../findings/index.ts';
import type { Severity } from '../platform/events.ts';
import { type Weekday, weekdays } from '../platform/wall-clock.ts';
import type { Approval, PolicyDefinition, PolicyWindow, Remedy, RemedyAction } from './policy.ts';
import { timeOfDay } from './windows.ts';

/** A policy as people write it, over the API and in `homeostat.yaml`: durations and shares as the schema gives them. */
export type WrittenApproval = {
  readonly mode: 'auto' | 'manual';
  readonly people?: number | undefined;
  readonly by?: readonly string[] | undefined;
  readonly another_person?: boolean | undefined;
  /** Seconds. */
  readonly expires?: number | undefined;
};

export type WrittenRemedy = {
  readonly action: RemedyAction;
  readonly approval?: 'auto' | 'manual' | WrittenApproval | undefined;
  readonly max_resources?: number | undefined;
  readonly max_attempts?: number | undefined;
  readonly backoff?: 'exponential' | 'constant' | undefined;
  /** Seconds. */
  readonly wait?: number | undefined;
  readonly causes?: readonly Cause[] | undefined;
  readonly max_scale?: number | undefined;
  readonly threshold?: number | undefined;
  /** Percent below which something is oversized; as people write it `usage < 30%`. */
  readonly detection?: number | undefined;
  /** Seconds. */
  readonly detection_period?: number | undefined;
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
};

export type WrittenBySeverity = {
  readonly enabled?: boolean | undefined;
  readonly auto_fix?: readonly (WrittenRemedy & { readonly severity: Severity })[] | undefined;
};

export type WrittenWindow = {
  readonly kind: 'allow' | 'deny';
  readonly weekdays?: readonly Weekday[] | undefined;
  readonly from: string;
  readonly until: string;
  readonly time_zone?: string | undefined;
};

export type WrittenPolicy = {
  readonly name: string;
  readonly is_active?: boolean | undefined;
  readonly selector?:
    | {
        readonly deployments?: readonly string[] | undefined;
        readonly environments?: readonly string[] | undefined;
        readonly tags?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  readonly drift_remediation?: WrittenBySeverity | undefined;
  readonly health_remediation?:
    | {
        readonly enabled?: boolean | undefined;
        readonly unhealthy_service?: WrittenRemedy | undefined;
        readonly resource_exhaustion?: WrittenRemedy | undefined;
        readonly failed_release?: WrittenRemedy | undefined;
      }
    | undefined;
  readonly cost_optimization?:
    | {
        readonly enabled?: boolean | undefined;
        readonly idle_resources?: WrittenRemedy | undefined;
        readonly oversized_resources?: WrittenRemedy | undefined;
      }
    | undefined;
  readonly compliance_remediation?: WrittenBySeverity | undefined;
  readonly windows?: readonly WrittenWindow[] | undefined;
  readonly limits?:
    | { readonly max_count?: number | undefined; readonly max_percent?: number | undefined }
    | undefined;
  readonly brakes?:
    | {
        readonly attempts_per_hour?: number | undefined;
        /** Seconds. */
        readonly cooldown?: number | undefined;
        readonly flaps_per_day?: number | undefined;
      }
    | undefined;
  readonly exceptions?:
    | readonly {
        readonly resource: string;
        readonly reason: string;
        /** ISO 8601. */
        readonly until: string;
      }[]
    | undefined;
};

/** The inverse of `resolvePolicy`: what it gives resolves to the same definition. Durations in seconds. */
export const writtenPolicyOf = (definition: PolicyDefinition): WrittenPolicy => {
  const { name, isActive, selector, limits, brakes } = definition;
  const { driftRemediation: drift, complianceRemediation: compliance } = definition;
  const { healthRemediation: health, costOptimization: cost } = definition;
  return {
    name,
    is_active: isActive,
    selector,
    ...(drift && { drift_remediation: writtenBySeverity(drift) }),
    ...(health && {
      health_remediation: {
        enabled: health.enabled,
        ...(health.unhealthyService && { unhealthy_service: writtenRemedy(health.unhealthyService) }),
        ...(health.resourceExhaustion && { resource_exhaustion: writtenRemedy(health.resourceExhaustion) }),
        ...(health.failedRelease && { failed_release: writtenRemedy(health.failedRelease) }),
      },
    }),
    ...(cost && {
      cost_optimization: {
        enabled: cost.enabled,
        ...(cost.idleResources && { idle_resources: writtenRemedy(cost.idleResources) }),
        ...(cost.oversizedResources && {
          oversized_resources: writtenRemedy(cost.oversizedResources, 'detection'),
        }),
      },
    }),
    ...(compliance && { compliance_remediation: writtenBySeverity(compliance) }),
    windows: definition.windows.map(writtenWindow),
    limits: {
      ...(limits.maxCount !== undefined && { max_count: limits.maxCount }),
      ...(limits.maxPercent !== undefined && { max_percent: limits.maxPercent }),
    },
    brakes: {
      attempts_per_hour: brakes.attemptsPerHour,
      cooldown: brakes.cooldownSeconds,
      flaps_per_day: brakes.flapsPerDay,
    },
    exceptions: definition.exceptions.map(({ resource, reason, untilAt }) => ({
      resource,
      reason,
      until: new Date(untilAt).toISOString(),
    })),
  };
};

const writtenBySeverity = ({
  enabled,
  autoFix,
}: NonNullable<PolicyDefinition['driftRemediation']>): WrittenBySeverity => ({
  enabled,
  auto_fix: autoFix.map((entry) => ({ severity: entry.severity, ...writtenRemedy(entry) })),
});

const writtenRemedy = (
  remedy: Remedy,
  threshold: 'threshold' | 'detection' = 'threshold',
): WrittenRemedy => ({
  action: remedy.action,
  approval: writtenApproval(remedy.approval),
  ...(remedy.maxResources !== undefined && { max_resources: remedy.maxResources }),
  ...(remedy.causes && { causes: remedy.causes }),
  max_attempts: remedy.maxAttempts,
  backoff: remedy.backoff,
  wait: remedy.waitSeconds,
  ...(remedy.maxScale !== undefined && { max_scale: remedy.maxScale }),
  ...(remedy.thresholdPercent !== undefined && { [threshold]: remedy.thresholdPercent }),
  ...(remedy.detectionSeconds !== undefined && { detection_period: remedy.detectionSeconds }),
  ...(remedy.params && { params: remedy.params }),
});

const writtenApproval = ({ mode, people, by, anotherPerson, expiresSeconds }: Approval): WrittenApproval => ({
  mode,
  people,
  by,
  another_person: anotherPerson,
  expires: expiresSeconds,
});

const writtenWindow = ({
  kind,
  weekdays: days,
  fromMinute,
  toMinute,
  timeZone,
}: PolicyWindow): WrittenWindow => ({
  kind,
  weekdays: days.flatMap((day) => weekdays[day] ?? []),
  from: timeOfDay(fromMinute),
  until: timeOfDay(toMinute),
  time_zone: timeZone,
});

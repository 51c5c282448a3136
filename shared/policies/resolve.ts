import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Severity } from '../platform/events.ts';
import { weekdays } from '../platform/wall-clock.ts';
import {
  type Approval,
  defaultBrakes,
  type PolicyDefinition,
  type PolicySection,
  type PolicyWindow,
  type Remedy,
  type RemedyAction,
} from './policy.ts';
import type { WrittenBySeverity, WrittenPolicy, WrittenRemedy, WrittenWindow } from './written.ts';

const day = 86_400;

/** What is made of a service that answers again after seconds; of everything else people are asked, unless it says otherwise. */
const usuallyAuto: ReadonlySet<PolicySection> = new Set([
  'health_remediation.unhealthy_service',
  'health_remediation.resource_exhaustion',
  'health_remediation.failed_release',
]);

/** What cannot be taken back is asked about, whatever section it stands in. */
const usuallyManual: ReadonlySet<RemedyAction> = new Set(['snapshot_delete', 'reprovision']);

/** Which actions make sense of what a section is about. */
const actionsOf: Readonly<Record<PolicySection, readonly RemedyAction[]>> = {
  drift_remediation: ['fix', 'notify', 'replace', 'reprovision', 'run', 'webhook'],
  compliance_remediation: ['fix', 'notify', 'stop', 'replace', 'reprovision', 'run', 'webhook'],
  'health_remediation.unhealthy_service': [
    'restart',
    'notify',
    'replace',
    'reprovision',
    'rollback',
    'scale_up',
    'run',
    'webhook',
  ],
  'health_remediation.resource_exhaustion': ['scale_up', 'notify', 'restart', 'replace', 'run', 'webhook'],
  'health_remediation.failed_release': ['rollback', 'notify', 'restart', 'run', 'webhook'],
  'cost_optimization.idle_resources': ['stop', 'notify', 'scale_down', 'snapshot_delete', 'run', 'webhook'],
  'cost_optimization.oversized_resources': ['recommend_downsize', 'notify', 'scale_down', 'run', 'webhook'],
};

/**
 * The policy that is kept: defaults filled in, times in seconds and minutes. Whether it overlaps with others is judged
 * where they are kept. Throws VALIDATION_ERROR naming the paths.
 */
export const resolvePolicy = (written: WrittenPolicy): PolicyDefinition => {
  const faults = faultsOf(written);
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The policy is not valid as it is.', faults);
  const { drift_remediation, health_remediation: health, cost_optimization: cost } = written;
  const { compliance_remediation } = written;
  const remedy = (section: PolicySection, one: WrittenRemedy | undefined) =>
    one && resolveRemedy(section, one);
  return {
    name: written.name,
    isActive: written.is_active ?? true,
    selector: {
      deployments: written.selector?.deployments ?? [],
      environments: written.selector?.environments ?? [],
      tags: written.selector?.tags ?? {},
    },
    ...(drift_remediation && { driftRemediation: bySeverity('drift_remediation', drift_remediation) }),
    ...(health && {
      healthRemediation: defined({
        enabled: health.enabled ?? true,
        unhealthyService: remedy('health_remediation.unhealthy_service', health.unhealthy_service),
        resourceExhaustion: remedy('health_remediation.resource_exhaustion', health.resource_exhaustion),
        failedRelease: remedy('health_remediation.failed_release', health.failed_release),
      }),
    }),
    ...(cost && {
      costOptimization: defined({
        enabled: cost.enabled ?? true,
        idleResources: remedy('cost_optimization.idle_resources', cost.idle_resources),
        oversizedResources: remedy('cost_optimization.oversized_resources', cost.oversized_resources),
      }),
    }),
    ...(compliance_remediation && {
      complianceRemediation: bySeverity('compliance_remediation', compliance_remediation),
    }),
    windows: (written.windows ?? []).map(resolveWindow),
    limits: defined({ maxCount: written.limits?.max_count, maxPercent: written.limits?.max_percent }),
    brakes: {
      attemptsPerHour: written.brakes?.attempts_per_hour ?? defaultBrakes.attemptsPerHour,
      cooldownSeconds: written.brakes?.cooldown ?? defaultBrakes.cooldownSeconds,
      flapsPerDay: written.brakes?.flaps_per_day ?? defaultBrakes.flapsPerDay,
    },
    exceptions: (written.exceptions ?? []).map(({ resource, reason, until }) => ({
      resource,
      reason,
      untilAt: Date.parse(until),
    })),
  };
};

/** Without what is undefined, as JSON would have it: two writings of one policy are then equal. */
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as T;

const bySeverity = (section: PolicySection, { enabled = true, auto_fix = [] }: WrittenBySeverity) => ({
  enabled,
  autoFix: auto_fix.map((entry) => ({ severity: entry.severity, ...resolveRemedy(section, entry) })),
});

const resolveRemedy = (section: PolicySection, written: WrittenRemedy): Remedy =>
  defined({
    action: written.action,
    approval: resolveApproval(section, written),
    maxResources: written.max_resources,
    causes: written.causes,
    maxAttempts: written.max_attempts ?? (section === 'health_remediation.unhealthy_service' ? 3 : 1),
    backoff: written.backoff ?? 'exponential',
    waitSeconds: written.wait ?? 30,
    maxScale: written.max_scale ?? (written.action === 'scale_up' ? 2 : undefined),
    thresholdPercent: written.threshold ?? written.detection,
    detectionSeconds: written.detection_period,
    params: written.params,
  });

const resolveApproval = (section: PolicySection, { action, approval }: WrittenRemedy): Approval => {
  const usual = usuallyAuto.has(section) && !usuallyManual.has(action) ? 'auto' : 'manual';
  const given =
    typeof approval === 'string' ? { mode: approval } : (approval ?? { mode: usual as Approval['mode'] });
  return {
    mode: given.mode,
    people: ('people' in given ? given.people : undefined) ?? 1,
    by: ('by' in given ? given.by : undefined) ?? [],
    anotherPerson: ('another_person' in given ? given.another_person : undefined) ?? false,
    expiresSeconds: ('expires' in given ? given.expires : undefined) ?? day,
  };
};

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const resolveWindow = ({
  kind,
  weekdays: days = weekdays,
  from,
  until,
  time_zone,
}: WrittenWindow): PolicyWindow => ({
  kind,
  weekdays: weekdays.flatMap((name, at) => (days.includes(name) ? [at] : [])),
  fromMinute: minuteOf(from),
  toMinute: minuteOf(until),
  timeZone: time_zone ?? 'UTC',
});

const faultsOf = (written: WrittenPolicy): FieldFault[] => {
  const { drift_remediation, health_remediation: health, cost_optimization: cost } = written;
  const { compliance_remediation: compliance } = written;
  if (!drift_remediation && !health && !cost && !compliance) {
    return [
      {
        path: 'name',
        message:
          'Say what is to be done: give drift_remediation, health_remediation, cost_optimization or compliance_remediation.',
      },
    ];
  }
  return [
    ...severityFaults('drift_remediation', drift_remediation),
    ...severityFaults('compliance_remediation', compliance),
    ...remedyFaults('health_remediation.unhealthy_service', health?.unhealthy_service),
    ...remedyFaults('health_remediation.resource_exhaustion', health?.resource_exhaustion),
    ...remedyFaults('health_remediation.failed_release', health?.failed_release),
    ...remedyFaults('cost_optimization.idle_resources', cost?.idle_resources),
    ...remedyFaults('cost_optimization.oversized_resources', cost?.oversized_resources),
  ];
};

const severityFaults = (section: PolicySection, given: WrittenBySeverity | undefined): FieldFault[] =>
  (given?.auto_fix ?? []).flatMap((entry, at, all) => {
    const path = `${section}.auto_fix[${at}]`;
    const isTwice = all.findIndex(({ severity }: { severity: Severity }) => severity === entry.severity) < at;
    const twice = {
      path: `${path}.severity`,
      message: `There is an entry for ${entry.severity} already: keep one.`,
    };
    return [...(isTwice ? [twice] : []), ...remedyFaults(section, entry, path)];
  });

const remedyFaults = (
  section: PolicySection,
  remedy: WrittenRemedy | undefined,
  path: string = section,
): FieldFault[] => {
  if (!remedy) return [];
  const faults: FieldFault[] = [];
  const { action, approval } = remedy;
  const mode = typeof approval === 'string' ? approval : approval?.mode;
  if (!actionsOf[section].includes(action))
    faults.push({ path: `${path}.action`, message: `Here give one of ${actionsOf[section].join(', ')}.` });
  if (action === 'snapshot_delete' && mode === 'auto')
    faults.push({
      path: `${path}.approval`,
      message: 'Say manual: what is deleted is gone, so people decide.',
    });
  if (typeof approval === 'object' && mode === 'auto' && (approval.people ?? 1) > 1)
    faults.push({
      path: `${path}.approval.people`,
      message: 'Leave it out, or say mode: manual: nobody is asked otherwise.',
    });
  if (remedy.max_scale !== undefined && action !== 'scale_up')
    faults.push({ path: `${path}.max_scale`, message: 'Leave it out: only scale_up takes it.' });
  return faults;
};

import type { FindingKind } from '../findings/index.ts';
import type { Severity } from '../platform/events.ts';
import type { PolicyDefinition, PolicySection, Remedy } from './policy.ts';

/** What policies are asked about: findings, and releases that failed their verification. */
export type RemediableKind = FindingKind | 'release';

/** The section that speaks of a kind; null of kinds that are only ever told. */
export const sectionOf = (kind: RemediableKind): PolicySection | null => sections[kind];

const sections: Readonly<Record<RemediableKind, PolicySection | null>> = {
  drift: 'drift_remediation',
  violation: 'compliance_remediation',
  unhealthy: 'health_remediation.unhealthy_service',
  exhausted: 'health_remediation.resource_exhaustion',
  release: 'health_remediation.failed_release',
  idle: 'cost_optimization.idle_resources',
  oversized: 'cost_optimization.oversized_resources',
  cost: null,
  remediation: null,
};

/** What a policy says in one section for one severity. */
export type SectionSays =
  | { readonly kind: 'remedy'; readonly remedy: Remedy }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'silent'; readonly reason: string };

export const saysOf = (
  definition: PolicyDefinition,
  section: PolicySection,
  severity: Severity,
): SectionSays => {
  const { part, remedies } = partOf(definition, section);
  if (!part) return { kind: 'silent', reason: `It has no section ${section}.` };
  if (!part.enabled) return { kind: 'disabled' };
  const remedy = remedies.find((one) => one.severity === undefined || one.severity === severity)?.remedy;
  if (remedy) return { kind: 'remedy', remedy };
  return {
    kind: 'silent',
    reason:
      remedies.length === 0
        ? `It has no section ${section}.`
        : `${section} says nothing of the severity ${severity}.`,
  };
};

type Said = { readonly severity: Severity | undefined; readonly remedy: Remedy };
type Part = { readonly part: { readonly enabled: boolean } | undefined; readonly remedies: readonly Said[] };

const single = (part: Part['part'], remedy: Remedy | undefined): Part => ({
  part,
  remedies: remedy ? [{ severity: undefined, remedy }] : [],
});
const bySeverity = (part: PolicyDefinition['driftRemediation']): Part => ({
  part,
  remedies: (part?.autoFix ?? []).map(({ severity, ...remedy }) => ({ severity, remedy })),
});

const partOf = (definition: PolicyDefinition, section: PolicySection): Part => {
  const { driftRemediation, healthRemediation, costOptimization, complianceRemediation } = definition;
  switch (section) {
    case 'drift_remediation':
      return bySeverity(driftRemediation);
    case 'compliance_remediation':
      return bySeverity(complianceRemediation);
    case 'health_remediation.unhealthy_service':
      return single(healthRemediation, healthRemediation?.unhealthyService);
    case 'health_remediation.resource_exhaustion':
      return single(healthRemediation, healthRemediation?.resourceExhaustion);
    case 'health_remediation.failed_release':
      return single(healthRemediation, healthRemediation?.failedRelease);
    case 'cost_optimization.idle_resources':
      return single(costOptimization, costOptimization?.idleResources);
    case 'cost_optimization.oversized_resources':
      return single(costOptimization, costOptimization?.oversizedResources);
  }
};

/**
 * Of what a policy speaks, each once: `drift_remediation error`, `health_remediation.unhealthy_service`. A section that
 * is switched off and lists nothing speaks of all of its cases.
 */
export const spokenOf = (definition: PolicyDefinition): readonly string[] =>
  allSections.flatMap((section) => {
    const { part, remedies } = partOf(definition, section);
    if (!part) return [];
    if (!part.enabled && remedies.length === 0) return [section];
    return remedies.map(({ severity }) => (severity === undefined ? section : `${section} ${severity}`));
  });

export const allSections: readonly PolicySection[] = [
  'drift_remediation',
  'health_remediation.unhealthy_service',
  'health_remediation.resource_exhaustion',
  'health_remediation.failed_release',
  'cost_optimization.idle_resources',
  'cost_optimization.oversized_resources',
  'compliance_remediation',
];

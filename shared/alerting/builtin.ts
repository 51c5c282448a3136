import { type RuleDefinition, type RuleRecord, ruleIdOf } from './rule.ts';

type BuiltIn = Pick<RuleDefinition, 'name' | 'type' | 'severity' | 'condition' | 'description'>;

const definitions: readonly BuiltIn[] = [
  {
    name: 'Service Down',
    type: 'downtime',
    severity: 'critical',
    condition: { longerThan: 0, degraded: false, unknown: false },
    description: 'A check is unhealthy.',
  },
  {
    name: 'Critical Drift',
    type: 'finding',
    severity: 'critical',
    condition: { kinds: ['drift'], minSeverity: 'critical', severityFrom: 'finding' },
    description: 'What runs differs critically from what should run.',
  },
  {
    name: 'Cost Overrun',
    type: 'finding',
    severity: 'warning',
    condition: { kinds: ['cost'], minSeverity: 'info', severityFrom: 'finding' },
    description: 'A budget is exceeded, or spending is unusual.',
  },
  {
    name: 'Compliance Violation',
    type: 'finding',
    severity: 'error',
    condition: { kinds: ['violation'], minSeverity: 'info', severityFrom: 'finding' },
    description: 'Something breaks a rule of compliance.',
  },
  {
    name: 'Remediation Failed',
    type: 'finding',
    severity: 'critical',
    condition: { kinds: ['remediation'], minSeverity: 'info', severityFrom: 'finding' },
    description: 'A remedy did not help, was held back, or nobody knows how it ended: a person must look.',
  },
  {
    name: 'Monitor Blind',
    type: 'finding',
    severity: 'critical',
    condition: { kinds: ['blind'], minSeverity: 'info', severityFrom: 'finding' },
    description: 'Homeostat cannot see out: what it cannot reach is unknown until it can.',
  },
];

const records = definitions.map(
  (definition): RuleRecord => ({
    id: ruleIdOf(null, definition.name),
    definition: {
      deploymentId: null,
      channels: [],
      forSeconds: 0,
      keepFiringSeconds: 0,
      cooldownSeconds: 0,
      noData: 'keep',
      minCoverage: 0.5,
      groupBy: 'deployment',
      escalation: [],
      tags: {},
      isActive: true,
      ...definition,
    },
    revision: 0,
    managedBy: 'builtin',
    createdAt: 0,
    updatedAt: 0,
  }),
);

/** Rules that are there without anybody writing them. One that is written under the same name for all deployments takes its place. */
export const builtinRules = (): readonly RuleRecord[] => records;

export const isBuiltin = (ruleId: string): boolean => records.some(({ id }) => id === ruleId);

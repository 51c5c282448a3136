import type { Severity } from '../../platform/events.ts';
import type { RuleDefinition } from '../rule.ts';
import { rank, severityField } from './bounds.ts';
import type { ExternalSignal, RuleTypeDefinition } from './type.ts';

const sources = ['cloudwatch', 'guardduty', 'securityhub', 'health'] as const;
type Condition = {
  readonly sources?: readonly ExternalSignal['source'][] | undefined;
  readonly name?: string | undefined;
  readonly minSeverity: Severity;
  readonly severityFrom: 'signal' | 'rule';
};
const conditionOf = ({ condition }: RuleDefinition) => condition as unknown as Condition;

/** An alarm that a service of AWS raised. */
export const external: RuleTypeDefinition = {
  feed: 'external',
  condition: (z, patternFault) =>
    z.strictObject({
      sources: z
        .array(z.enum(sources, { error: `Give some of ${sources.join(', ')}.` }))
        .min(1, 'Name at least one source, or leave it out for all.')
        .optional()
        .meta({ description: `Some of ${sources.join(', ')}; all when left out.` }),
      name: z
        .string()
        .min(1, 'Give a pattern, or leave it out for all names.')
        .max(200)
        .superRefine((pattern, context) => {
          const fault = patternFault(pattern);
          if (fault)
            context.addIssue({ code: 'custom', message: `Give a pattern that RE2 knows: ${fault}.` });
        })
        .optional()
        .meta({ description: 'A pattern (RE2) that the whole name of the alarm or finding fits.' }),
      minSeverity: severityField(z).default('info').meta({ description: 'Milder signals are left out.' }),
      severityFrom: z
        .enum(['signal', 'rule'], { error: 'Give signal or rule.' })
        .default('signal')
        .meta({ description: "Whose severity the alert has: the signal's, or the rule's." }),
    }),
  judge: async ({ rule }, { external: seen }) => {
    const condition = conditionOf(rule);
    if (!seen || !(await isMeant(rule, condition, seen))) return [];
    const isFiring = seen.state === 'firing' && rank(seen.severity) >= rank(condition.minSeverity);
    return [
      {
        subject: seen.subject,
        value: null,
        verdict: isFiring ? 'breached' : 'clear',
        severity: condition.severityFrom === 'signal' ? seen.severity : rule.severity,
        reason: seen.reason,
        at: seen.at,
      },
    ];
  },
};

const isMeant = async (
  rule: RuleDefinition,
  { sources: wanted, name }: Condition,
  seen: ExternalSignal,
): Promise<boolean> => {
  if (rule.deploymentId !== null && rule.deploymentId !== seen.subject.deploymentId) return false;
  if (wanted && !wanted.includes(seen.source)) return false;
  if (name === undefined) return true;
  const { fitsWhole } = await import('./whole-pattern.ts');
  return fitsWhole(name, seen.subject.name);
};

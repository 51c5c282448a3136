import type { EventDetails, Severity } from '../../platform/events.ts';
import type { RuleDefinition } from '../rule.ts';
import type { Subject } from '../subject.ts';
import { rank, severityField } from './bounds.ts';
import type { RuleTypeDefinition } from './type.ts';

type Finding = EventDetails['finding.changed'];
type Condition = {
  readonly kinds?: readonly string[] | undefined;
  readonly minSeverity: Severity;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly severityFrom: 'finding' | 'rule';
};
const conditionOf = ({ condition }: RuleDefinition) => condition as unknown as Condition;

export const findingSubject = (finding: Finding): Subject => ({
  key: `finding:${finding.findingId}`,
  deploymentId: finding.deploymentId,
  name: finding.resource,
  labels: {
    ...(finding.deploymentId !== null && { deployment: finding.deploymentId }),
    finding: finding.kind,
    resource: finding.resource,
    ...Object.fromEntries(Object.entries(finding.tags).map(([name, value]) => [`tag.${name}`, value])),
  },
});

/** Something wrong was found by comparing. */
export const finding: RuleTypeDefinition = {
  feed: 'findings',
  condition: (z) =>
    z.strictObject({
      kinds: z
        .array(z.string().min(1, 'Give a kind, such as drift.').max(100))
        .min(1, 'Name at least one kind, or leave it out for all.')
        .max(20)
        .optional()
        .meta({ description: 'drift, violation, cost, idle …; all when left out.' }),
      minSeverity: severityField(z).default('info').meta({ description: 'Milder findings are left out.' }),
      tags: z
        .record(z.string().min(1).max(200), z.string().max(200))
        .optional()
        .meta({ description: 'Each must be there with this value.' }),
      severityFrom: z
        .enum(['finding', 'rule'], { error: 'Give finding or rule.' })
        .default('finding')
        .meta({ description: "Whose severity the alert has: the finding's, or the rule's." }),
    }),
  judge: ({ rule }, { finding: seen }) => {
    const condition = conditionOf(rule);
    if (!seen || !isMeant(rule, condition, seen)) return [];
    const isWrong = seen.state === 'open' && rank(seen.severity) >= rank(condition.minSeverity);
    const isMild = seen.state === 'open' && !isWrong;
    return [
      {
        subject: findingSubject(seen),
        value: null,
        verdict: isWrong ? 'breached' : 'clear',
        severity: condition.severityFrom === 'finding' ? seen.severity : rule.severity,
        reason: isMild
          ? `${seen.title}: it is ${seen.severity} now, milder than ${condition.minSeverity}`
          : `${seen.title}: ${seen.reason}`,
        at: Date.parse(seen.at),
      },
    ];
  },
};

const isMeant = (rule: RuleDefinition, { kinds, tags = {} }: Condition, seen: Finding): boolean =>
  (rule.deploymentId === null || rule.deploymentId === seen.deploymentId) &&
  (!kinds || kinds.includes(seen.kind)) &&
  Object.entries(tags).every(([name, value]) => Object.hasOwn(seen.tags, name) && seen.tags[name] === value);

import { readableSeconds } from '../../platform/duration.ts';
import type { CheckStatus } from '../../platform/events.ts';
import { isSelected, type Selection, selectionFields, selectorOf } from './selection.ts';
import { secondsField } from './time-fields.ts';
import type { RuleTypeDefinition, StatusSeen } from './type.ts';

type Condition = Selection & {
  /** Seconds. */
  readonly longerThan: number;
  readonly degraded: boolean;
  readonly unknown: boolean;
};
const conditionOf = (condition: Readonly<Record<string, unknown>>) => condition as unknown as Condition;

const longestDowntime = 86_400;

/** A check that is down for too long. */
export const downtime: RuleTypeDefinition = {
  feed: 'statuses',
  defaults: { severity: 'critical' },
  condition: (z) =>
    z.strictObject({
      ...selectionFields(z),
      longerThan: secondsField(z, 0, longestDowntime)
        .default(0)
        .meta({ description: 'Down for so long before it is told; at once when left out.' }),
      degraded: z.boolean().default(false).meta({ description: 'Whether degraded counts as down.' }),
      unknown: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether unknown counts as down. If not, it leaves everything as it is.' }),
    }),
  holdSeconds: ({ condition }) => conditionOf(condition).longerThan,
  judge: ({ rule }, { statuses }) => {
    const condition = conditionOf(rule.condition);
    const selector = selectorOf(rule, condition);
    return statuses
      .filter(({ subject }) => isSelected(selector, subject))
      .map((seen) => ({
        subject: seen.subject,
        value: null,
        verdict: verdictOf(seen.status, condition),
        severity: rule.severity,
        reason: reasonOf(seen, condition),
        at: seen.since,
      }));
  },
};

/** What nobody knows neither begins nor ends a downtime. */
const verdictOf = (
  status: CheckStatus,
  { degraded, unknown }: Condition,
): 'breached' | 'clear' | 'between' => {
  if (status === 'unhealthy') return 'breached';
  if (status === 'unknown') return unknown ? 'breached' : 'between';
  return status === 'degraded' && degraded ? 'breached' : 'clear';
};

const reasonOf = ({ status, reason }: StatusSeen, { longerThan }: Condition): string => {
  const lasting =
    longerThan > 0 && status !== 'healthy' ? ` (told after ${readableSeconds(longerThan)})` : '';
  return `${status}${reason === null ? '' : `: ${reason}`}${lasting}`;
};

import type { RuleDefinition, RuleType } from '../rule.ts';
import { absence } from './absence.ts';
import { composite } from './composite.ts';
import { custom } from './custom.ts';
import { downtime } from './downtime.ts';
import { errorRate } from './error-rate.ts';
import { external } from './external.ts';
import { finding } from './finding.ts';
import { performance } from './performance.ts';
import { threshold } from './threshold.ts';
import type { Feed, RuleTypeDefinition } from './type.ts';

/** Every type of rule: a file here and a line in this list. */
export const ruleTypeDefinitions = {
  threshold,
  error_rate: errorRate,
  downtime,
  performance,
  absence,
  finding,
  external,
  custom,
  composite,
} as const satisfies Record<RuleType, RuleTypeDefinition>;

export const typeOf = (type: RuleType): RuleTypeDefinition => ruleTypeDefinitions[type];

/** What makes a rule be judged, and what it looks at then. */
export const feedOf = (rule: RuleDefinition): Feed => {
  const type = typeOf(rule.type);
  return type.feedOf?.(rule) ?? type.feed;
};

/** How long the condition must hold before the rule fires, in seconds. */
export const holdSecondsOf = (rule: RuleDefinition): number =>
  Math.max(rule.forSeconds, typeOf(rule.type).holdSeconds?.(rule) ?? 0);

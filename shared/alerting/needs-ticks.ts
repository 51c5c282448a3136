import type { RuleDefinition } from './rule.ts';
import { feedOf } from './types/registry.ts';

/**
 * Whether a rule is judged every 30 s. Those judged at events need none: what time alone changes of them (`for`,
 * keep-firing-for, cooldown, how long a downtime lasts) the alert's own timer does.
 */
export const needsTicks = (rule: RuleDefinition): boolean => {
  const feed = feedOf(rule);
  return feed === 'series' || feed === 'verdict';
};

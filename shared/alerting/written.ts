import { toIso } from '../platform/clock.ts';
import type { Severity } from '../platform/events.ts';
import type { RuleDefinition, RuleRecord } from './rule.ts';
import { typeOf } from './types/registry.ts';

/** A rule as people write it, and as answers show it: durations in seconds, expressions as their texts. */
export type WrittenRule = Pick<
  RuleDefinition,
  'deploymentId' | 'name' | 'type' | 'severity' | 'noData' | 'minCoverage' | 'groupBy' | 'isActive'
> & {
  readonly condition: Record<string, unknown>;
  readonly channels: string[];
  readonly for: number;
  readonly keepFiringFor: number;
  readonly cooldown: number;
  readonly escalation: { after: number; channels: string[]; severity?: Severity }[];
  readonly runbookUrl?: string;
  readonly description?: string;
  readonly tags: Record<string, string>;
};

/** What is left out was left out by those who wrote it. Saved again it gives the same definition. */
export const writtenRuleOf = (definition: RuleDefinition): WrittenRule => {
  const { runbookUrl, description } = definition;
  return {
    deploymentId: definition.deploymentId,
    name: definition.name,
    type: definition.type,
    severity: definition.severity,
    condition: { ...(typeOf(definition.type).written?.(definition.condition) ?? definition.condition) },
    channels: [...definition.channels],
    for: definition.forSeconds,
    keepFiringFor: definition.keepFiringSeconds,
    cooldown: definition.cooldownSeconds,
    noData: definition.noData,
    minCoverage: definition.minCoverage,
    groupBy: definition.groupBy,
    escalation: definition.escalation.map(({ afterSeconds, channels, severity }) => ({
      after: afterSeconds,
      channels: [...channels],
      ...(severity && { severity }),
    })),
    ...(runbookUrl !== undefined && { runbookUrl }),
    ...(description !== undefined && { description }),
    tags: { ...definition.tags },
    isActive: definition.isActive,
  };
};

/** Nobody wrote a built-in rule, so there is no time of it. */
const isoOrNull = (instant: number | undefined): string | null => (instant ? toIso(instant) : null);

/** A rule as answers show it. */
export const viewRule = (record: RuleRecord) => ({
  id: record.id,
  ...writtenRuleOf(record.definition),
  managedBy: record.managedBy,
  revision: record.revision,
  lastTriggered: isoOrNull(record.lastTriggeredAt),
  createdAt: isoOrNull(record.createdAt),
  updatedAt: isoOrNull(record.updatedAt),
});

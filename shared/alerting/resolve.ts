import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { RuleDefinition } from './rule.ts';
import { typeOf } from './types/registry.ts';

/** A rule as its schema gives it: what is usual for its type is still open. Durations in seconds. */
export type RuleInput = Pick<
  RuleDefinition,
  | 'deploymentId'
  | 'name'
  | 'type'
  | 'condition'
  | 'channels'
  | 'groupBy'
  | 'escalation'
  | 'runbookUrl'
  | 'description'
  | 'tags'
  | 'isActive'
> &
  Partial<Pick<RuleDefinition, 'severity' | 'noData' | 'minCoverage'>> & {
    readonly for?: number | undefined;
    readonly keepFiringFor?: number | undefined;
    readonly cooldown?: number | undefined;
  };

/** Nothing is hidden by surprise: what is true is told at once, and as often as it comes true. Windows smooth enough. */
const usual = {
  severity: 'warning',
  forSeconds: 0,
  keepFiringSeconds: 0,
  cooldownSeconds: 0,
  noData: 'keep',
  minCoverage: 0.5,
} as const;

/** Rules of a shard are read at each of its runs: a hundred of them shall fit an item. */
const largestRuleBytes = 8_000;

/**
 * Fills what was left open and holds the numbers against each other. What a rule names (channels, other rules) is judged
 * apart. Throws ALERT_ERROR, saying what would do.
 */
export const resolveRule = (input: RuleInput): RuleDefinition => {
  const type = typeOf(input.type);
  const defaults = { ...usual, ...type.defaults };
  const { runbookUrl, description } = input;
  const definition: RuleDefinition = {
    deploymentId: input.deploymentId,
    name: input.name,
    type: input.type,
    severity: input.severity ?? defaults.severity,
    condition: withoutUndefined(input.condition),
    channels: input.channels,
    forSeconds: input.for ?? defaults.forSeconds,
    keepFiringSeconds: input.keepFiringFor ?? defaults.keepFiringSeconds,
    cooldownSeconds: input.cooldown ?? defaults.cooldownSeconds,
    noData: input.noData ?? defaults.noData,
    minCoverage: input.minCoverage ?? defaults.minCoverage,
    groupBy: input.groupBy,
    escalation: input.escalation,
    ...(runbookUrl !== undefined && { runbookUrl }),
    ...(description !== undefined && { description }),
    tags: input.tags,
    isActive: input.isActive,
  };
  const faults: readonly FieldFault[] = [
    ...(type.faults?.(definition) ?? []).map(([path, message]) => ({ path, message })),
    ...sizeFaults(definition),
  ];
  if (faults.length > 0)
    throw new DomainError('ALERT_ERROR', 'The rule cannot work as it is defined.', faults);
  return definition;
};

/** An item keeps no field without a value: what is read again must equal what was written. */
const withoutUndefined = (condition: RuleDefinition['condition']): RuleDefinition['condition'] =>
  JSON.parse(JSON.stringify(condition)) as RuleDefinition['condition'];

const sizeFaults = (definition: RuleDefinition): readonly FieldFault[] =>
  Buffer.byteLength(JSON.stringify(definition)) > largestRuleBytes
    ? [{ path: '', message: `Make the rule smaller: it may have ${largestRuleBytes} bytes as JSON.` }]
    : [];

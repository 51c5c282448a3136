import { ownedElsewhere } from '../catalog/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { DomainError } from '../platform/errors.ts';
import type { CreateRequest, StoredRule } from './registry.ts';
import { type RuleDefinition, type RuleRecord, ruleIdOf } from './rule.ts';

type Known = Pick<StoredRule, 'record' | 'request'>;
type Owner = 'file' | 'api';

const isThere = (known: Known | undefined): known is Known =>
  known !== undefined && known.record.deletedAt === undefined;

/** What people call where a rule belongs. */
const homeOf = ({ deploymentId }: RuleDefinition): string =>
  deploymentId === null ? 'All deployments together have' : `Deployment ${deploymentId} has`;

/**
 * What POST does. The name is the key: without an Idempotency-Key an existing name clashes; with the key that made
 * the rule, the same request is a replay and another one a mistake.
 */
export const decideCreate = (
  known: Known | undefined,
  definition: RuleDefinition,
  request: CreateRequest | undefined,
): 'created' | 'replayed' => {
  const same = request !== undefined && known?.request?.id === request.id;
  if (same && known?.request?.requestHash !== request.requestHash) {
    throw new DomainError('VALIDATION_ERROR', 'This Idempotency-Key was used for another request.', [
      {
        path: 'Idempotency-Key',
        message: 'Use a new key for a new request; the same key only repeats the same one.',
      },
    ]);
  }
  if (isThere(known)) {
    if (same) return 'replayed';
    const kind = known.record.managedBy === 'builtin' ? 'a built-in rule' : 'a rule';
    throw new DomainError(
      'CONFLICT',
      `${homeOf(definition)} ${kind} of this name already: ${known.record.id}. Change it with PUT, or choose another name.`,
    );
  }
  if (same) {
    throw new DomainError(
      'CONFLICT',
      'The rule that this Idempotency-Key made was removed since. Use a new key to make it again.',
    );
  }
  return 'created';
};

/**
 * What a definition that is simply wanted (PUT, apply) does to what is there. Equal content is nobody's change; a
 * built-in rule becomes the property of whoever changes it first.
 */
export const decidePut = (
  known: Known | undefined,
  definition: RuleDefinition,
  owner: Owner,
): 'created' | 'updated' | 'unchanged' => {
  if (!isThere(known)) return 'created';
  const { managedBy } = known.record;
  if (canonicalJson(known.record.definition) === canonicalJson(definition)) return 'unchanged';
  if (managedBy !== 'builtin' && managedBy !== owner) throw ownedElsewhere('This rule', managedBy);
  return 'updated';
};

/** Whether it may be removed; what is gone already stays gone, and so does a built-in rule that nobody changed. */
export const decideRemoval = (known: Known | undefined, owner: Owner): 'removed' | 'unchanged' => {
  if (!isThere(known) || known.record.managedBy === 'builtin') return 'unchanged';
  if (known.record.managedBy !== owner) throw ownedElsewhere('This rule', known.record.managedBy);
  return 'removed';
};

/**
 * A built-in rule may be tuned, not turned into another: which kinds of findings it is about stands when it is left out,
 * and cannot be changed. Any other rule is as it is wanted. Throws ALERT_ERROR.
 */
export const asBuiltin = (builtin: RuleRecord | undefined, wanted: RuleDefinition): RuleDefinition => {
  if (!builtin) return wanted;
  const { type, condition } = builtin.definition;
  if (wanted.type !== type) throw notAnother('type', `Leave it at ${type}.`);
  if (condition.kinds === undefined) return wanted;
  const { kinds = condition.kinds } = wanted.condition;
  if (canonicalJson(kinds) !== canonicalJson(condition.kinds))
    throw notAnother('condition.kinds', 'Leave it out; make a rule of your own for other kinds.');
  return { ...wanted, condition: { ...wanted.condition, kinds } };
};

const notAnother = (path: string, message: string): DomainError =>
  new DomainError('ALERT_ERROR', 'What a built-in rule looks at cannot be changed. Everything else can.', [
    { path, message },
  ]);

/** The record after a write of `definition`. */
export const nextRecord = (
  known: Known | undefined,
  definition: RuleDefinition,
  facts: { readonly managedBy: Owner; readonly now: number },
): RuleRecord => ({
  id: ruleIdOf(definition.deploymentId, definition.name),
  definition,
  revision: (known?.record.revision ?? 0) + 1,
  managedBy: facts.managedBy,
  createdAt: isThere(known) && known.record.managedBy !== 'builtin' ? known.record.createdAt : facts.now,
  updatedAt: facts.now,
  ...(isThere(known) &&
    known.record.lastTriggeredAt !== undefined && { lastTriggeredAt: known.record.lastTriggeredAt }),
});

export const removedRecord = (record: RuleRecord, now: number): RuleRecord => ({
  ...record,
  revision: record.revision + 1,
  updatedAt: now,
  deletedAt: now,
});

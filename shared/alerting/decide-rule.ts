import {
  type CreateRequest,
  decideCreate as decideCreateOf,
  decidePut as decidePutOf,
  decideRemoval as decideRemovalOf,
  isThere,
} from '../catalog/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { DomainError } from '../platform/errors.ts';
import type { StoredRule } from './registry.ts';
import { type RuleDefinition, type RuleRecord, ruleIdOf } from './rule.ts';

type Known = Pick<StoredRule, 'record' | 'request'>;
type Owner = 'file' | 'api';

/** What people call where a rule belongs. */
const homeOf = ({ deploymentId }: RuleDefinition): string =>
  deploymentId === null ? 'All deployments together have' : `Deployment ${deploymentId} has`;

/** What POST does, a rule's name being unique in its deployment, or among those of all. */
export const decideCreate = (
  known: Known | undefined,
  definition: RuleDefinition,
  request: CreateRequest | undefined,
): 'created' | 'replayed' => {
  const kind = known?.record.managedBy === 'builtin' ? 'a built-in rule' : 'a rule';
  const taken = `${homeOf(definition)} ${kind} of this name already`;
  return decideCreateOf(known, request, { what: 'rule', taken });
};

/** What a definition that is simply wanted (PUT, apply) does to what is there. */
export const decidePut = (known: Known | undefined, definition: RuleDefinition, owner: Owner) =>
  decidePutOf(known, definition, { owner, what: 'rule' });

/** Whether it may be removed. */
export const decideRemoval = (known: Known | undefined, owner: Owner) =>
  decideRemovalOf(known, { owner, what: 'rule' });

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

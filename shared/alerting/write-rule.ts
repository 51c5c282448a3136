import { recorded } from '../audit/index.ts';
import type { CreateRequest } from '../catalog/index.ts';
import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import {
  asValue,
  type Pending,
  tombstoneSeconds,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import type { Table, Value } from '../storage/table.ts';
import type { StoredRule } from './registry.ts';
import { type RuleRecord, ruleKey } from './rule.ts';
import { writtenRuleOf } from './written.ts';

export type RuleChange = 'created' | 'updated' | 'removed';

type Next = {
  readonly record: RuleRecord;
  readonly change: RuleChange;
  /** The principal who asks; the audit keeps it. */
  readonly by: string;
  readonly request?: CreateRequest | undefined;
  readonly place: Place;
};

/**
 * Writes the next version of a rule with its events; undefined when somebody else wrote meanwhile. When it last fired
 * is the evaluator's to write, and stays as it is.
 */
export const writeRule = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  previous: StoredRule | undefined,
  next: Next,
  attempt: string,
): Promise<Pending | undefined> => {
  const { record, change } = next;
  const key = ruleKey(record.id);
  const events = [changed(next), audited(previous?.record, next)];
  const outbox = withEvent(key, previous?.unsent ?? [], events, record.updatedAt);
  const isAnew = previous?.record.deletedAt !== undefined;
  const written = await writeVersion(state, {
    key,
    expected: previous?.storedRevision,
    fields: {
      definition: record.definition as unknown as Value,
      revision: record.revision,
      managedBy: record.managedBy,
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
      ...(isAnew && { lastTriggeredAt: undefined }),
      request: next.request ?? (change === 'created' ? undefined : previous?.request),
      deletedAt: record.deletedAt,
      expiresAt:
        record.deletedAt === undefined ? undefined : Math.floor(record.deletedAt / 1000) + tombstoneSeconds,
      ...outbox,
      outbox: asValue(outbox.outbox),
    },
    attempt,
    now: record.updatedAt,
  });
  return written === 'written' ? { key, revision: record.revision, outbox: outbox.outbox } : undefined;
};

const changed = ({ record, change, place }: Next): HomeostatEvent => ({
  type: 'rule.changed',
  detail: {
    id: `rule:${record.id}@${record.revision}`,
    at: toIso(record.updatedAt),
    accountId: place.accountId,
    region: place.region,
    ruleId: record.id,
    deploymentId: record.definition.deploymentId,
    name: record.definition.name,
    revision: record.revision,
    change,
  },
});

const audited = (previous: RuleRecord | undefined, { record, change, by, place }: Next): HomeostatEvent =>
  recorded(
    {
      by,
      action: change,
      kind: 'rule',
      subjectId: record.id,
      name: record.definition.name,
      deploymentId: record.definition.deploymentId,
      before: sideOf(previous),
      after: sideOf(record),
    },
    { id: `audit:rule:${record.id}@${record.revision}`, at: record.updatedAt, place },
  );

const sideOf = (record: RuleRecord | undefined) =>
  record === undefined || record.deletedAt !== undefined
    ? null
    : { ...writtenRuleOf(record.definition), managedBy: record.managedBy };

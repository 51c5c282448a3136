import type { CreateRequest } from '../catalog/index.ts';
import { type Reach, reachesHome } from '../platform/api/caller.ts';
import { DomainError } from '../platform/errors.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import { unsentOf } from '../platform/outbox/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import { builtinRules } from './builtin.ts';
import { type RuleRecord, ruleKey, rulePrefixOf } from './rule.ts';

/**
 * A rule as it stands, with what its item holds beside it. A built-in rule is there without an item; one that people
 * changed is a record with the built-in rule's id, and once that is removed the original stands again.
 */
export type StoredRule = {
  readonly record: RuleRecord;
  readonly request?: CreateRequest | undefined;
  readonly unsent: readonly HomeostatEvent[];
  /** Undefined: no item yet. What the next write is conditioned on. */
  readonly storedRevision: number | undefined;
};

export const builtinOf = (ruleId: string): RuleRecord | undefined =>
  builtinRules().find(({ id }) => id === ruleId);

/** The item's record; undefined for one that notes of a built-in rule only when it last fired. */
const toRuleRecord = (item: Item): RuleRecord | undefined => {
  if (item.definition === undefined) return undefined;
  const { definition, revision, managedBy, createdAt, updatedAt, deletedAt, lastTriggeredAt } =
    item as unknown as RuleRecord;
  return {
    id: item.sk,
    definition,
    revision,
    managedBy,
    createdAt,
    updatedAt,
    ...(deletedAt !== undefined && { deletedAt }),
    ...(lastTriggeredAt !== undefined && { lastTriggeredAt }),
  };
};

/** What stands where `item` lies. The revision goes on through a removed override, for it is the ETag. */
const standing = (item: Item): RuleRecord | undefined => {
  const written = toRuleRecord(item);
  if (written && written.deletedAt === undefined) return written;
  const builtin = builtinOf(item.sk);
  if (!builtin) return written;
  return {
    ...builtin,
    ...(typeof item.revision === 'number' && { revision: item.revision }),
    ...(typeof item.lastTriggeredAt === 'number' && { lastTriggeredAt: item.lastTriggeredAt }),
  };
};

/** Also what was removed a short while ago, for its revision goes on. */
export const loadStoredRule = async (
  state: Pick<Table, 'get'>,
  ruleId: string,
): Promise<StoredRule | undefined> => {
  const item = await state.get(ruleKey(ruleId), { consistent: true });
  const record = item ? standing(item) : builtinOf(ruleId);
  if (!record) return undefined;
  const request = item?.request as CreateRequest | undefined;
  return {
    record,
    unsent: item ? unsentOf(item) : [],
    storedRevision: typeof item?.revision === 'number' ? item.revision : undefined,
    ...(request && { request }),
  };
};

/** The live rule, built-in ones included; read consistently. */
export const loadRule = async (
  state: Pick<Table, 'get'>,
  ruleId: string,
): Promise<RuleRecord | undefined> => {
  const record = (await loadStoredRule(state, ruleId))?.record;
  return record?.deletedAt === undefined ? record : undefined;
};

/** The live rule within reach. Throws NOT_FOUND alike for what is not there and what is out of reach. */
export const requireRule = async (
  state: Pick<Table, 'get'>,
  ruleId: string,
  reach: Reach,
): Promise<StoredRule> => {
  const stored = await loadStoredRule(state, ruleId);
  if (
    !stored ||
    stored.record.deletedAt !== undefined ||
    !reachesHome(reach, stored.record.definition.deploymentId)
  )
    throw noRule();
  return stored;
};

export const noRule = (): DomainError =>
  new DomainError(
    'NOT_FOUND',
    'There is no such rule, or the token does not reach it. List what it reaches at GET /api/v1/monitoring/alerts.',
  );

const rulesPerQuery = 100;

/** Live records whose ids lie in this part of the registry, by id. A prefix of a hash can belong to two deployments. */
export async function* storedRules(
  state: Pick<Table, 'query'>,
  range: { readonly pk: string; readonly prefix: string; readonly after?: string | undefined },
  consistent = false,
): AsyncGenerator<readonly RuleRecord[]> {
  let after = range.after;
  do {
    const page = await state.query({
      pk: range.pk,
      limit: rulesPerQuery,
      ...(range.prefix !== '' && { beginsWith: range.prefix }),
      ...(after !== undefined && { after }),
      consistent,
    });
    yield page.items.flatMap((item) => {
      const record = standing(item);
      return record && record.deletedAt === undefined ? [record] : [];
    });
    after = page.next;
  } while (after !== undefined);
}

/**
 * All live rules of one deployment, or with null those of all deployments: then the built-in ones too, as people left
 * them. By id.
 */
export const rulesFor = async (
  state: Pick<Table, 'query'>,
  deploymentId: string | null,
): Promise<readonly RuleRecord[]> => {
  const prefix = rulePrefixOf(deploymentId);
  const found = new Map<string, RuleRecord>(
    deploymentId === null ? builtinRules().map((rule) => [rule.id, rule]) : [],
  );
  for await (const records of storedRules(state, { pk: ruleKey(prefix).pk, prefix }, true)) {
    for (const record of records) {
      if (record.definition.deploymentId === deploymentId) found.set(record.id, record);
    }
  }
  return [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
};

/**
 * Notes when a rule last began to fire; an older instant changes nothing. Beside the definition, so the revision stays.
 */
export const noteTriggered = async (
  state: Pick<Table, 'put' | 'update'>,
  ruleId: string,
  at: number,
): Promise<void> => {
  const key = ruleKey(ruleId);
  try {
    await state.update(
      key,
      { set: { lastTriggeredAt: at } },
      { exists: true, below: { lastTriggeredAt: at } },
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Newer already, removed for good, or a built-in rule that nobody wrote: only the last has something to keep.
    if (builtinOf(ruleId)) await noteBuiltin(state, ruleId, at);
  }
};

const noteBuiltin = async (state: Pick<Table, 'put'>, ruleId: string, at: number): Promise<void> => {
  try {
    const noted = { ...ruleKey(ruleId), v: 1, revision: 0, lastTriggeredAt: at };
    await state.put(noted, { vacantAt: Math.floor(at / 1000) });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

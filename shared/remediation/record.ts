import { toIso } from '../platform/clock.ts';
import { asValue, unsentOf } from '../platform/outbox/index.ts';
import type { Item, Key, Value } from '../storage/table.ts';
import type { Json, Plan } from './plan.ts';
import type { LogEntry, Remediation } from './remediation.ts';

/**
 * Keys of remediation in `state`:
 * | `REMEDY#<hash>` / `RUN`                          | the one item that every step decides on          |
 * | `REMEDY#<hash>` / `LOG#<at>#<no>-<kind>#<n>`     | what happened, an item an entry, never rewritten |
 * | `REMEDIATIONS#<yyyy-mm>` / `<startedAt>#<hash>`  | a summary for lists, by the month of its start   |
 * | `REMEDIATION` / `COUNTERS`                       | what `/metrics` tells                            |
 */
export const runKey = (planHash: string): Key => ({ pk: `REMEDY#${planHash}`, sk: 'RUN' });
export const logPrefix = 'LOG#';
export const listKey = ({ plan, startedAt }: Pick<Remediation, 'plan' | 'startedAt'>): Key => ({
  pk: listPartitionOf(startedAt),
  sk: `${toIso(startedAt)}#${plan.hash}`,
});
export const listPartitionOf = (instant: number): string => `REMEDIATIONS#${toIso(instant).slice(0, 7)}`;
export const countersKey: Key = { pk: 'REMEDIATION', sk: 'COUNTERS' };

/** The record outlives the year in which auditors ask for it; as long as incidents. */
export const keptSeconds = 400 * 86_400;
export const expiresAtOf = (instant: number): number => Math.floor(instant / 1000) + keptSeconds;

/** A remediation with the entries of its record that may not be kept yet. */
export type StoredRemediation = {
  readonly remediation: Remediation;
  readonly unlogged: readonly LogEntry[];
};

/** What is written anew with each version; the plan is written once and never again. */
export const toFields = (
  remediation: Remediation,
  unlogged: readonly LogEntry[],
): Readonly<Record<string, Value | undefined>> & { readonly revision: number } => {
  const { plan: _plan, revision, outbox: _outbox, taskToken, after, ...run } = remediation;
  const { endedAt } = remediation;
  return {
    run: run as unknown as Value,
    // Text: images may be nested deeper than DynamoDB's maps.
    after: after && JSON.stringify(after),
    taskToken,
    unlogged: unlogged.length === 0 ? undefined : JSON.stringify(unlogged),
    expiresAt: endedAt === undefined ? undefined : expiresAtOf(endedAt),
    revision,
  };
};

export const planValue = (plan: Plan): Value => JSON.stringify(plan);

export const fromItem = (item: Item): StoredRemediation => {
  const run = item.run as unknown as Omit<
    Remediation,
    'plan' | 'revision' | 'outbox' | 'taskToken' | 'after'
  >;
  return {
    remediation: {
      ...run,
      plan: JSON.parse(String(item.plan)) as Plan,
      ...(item.taskToken !== undefined && { taskToken: String(item.taskToken) }),
      ...(item.after !== undefined && { after: JSON.parse(String(item.after)) as Json[] }),
      revision: Number(item.revision),
      outbox: unsentOf(item),
    },
    unlogged: item.unlogged === undefined ? [] : (JSON.parse(String(item.unlogged)) as LogEntry[]),
  };
};

export { asValue };

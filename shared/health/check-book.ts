import type { Selector, Subject } from '../alerting/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import { type CheckRecord, checkIdOf, checkKey, isPaused, type Placement } from './check.ts';
import type { Thresholds } from './judge.ts';
import { checksIn, toCheckRecord } from './registry.ts';

/** A check as rules see it; those that are paused or removed are not seen at all. */
export type WatchedCheck = {
  readonly id: string;
  readonly subject: Subject;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly intervalSeconds: number;
  readonly placements: readonly Placement[];
  readonly thresholds: Thresholds;
};

/** What silences, routes and messages go by. */
export const subjectOf = ({ id, definition }: Pick<CheckRecord, 'id' | 'definition'>): Subject => {
  const { deploymentId, name, type, target, tags, parent } = definition;
  return {
    key: `check:${id}`,
    deploymentId,
    name,
    labels: {
      deployment: deploymentId,
      check: name,
      type,
      target,
      ...Object.fromEntries(Object.entries(tags).map(([tag, value]) => [`tag.${tag}`, value])),
    },
    checkId: id,
    ...(parent && { parentCheckId: checkIdOf(parent.deploymentId, parent.name) }),
  };
};

const watched = (record: CheckRecord): WatchedCheck => ({
  id: record.id,
  subject: subjectOf(record),
  createdAt: record.createdAt,
  updatedAt: record.updatedAt,
  intervalSeconds: record.definition.intervalSeconds,
  placements: record.placements,
  thresholds: {
    failureThreshold: record.definition.failureThreshold,
    failureWindow: record.definition.failureWindow,
    successThreshold: record.definition.successThreshold,
  },
});

const selects = (selector: Selector, { labels }: Subject): boolean =>
  (selector.checks?.includes(labels.check ?? '') ?? true) &&
  (selector.kinds?.includes(labels.type ?? '') ?? true) &&
  Object.entries(selector.tags ?? {}).every(([tag, value]) => labels[`tag.${tag}`] === value);

/** For so long a warm function remembers which checks a deployment has: a rule sees a new one that much later. */
const rememberedMs = 60_000;

/** Which checks there are, remembered for a minute. */
export type CheckBook = {
  /** Those that a selector means; `fresh` also sees what was written a moment ago. */
  of(selector: Selector, options?: { readonly fresh?: boolean }): Promise<readonly WatchedCheck[]>;
};

/** Checks as they are now, by id; those that were removed, or never were, are missing. */
export const subjectsOf = async (
  state: Pick<Table, 'batchGet'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Subject | 'paused'>> => {
  const items = await state.batchGet([...new Set(ids)].map(checkKey), { consistent: true });
  const records = items.map(toCheckRecord).filter((record) => record.deletedAt === undefined);
  return new Map(
    records.map((record) => [record.id, isPaused(record) ? ('paused' as const) : subjectOf(record)]),
  );
};

export const openCheckBook = (state: Pick<Table, 'query'>, clock: Clock): CheckBook => {
  const pages = new Map<
    string,
    { readonly readAt: number; readonly checks: Promise<readonly WatchedCheck[]> }
  >();
  const read = async (deploymentId: string | null, consistent: boolean): Promise<readonly WatchedCheck[]> => {
    const checks: WatchedCheck[] = [];
    for await (const records of checksIn(state, deploymentId === null ? '*' : [deploymentId], {
      consistent,
    })) {
      for (const record of records) if (!isPaused(record)) checks.push(watched(record));
    }
    return checks;
  };
  const remembered = (deploymentId: string | null): Promise<readonly WatchedCheck[]> => {
    const name = deploymentId ?? '*';
    const now = clock();
    for (const [known, { readAt }] of pages) if (now - readAt > rememberedMs) pages.delete(known);
    const known = pages.get(name);
    if (known) return known.checks;
    const checks = read(deploymentId, false);
    pages.set(name, { readAt: now, checks });
    // A failure is not remembered: the next reader asks again.
    checks.catch(() => pages.delete(name));
    return checks;
  };
  return {
    async of(selector, { fresh = false } = {}) {
      const { deploymentId } = selector;
      const all = await (fresh ? read(deploymentId, true) : remembered(deploymentId));
      return all.filter(({ subject }) => selects(selector, subject));
    },
  };
};

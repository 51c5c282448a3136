import type { Reach } from '../platform/api/caller.ts';
import type { CheckStatus } from '../platform/events.ts';
import type { Table } from '../storage/table.ts';
import type { CheckRecord, CheckStanding, Owner } from './check.ts';
import { checksIn } from './registry.ts';
import { notScheduled } from './standing.ts';
import { readStandings } from './standings.ts';

export type CheckFilter = {
  readonly type?: string | undefined;
  readonly status?: CheckStatus | undefined;
  readonly managedBy?: Owner | undefined;
  /** `name:value`, or `name` for any value. */
  readonly tag?: string | undefined;
};

export type CheckWithStanding = { readonly record: CheckRecord; readonly standing: CheckStanding };
export type CheckList = { readonly checks: readonly CheckWithStanding[]; readonly next: string | undefined };

/** One answer looks at no more checks than this, however few of them pass the filter. */
const mostLookedAt = 1000;

/** Checks within reach that pass the filter, with their standings; `after` and `next` are check ids. */
export const listChecks = async (
  ports: { readonly state: Pick<Table, 'query'>; readonly telemetry: Pick<Table, 'batchGet'> },
  now: number,
  wanted: {
    readonly reach: Reach;
    readonly filter: CheckFilter;
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<CheckList> => {
  const found: CheckWithStanding[] = [];
  let lookedAt = 0;
  for await (const batch of checksIn(ports.state, wanted.reach, { after: wanted.after })) {
    const passing = batch.filter((record) => passes(record, wanted.filter));
    const standings = await readStandings(ports.telemetry, passing, now);
    for (const record of passing) {
      const standing = standings.get(record.id) ?? notScheduled;
      if (wanted.filter.status && standing.status !== wanted.filter.status) continue;
      // Only one more match proves that there is a next page.
      if (found.length === wanted.limit) return { checks: found, next: found.at(-1)?.record.id };
      found.push({ record, standing });
    }
    lookedAt += batch.length;
    if (lookedAt >= mostLookedAt) return { checks: found, next: batch.at(-1)?.id };
  }
  return { checks: found, next: undefined };
};

const passes = (record: CheckRecord, filter: CheckFilter): boolean => {
  const { definition, managedBy } = record;
  if (filter.type !== undefined && definition.type !== filter.type) return false;
  if (filter.managedBy !== undefined && managedBy !== filter.managedBy) return false;
  const { tag } = filter;
  // Both may hold colons, so only the whole tells where the name ends.
  return (
    tag === undefined ||
    Object.entries(definition.tags).some(([name, value]) => tag === name || tag === `${name}:${value}`)
  );
};

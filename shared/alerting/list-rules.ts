import { type Reach, reaches } from '../platform/api/caller.ts';
import type { Severity } from '../platform/events.ts';
import { bucketOf } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import { rulesFor, storedRules } from './registry.ts';
import { type RuleRecord, type RuleType, ruleBuckets, rulePrefixOf } from './rule.ts';

export type RuleFilter = {
  readonly type?: RuleType | undefined;
  readonly severity?: Severity | undefined;
  readonly isActive?: boolean | undefined;
};

/** Where a listing goes on: among the rules of all deployments (`*`), or among those of single ones (`d`), behind an id. */
const positionPattern = /^([*d])([0-9a-f]{24})$/;
export const isRulePosition = (position: string): boolean => positionPattern.test(position);

type Found = { readonly position: string; readonly record: RuleRecord };
type Range = { readonly bucket: number; readonly prefix: string };

const rangesOf = (reach: Reach): readonly Range[] => {
  const ranges =
    reach === '*'
      ? Array.from({ length: ruleBuckets }, (_, bucket) => ({ bucket, prefix: '' }))
      : [...new Set(reach.map(rulePrefixOf))].map((prefix) => ({
          bucket: bucketOf(prefix, ruleBuckets),
          prefix,
        }));
  return ranges.sort((left, right) => left.bucket - right.bucket || (left.prefix < right.prefix ? -1 : 1));
};

/** Rules of single deployments within reach, by bucket and id, behind `after`, which need not exist any more. */
async function* ofDeployments(
  state: Pick<Table, 'query'>,
  reach: Reach,
  after: string | undefined,
): AsyncGenerator<readonly RuleRecord[]> {
  const position =
    after === undefined ? undefined : { bucket: bucketOf(after.slice(0, 8), ruleBuckets), id: after };
  for (const { bucket, prefix } of rangesOf(reach)) {
    let from: string | undefined;
    if (position && bucket < position.bucket) continue;
    if (position && bucket === position.bucket) {
      const isMine = position.id.startsWith(prefix);
      if (!isMine && prefix < position.id) continue;
      if (isMine) from = position.id;
    }
    for await (const records of storedRules(state, { pk: `RULES#${bucket}`, prefix, after: from }))
      yield records.filter(
        ({ definition: { deploymentId } }) => deploymentId !== null && reaches(reach, deploymentId),
      );
  }
}

/** Everything within reach in its one order: first the rules of all deployments, to who reaches all. */
async function* rulesIn(
  state: Pick<Table, 'query'>,
  reach: Reach,
  position: string | undefined,
): AsyncGenerator<readonly Found[]> {
  const [, part = '*', after] = positionPattern.exec(position ?? '') ?? [];
  if (reach === '*' && part === '*') {
    const rules = await rulesFor(state, null);
    yield rules
      .filter(({ id }) => after === undefined || id > after)
      .map((record) => ({ position: `*${record.id}`, record }));
  }
  for await (const records of ofDeployments(state, reach, part === 'd' ? after : undefined))
    yield records.map((record) => ({ position: `d${record.id}`, record }));
}

/** One answer looks at no more rules than this, however few of them pass the filter. */
const mostLookedAt = 1000;

/** Rules within reach that pass the filter; `after` and `next` are positions. */
export const listRules = async (
  state: Pick<Table, 'query'>,
  wanted: {
    readonly reach: Reach;
    readonly filter: RuleFilter;
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<{ readonly rules: readonly RuleRecord[]; readonly next: string | undefined }> => {
  const found: Found[] = [];
  let lookedAt = 0;
  for await (const batch of rulesIn(state, wanted.reach, wanted.after)) {
    for (const one of batch) {
      if (!passes(one.record, wanted.filter)) continue;
      // Only one more match proves that there is a next page.
      if (found.length === wanted.limit) return page(found, found.at(-1)?.position);
      found.push(one);
    }
    lookedAt += batch.length;
    if (lookedAt >= mostLookedAt) return page(found, batch.at(-1)?.position);
  }
  return page(found, undefined);
};

const page = (found: readonly Found[], next: string | undefined) => ({
  rules: found.map(({ record }) => record),
  next,
});

const passes = ({ definition }: RuleRecord, { type, severity, isActive }: RuleFilter): boolean =>
  (type === undefined || definition.type === type) &&
  (severity === undefined || definition.severity === severity) &&
  (isActive === undefined || definition.isActive === isActive);

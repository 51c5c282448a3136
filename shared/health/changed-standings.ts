import { type Reach, reaches } from '../platform/api/caller.ts';
import { bucketOf } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import type { CheckStanding } from './check.ts';
import type { CheckState } from './head.ts';
import { parseShardId } from './shard.ts';
import { readShardSights, type SeenEntry, type ShardSight } from './shard-sights.ts';
import { staleSince, standingOf } from './standing.ts';

/** What was known the time before. `marks` is text of at most a kilobyte, whatever number of shards there is. */
export type KnownStandings = { readonly at: number; readonly marks: string };

export type ChangedStandings = {
  readonly marks: string;
  readonly shards: number;
  readonly standings: readonly { readonly id: string; readonly standing: CheckStanding }[];
};

/**
 * The standings within reach that may have changed: all of each shard whose plan or head was written since, and what
 * fell silent since, which nobody writes. Everything for `known: 'all'`, nothing for `known: undefined`.
 */
export const readChangedStandings = async (
  telemetry: Pick<Table, 'query' | 'batchGet'>,
  now: number,
  { known, reach }: { readonly known: KnownStandings | 'all' | undefined; readonly reach: Reach },
): Promise<ChangedStandings> => {
  const sights = await readShardSights(telemetry);
  const buckets = markBucketsOf(sights.length);
  const marks = marksOf(sights, buckets);
  const answer = { marks: toText(marks), shards: sights.length };
  if (known === undefined) return { ...answer, standings: [] };
  const before = known === 'all' ? undefined : fromText(known.marks);
  const hasChanged = (bucket: number): boolean =>
    before === undefined || before.get(bucket) !== marks.get(bucket);
  const standings = sights.flatMap((sight) => {
    const isChanged = hasChanged(bucketOf(sight.shard, buckets));
    return entriesWithin(sight, reach)
      .filter((entry) => isChanged || (known !== 'all' && fellSilent(sight, entry, known.at, now)))
      .map((entry) => ({ id: entry.id, standing: standingIn(sight, entry, now) }));
  });
  return { ...answer, standings };
};

const entriesWithin = ({ entries }: ShardSight, reach: Reach): readonly SeenEntry[] =>
  reach === '*' ? entries : entries.filter(({ deploymentId }) => reaches(reach, deploymentId));

const scheduleOf = (shard: string, { placedAt }: SeenEntry) => ({
  intervalSeconds: parseShardId(shard).intervalSeconds,
  placedAt,
});

const stateIn = ({ head }: ShardSight, { no, seed }: SeenEntry): CheckState | undefined =>
  head.checks.get(no) ?? seed;

const standingIn = (sight: ShardSight, entry: SeenEntry, now: number): CheckStanding =>
  standingOf(
    { ...scheduleOf(sight.shard, entry), isPaused: entry.paused === true },
    stateIn(sight, entry),
    now,
  );

/** Two processes' clocks may differ by so much; telling it twice does no harm. */
const slackMs = 5_000;

const fellSilent = (sight: ShardSight, entry: SeenEntry, before: number, now: number): boolean => {
  if (entry.paused) return false;
  const silentAt = staleSince(scheduleOf(sight.shard, entry), stateIn(sight, entry), now);
  return silentAt !== undefined && silentAt > before - slackMs;
};

/**
 * Each shard has a mark of its own, nearly always, as long as a cursor stays small with them; many more share theirs, and
 * where two meet, both count as changed when one is.
 */
const mostMarks = 256;
const markBucketsOf = (shards: number): number => (shards > mostMarks ? mostMarks : markRange);

/** Two digits in base 36. Versions grow by some ten a minute, so none comes round within the life of a cursor. */
const markRange = 36 ** 2;

const marksOf = (sights: readonly ShardSight[], buckets: number): ReadonlyMap<number, number> => {
  const marks = new Map<number, number>();
  for (const { shard, planVersion, head } of sights) {
    const bucket = bucketOf(shard, buckets);
    marks.set(bucket, ((marks.get(bucket) ?? 0) + planVersion + head.version) % markRange);
  }
  return marks;
};

const twoDigits = (value: number): string => value.toString(36).padStart(2, '0');

const toText = (marks: ReadonlyMap<number, number>): string =>
  [...marks].map(([bucket, mark]) => `${twoDigits(bucket)}${twoDigits(mark)}`).join('');

const fromText = (text: string): ReadonlyMap<number, number> =>
  new Map(
    [...text.matchAll(/([0-9a-z]{2})([0-9a-z]{2})/g)].map(([, bucket = '', mark = '']) => [
      Number.parseInt(bucket, 36),
      Number.parseInt(mark, 36),
    ]),
  );

import { type CheckStanding, readChangedStandings } from '../health/index.ts';
import type { Reach } from '../platform/api/caller.ts';
import type { Table } from '../storage/table.ts';
import { fromCursor, type Known, toCursor } from './cursor.ts';
import { readMarks } from './note.ts';
import { type Topic, topics } from './topics.ts';

export type Changes = {
  readonly cursor: string;
  readonly topics: readonly Topic[];
  readonly statuses: readonly { readonly id: string; readonly standing: CheckStanding }[];
  readonly pollAfterSeconds: number;
};

/** An older cursor may have missed that the marks of a shard came round. */
const longestMs = 10 * 60_000;
/** With sentences of usual length below 2 MB of the 6 that a function may answer. */
const mostStatuses = 5_000;

/**
 * What changed within reach since `cursor`; nothing without one, everything for one that is too old or not known. Once
 * a process knows the plans, it reads the notes (one query), the list of shards and one head a shard.
 */
export const readChanges = async (
  {
    state,
    telemetry,
  }: { readonly state: Pick<Table, 'query'>; readonly telemetry: Pick<Table, 'query' | 'batchGet'> },
  now: number,
  { reach, cursor }: { readonly reach: Reach; readonly cursor: string | undefined },
): Promise<Changes> => {
  const known = cursor === undefined ? undefined : knownFrom(cursor, now);
  // What is written while this reads may be told now and once more, but not never: notes are read before what they tell of.
  const marks = await readMarks(state);
  const changed = await readChangedStandings(telemetry, now, { known, reach });
  const isTooMany = changed.standings.length > mostStatuses;
  const told = topicsSince(known, marks);
  return {
    cursor: toCursor({ at: now, topics: marks, marks: changed.marks }),
    topics: isTooMany && !told.includes('checks') ? ['checks', ...told] : told,
    statuses: isTooMany ? [] : changed.standings,
    pollAfterSeconds: pollAfter(changed.shards),
  };
};

const knownFrom = (cursor: string, now: number): Known | 'all' => {
  const known = fromCursor(cursor);
  return known && Math.abs(now - known.at) <= longestMs ? known : 'all';
};

const topicsSince = (
  known: Known | 'all' | undefined,
  marks: ReadonlyMap<Topic, string>,
): readonly Topic[] => {
  if (known === undefined) return [];
  return known === 'all' ? topics : topics.filter((topic) => known.topics.get(topic) !== marks.get(topic));
};

/** Often enough that two people see each other's hand within ten seconds; less often where a look reads much more. */
const pollAfter = (shards: number): number => Math.max(4, Math.ceil(shards / 25));

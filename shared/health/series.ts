import type {
  Point,
  Selector,
  Series,
  SeriesQuery,
  SeriesReader,
  StatusSeen,
  Subject,
} from '../alerting/index.ts';
import type { Clock } from '../platform/clock.ts';
import { inParallel } from '../platform/in-parallel.ts';
import type { Table } from '../storage/table.ts';
import { type CheckBook, openCheckBook, subjectsOf, type WatchedCheck } from './check-book.ts';
import { hoursBetween, planKey } from './keys.ts';
import { fromHourItem, type ShardHour } from './rollup/hour.ts';
import { dayMs, hourMs, hourOf } from './rollup/periods.ts';
import type { Tally } from './rollup/tally.ts';
import { parseShardId } from './shard.ts';
import { openSlotPoints, readAll, type SlotPoint } from './slot-points.ts';
import { readToldStandings } from './standings.ts';

/** Series of results, and how checks stand. Remembers between runs what cannot change. */
export type Sight = SeriesReader & {
  /** How the selected checks stand as events told it last; `fresh` also sees what was written a moment ago. */
  statuses(selector: Selector, options?: { readonly fresh?: boolean }): Promise<readonly StatusSeen[]>;
};

/** What rules see of health. */
export type HealthSight = Sight & {
  /** What these checks are now; those that were removed, or never were, are missing. */
  checks(checkIds: readonly string[]): Promise<ReadonlyMap<string, Subject | 'paused'>>;
};

export type SeriesTools = {
  readonly state: Pick<Table, 'query'>;
  readonly telemetry: Pick<Table, 'query'>;
  readonly clock: Clock;
  /** How long results of slots are kept; beyond them, hours speak. */
  readonly resultsDays?: number;
};
export type SightTools = SeriesTools & {
  readonly state: Pick<Table, 'batchGet'>;
  readonly telemetry: Pick<Table, 'batchGet'>;
};

const usualResultsDays = 3;
/** Shards read at once: each query waits mostly for its answer. */
const shardsAtOnce = 8;

/**
 * Series of checks: `check.response_time_ms`, `check.failure`, `check.up`. A window that begins before the results that
 * are kept is answered from hours alone: a point an hour at its end, shares instead of 0 and 1, without the last hour or
 * two, which are not summed up yet. Any other series has no subjects.
 */
export const openSeries = (tools: SeriesTools): SeriesReader =>
  seriesIn(openCheckBook(tools.state, tools.clock), tools);

/** The same, with how the checks stand. */
export const openSight = (tools: SeriesTools & Pick<SightTools, 'telemetry'>): Sight => {
  const book = openCheckBook(tools.state, tools.clock);
  return {
    ...seriesIn(book, tools),
    async statuses(selector, options = {}) {
      const checks = await book.of(selector, options);
      const consistent = options.fresh ?? false;
      const told = await readToldStandings(tools.telemetry, checks, { consistent });
      return checks.flatMap(({ id, subject }) => {
        const standing = told.get(id);
        return standing ? [{ subject, ...standing }] : [];
      });
    },
  };
};

export const openHealthSight = (tools: SightTools): HealthSight => ({
  ...openSight(tools),
  checks: (ids) => subjectsOf(tools.state, ids),
});

const seriesIn = (
  book: CheckBook,
  { telemetry, clock, resultsDays = usualResultsDays }: SeriesTools,
): SeriesReader => {
  const slots = openSlotPoints(telemetry, clock);
  // An hour of patience: TTL deletes late, and what expires while it is being read must not be missing.
  const slotsSince = () => clock() - resultsDays * dayMs + hourMs;

  const readSlots = async (checks: readonly WatchedCheck[], range: Range): Promise<Answers> => {
    const found = new Map<string, SlotPoint[]>();
    await inParallel(stays(checks, range), shardsAtOnce, async ([shard, lodgers]) => {
      const points = await slots.read(shard, new Set(lodgers.map(({ no }) => no)), range);
      for (const { check, no, from, until } of lodgers) {
        const inStay = (points.get(no) ?? []).filter(({ at }) => at > from && at <= until);
        found.set(check.id, [...(found.get(check.id) ?? []), ...inStay]);
      }
    });
    return new Map([...found].map(([id, points]) => [id, once(valuesOfSlots, points)]));
  };
  const readHours = async (checks: readonly WatchedCheck[], range: Range): Promise<Answers> => {
    const found = new Map<string, { at: number; tally: Tally }[]>();
    await inParallel(stays(checks, range), shardsAtOnce, async ([shard, lodgers]) => {
      const bounds = hoursBetween(hourOf(range.fromAt - hourMs), range.toAt);
      const hours = (await readAll(telemetry, planKey(shard).pk, bounds)).map((item) =>
        fromHourItem(shard, item),
      );
      for (const lodger of lodgers) {
        found.set(lodger.check.id, [
          ...(found.get(lodger.check.id) ?? []),
          ...talliesOf(lodger, hours, range),
        ]);
      }
    });
    return new Map([...found].map(([id, tallies]) => [id, once(valuesOfHours, tallies)]));
  };

  return {
    async read(queries) {
      const selected = await Promise.all(queries.map(({ selector }) => book.of(selector)));
      const answers = queries.map<readonly Series[]>(() => []);
      const ranges = Map.groupBy(queries.keys(), (at) => rangeName(queries[at]));
      for (const group of ranges.values()) {
        const range = queries[group[0] ?? 0];
        if (!range) continue;
        const checks = new Map(group.flatMap((at) => selected[at] ?? []).map((check) => [check.id, check]));
        const inHours = range.fromAt < slotsSince();
        const read = inHours ? readHours : readSlots;
        const points = await read([...checks.values()], range);
        for (const at of group) {
          answers[at] = seriesOf(queries[at] ?? range, selected[at] ?? [], points, inHours);
        }
      }
      return answers;
    },
  };
};

type Range = Pick<SeriesQuery, 'fromAt' | 'toAt'>;
const rangeName = (query: SeriesQuery | undefined): string => `${query?.fromAt}-${query?.toAt}`;

/** The series of a check in a range by name, oldest first. */
type Values = (series: string) => readonly Point[];
type Answers = ReadonlyMap<string, Values>;

/** Many rules ask for the same series of a check: each is made once, and only if anybody asks. */
const once = <T extends { readonly at: number }>(
  make: (series: string, sorted: readonly T[]) => readonly Point[],
  unsorted: readonly T[],
): Values => {
  const made = new Map<string, readonly Point[]>();
  const sorted = [...unsorted].sort((left, right) => left.at - right.at);
  return (series) => {
    const points = made.get(series) ?? make(series, sorted);
    made.set(series, points);
    return points;
  };
};

const seriesOf = (
  { series }: SeriesQuery,
  checks: readonly WatchedCheck[],
  answers: Answers,
  inHours: boolean,
): readonly Series[] => {
  if (!knownSeries.has(series)) return [];
  return checks.map(({ id, subject, intervalSeconds, createdAt, updatedAt, thresholds }) => ({
    subject,
    points: answers.get(id)?.(series) ?? [],
    intervalSeconds: inHours ? hourMs / 1000 : intervalSeconds,
    // A definition that was changed, or a pause that ended, starts anew: before it nothing can be missing.
    since: Math.max(createdAt, updatedAt),
    ...(!inHours && { thresholds }),
  }));
};
const knownSeries: ReadonlySet<string> = new Set(['check.response_time_ms', 'check.failure', 'check.up']);

/** A check in one shard, and when its looks there count (epoch ms, from < at <= until). */
type Lodger = {
  readonly check: WatchedCheck;
  readonly no: number;
  readonly from: number;
  readonly until: number;
};

/** Which shards tell of the checks in a range, through all that each has been in. */
const stays = (
  checks: readonly WatchedCheck[],
  { fromAt, toAt }: Range,
): readonly (readonly [shard: string, readonly Lodger[]])[] => {
  const lodgers = checks.flatMap((check) =>
    check.placements.flatMap(({ shard, no, placedAt }, at) => {
      // The slot that was running while it was placed still counts here, and one more after it left.
      const slackMs = parseShardId(shard).intervalSeconds * 1000;
      const next = check.placements[at - 1];
      const from = Math.max(fromAt, placedAt - slackMs - 1);
      const until = next ? Math.min(toAt, next.placedAt + slackMs) : toAt;
      return until <= from ? [] : [{ shard, lodger: { check, no, from, until } }];
    }),
  );
  return [...Map.groupBy(lodgers, ({ shard }) => shard)].map(
    ([shard, all]) => [shard, all.map(({ lodger }) => lodger)] as const,
  );
};

const valuesOfSlots = (series: string, points: readonly SlotPoint[]): readonly Point[] => {
  if (series === 'check.response_time_ms') {
    return points.flatMap(({ at, responseMs }) => (responseMs === null ? [] : [{ at, value: responseMs }]));
  }
  const isUp = series === 'check.up';
  return points.map(({ at, failure }) => ({ at, value: isUp ? 1 - failure : failure }));
};

const talliesOf = (
  { check, no }: Lodger,
  hours: readonly ShardHour[],
  { fromAt, toAt }: Range,
): { at: number; tally: Tally }[] =>
  hours.flatMap(({ hourAt, checks }) => {
    const at = hourAt + hourMs;
    if (at <= fromAt || at > toAt) return [];
    // A number in a shard is never given twice, so that it alone tells whose hour it is.
    return checks
      .filter((one) => one.no === no && (one.id === null || one.id === check.id))
      .map(({ tally }) => ({ at, tally }));
  });

const valuesOfHours = (
  series: string,
  hours: readonly { readonly at: number; readonly tally: Tally }[],
): readonly Point[] => {
  if (series === 'check.response_time_ms') {
    return hours.flatMap(({ at, tally: { latency } }) =>
      latency.count === 0 ? [] : [{ at, value: latency.sumMs / latency.count }],
    );
  }
  return hours.flatMap(({ at, tally: { seconds } }) => {
    const known = seconds.healthy + seconds.degraded + seconds.unhealthy;
    if (known === 0) return [];
    return [{ at, value: (series === 'check.up' ? known - seconds.unhealthy : seconds.unhealthy) / known }];
  });
};

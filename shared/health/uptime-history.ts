import type { Item, Table } from '../storage/table.ts';
import type { CheckRecord, Placement } from './check.ts';
import { dayKey, daysBetween, hoursBetween, planKey, resultsBetween, rollupKey } from './keys.ts';
import { type CheckDay, fromDayItem } from './rollup/day.ts';
import { fromHourItem, upTo } from './rollup/hour.ts';
import { dayOf, hourMs, hourOf } from './rollup/periods.ts';
import { fromProgressItem, type Progress } from './rollup/progress.ts';
import { type Tally, tallyOf } from './rollup/tally.ts';
import { parseShardId } from './shard.ts';
import { fromResultsItem, type Results } from './slot-results.ts';
import { startOf, type Uptime, uptimeOf } from './uptime.ts';
import { type UptimePeriod, uptimePeriods } from './uptime-periods.ts';

/** One hour of a check in one shard, or what is known of it so far. */
export type HistoryHour = { readonly shard: string; readonly hourAt: number; readonly tally: Tally };

/** What is known of one check: whole days, and hours (those of the days not made yet among them). */
export type History = { readonly days: readonly CheckDay[]; readonly hours: readonly HistoryHour[] };

type Telemetry = Pick<Table, 'query' | 'batchGet'>;
type Told = Pick<CheckRecord, 'id' | 'createdAt' | 'placements'>;

/**
 * How a check was over each of the periods until `now` (epoch ms). All of them together cost about as much as the
 * longest: one item a day, one an hour of the last day or two, one a slot of the last hour.
 */
export const readUptime = async (
  telemetry: Telemetry,
  check: Told,
  now: number,
  periods: readonly UptimePeriod[] = uptimePeriods,
): Promise<Uptime[]> => {
  const inDays = periods.filter((period) => period !== '24h').map((period) => startOf(period, check, now));
  const history = await readHistory(telemetry, check, now, {
    hoursFrom: periods.includes('24h') ? hourOf(startOf('24h', check, now)) : now,
    daysFrom: inDays.length > 0 ? dayOf(Math.min(...inDays)) : undefined,
  });
  return periods.map((period) =>
    uptimeOf(period, check, now, seenIn(history, period, startOf(period, check, now))),
  );
};

/** An hour counts by its day once that is made with its shard's part; a day of hours always by its hours. */
const seenIn = ({ days, hours }: History, period: UptimePeriod, from: number): Tally[] => {
  if (period === '24h') return hours.filter((hour) => hour.hourAt >= hourOf(from)).map((hour) => hour.tally);
  const first = dayOf(from);
  const made = new Set(days.flatMap((day) => day.shards.map((shard) => `${shard}@${day.dayAt}`)));
  return [
    ...days.filter((day) => day.dayAt >= first).map((day) => day.tally),
    ...hours
      .filter(({ shard, hourAt }) => hourAt >= first && !made.has(`${shard}@${dayOf(hourAt)}`))
      .map((hour) => hour.tally),
  ];
};

/**
 * While rollups stand still the answer must not become dearer with each hour: what lies further back than this is
 * missing (and shows as less coverage) until it is summed up.
 */
const mostHoursOfResults = 6;

/**
 * Days since `daysFrom` (none when undefined), hours since `hoursFrom` and of the days that are not made yet, and
 * the results of the hours that are not made yet, through all shards the check has been in.
 */
export const readHistory = async (
  telemetry: Telemetry,
  check: Told,
  now: number,
  { hoursFrom, daysFrom }: { readonly hoursFrom: number; readonly daysFrom: number | undefined },
): Promise<History> => {
  const shards = [...new Set(check.placements.map((place) => place.shard))];
  const [days, notes] = await Promise.all([
    daysFrom === undefined ? [] : readDays(telemetry, check.id, daysFrom, now),
    telemetry.batchGet(shards.map(rollupKey)),
  ]);
  const progress = new Map(
    shards
      .map((shard) => [rollupKey(shard).pk, shard])
      .map(([pk, shard = '']) => [shard, fromProgressItem(notes.find((item) => item.pk === pk))]),
  );
  const hours = await Promise.all(
    check.placements.map((place, at) => {
      const known = progress.get(place.shard) ?? fromProgressItem(undefined);
      const stay = stayOf(check, at, now);
      const from = Math.max(
        stay.from,
        Math.min(hoursFrom, daysFrom === undefined ? hoursFrom : known.daysUntil),
      );
      const until = { until: stay.until, movedAt: check.placements[at - 1]?.placedAt ?? now, now };
      return readHours(telemetry, place, { from: hourOf(from), ...until }, known);
    }),
  );
  return { days, hours: hours.flat() };
};

const readDays = async (
  telemetry: Pick<Table, 'query'>,
  checkId: string,
  from: number,
  until: number,
): Promise<CheckDay[]> =>
  (await readAll(telemetry, dayKey(checkId, 0).pk, daysBetween(from, until))).map((item) =>
    fromDayItem(checkId, item),
  );

/**
 * When the check was in a shard: from one interval before it was placed (the slot that was running then) until one
 * interval after it was placed elsewhere.
 */
const stayOf = (check: Told, at: number, now: number): { from: number; until: number } => {
  const place = check.placements[at];
  const next = check.placements[at - 1];
  const slackMs = place ? parseShardId(place.shard).intervalSeconds * 1000 : 0;
  return {
    from: Math.max(check.createdAt, (place?.placedAt ?? 0) - slackMs),
    until: next ? Math.min(now, next.placedAt + slackMs) : now,
  };
};

type Stay = {
  readonly from: number;
  readonly until: number;
  /** From then on another shard's looks tell of the check, and none of this one's. */
  readonly movedAt: number;
  readonly now: number;
};

const readHours = async (
  telemetry: Pick<Table, 'query'>,
  { shard, no }: Placement,
  { from, until, movedAt, now }: Stay,
  { hoursUntil }: Progress,
): Promise<HistoryHour[]> => {
  if (from > until) return [];
  const resultsFrom = Math.max(from, hoursUntil, hourOf(now) - mostHoursOfResults * hourMs);
  const { pk } = planKey(shard);
  const [hourItems, slots] = await Promise.all([
    readAll(telemetry, pk, hoursBetween(from, until + 1)),
    resultsFrom > until ? [] : readAll(telemetry, pk, resultsBetween(resultsFrom, until)),
  ]);
  const made = hourItems.map((item) => fromHourItem(shard, item));
  const endsAt = Math.min(now, movedAt);
  const hours = made.flatMap(({ hourAt, checks }) =>
    checks
      .filter((check) => check.no === no)
      .map(({ tally }) => ({ shard, hourAt, tally: upTo(endsAt, shard, hourAt, tally) })),
  );
  // An hour may be made a moment before it is noted: its results must not count twice.
  const isMade = new Set(made.map((hour) => hour.hourAt));
  const results = slots.map((item) => fromResultsItem(shard, item)).filter((slot) => slot.at <= now);
  return [...hours, ...unmade(shard, no, results, endsAt).filter((hour) => !isMade.has(hour.hourAt))];
};

/** Hours from the results themselves; a look tells of no time after `endsAt`. */
const unmade = (shard: string, no: number, slots: readonly Results[], endsAt: number): HistoryHour[] => {
  const { intervalSeconds } = parseShardId(shard);
  const secondsOf = (at: number): number => Math.min(intervalSeconds, Math.max(0, (endsAt - at) / 1000));
  const looks = slots
    .filter((slot) => slot.runId === undefined)
    .flatMap(({ at, seen }) =>
      seen.filter((one) => one.no === no).map((one) => ({ at, seen: one, seconds: secondsOf(at) })),
    );
  return [...Map.groupBy(looks, (look) => hourOf(look.at))].map(([hourAt, seen]) => ({
    shard,
    hourAt,
    tally: tallyOf(seen),
  }));
};

const readAll = async (
  telemetry: Pick<Table, 'query'>,
  pk: string,
  bounds: { readonly from: string; readonly to: string },
): Promise<Item[]> => {
  const items: Item[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await telemetry.query({ pk, ...bounds, ...(after !== undefined && { after }) });
    items.push(...page.items);
    after = page.next;
  }
  return items;
};

import type { Clock } from '../../platform/clock.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { ConditionFailed } from '../../storage/condition.ts';
import type { Item, Table } from '../../storage/table.ts';
import { hoursBetween, planKey, resultsBetween, rollupKey } from '../keys.ts';
import { readPlaces } from '../place-item.ts';
import { fromPlanItem } from '../plan.ts';
import { fromResultsItem, type Results } from '../slot-results.ts';
import { addToDay } from './day.ts';
import {
  type CheckHour,
  fromHourItem,
  reachesOn,
  type ShardHour,
  sumHour,
  toHourItem,
  upTo,
} from './hour.ts';
import { dayMs, dayOf, hourMs, hourOf, settledUntil } from './periods.ts';
import { fromProgressItem, type Progress, writeProgress } from './progress.ts';
import { mergeTallies } from './tally.ts';

export type RollupTools = {
  readonly telemetry: Pick<Table, 'get' | 'batchGet' | 'query' | 'put'>;
  readonly clock: Clock;
  /** Epoch ms after which nothing new is begun; the next run goes on. */
  readonly until: number;
};

export type ShardDone = {
  readonly hours: number;
  /** Checks' days written. */
  readonly days: number;
  /** Items of results that could not be read: a gap each. */
  readonly unreadable: number;
};

/**
 * Makes the hours and days of one shard that are over and not made yet, oldest first, so that `ROLLUP` can say how far
 * all is made. A crash anywhere leaves what the next run makes again, to the same end.
 */
export const rollUpShard = async (tools: RollupTools, shard: string): Promise<ShardDone> => {
  const [planItem, progressItem] = await readBoth(tools.telemetry, shard);
  const before = fromProgressItem(progressItem);
  const ids = new Map(fromPlanItem(shard, planItem).entries.map((entry) => [entry.no, entry.id]));
  const made = await makeHours(tools, shard, before, ids);
  const { daysUntil, days } = await makeDays(tools, shard, before, dayOf(made.hoursUntil));
  // A shard at rest has nothing to note: its next query is empty again.
  if (made.hours > 0 || days > 0) {
    await writeProgress(tools.telemetry, shard, { hoursUntil: made.hoursUntil, daysUntil });
  }
  return { hours: made.hours, days, unreadable: made.unreadable };
};

const readBoth = async (
  telemetry: Pick<Table, 'batchGet'>,
  shard: string,
): Promise<[Item | undefined, Item | undefined]> => {
  const keys = [planKey(shard), rollupKey(shard)] as const;
  const items = await telemetry.batchGet(keys);
  return [items.find((item) => item.sk === keys[0].sk), items.find((item) => item.sk === keys[1].sk)];
};

const isOver = ({ clock, until }: RollupTools): boolean => clock() >= until;

const makeHours = async (
  tools: RollupTools,
  shard: string,
  { hoursUntil }: Progress,
  ids: Map<number, string>,
): Promise<{ hoursUntil: number; hours: number; unreadable: number }> => {
  const until = settledUntil(tools.clock());
  let [hours, unreadable] = [0, 0];
  if (until <= hoursUntil) return { hoursUntil, hours, unreadable };
  let knowsThoseWhoLeft = false;
  for await (const group of groupsIn(tools.telemetry, shard, resultsBetween(hoursUntil, until - 1), hourMs)) {
    if (isOver(tools)) return { hoursUntil: group.at, hours, unreadable };
    const results = group.items.flatMap((item) => readable(shard, item));
    unreadable += group.items.length - results.length;
    const isStranger = results.some((slot) => slot.seen.some((seen) => !ids.has(seen.no)));
    if (isStranger && !knowsThoseWhoLeft) {
      await addThoseWhoLeft(tools.telemetry, shard, group.at, ids);
      knowsThoseWhoLeft = true;
    }
    await keepHour(tools.telemetry, sumHour(shard, group.at, results, ids));
    hours++;
  }
  return { hoursUntil: until, hours, unreadable };
};

const readable = (shard: string, item: Item): Results[] => {
  try {
    return [fromResultsItem(shard, item)];
  } catch {
    return [];
  }
};

/** A check that moved away is in the plan no more, but in the shard's last hour; numbers are never given again. */
const addThoseWhoLeft = async (
  telemetry: Pick<Table, 'query'>,
  shard: string,
  hourAt: number,
  ids: Map<number, string>,
): Promise<void> => {
  const page = await telemetry.query({
    pk: planKey(shard).pk,
    ...hoursBetween(0, hourAt),
    descending: true,
    limit: 1,
  });
  for (const item of page.items) {
    for (const { no, id } of fromHourItem(shard, item).checks) if (id !== null) ids.set(no, id);
  }
};

const keepHour = async (telemetry: Pick<Table, 'put'>, hour: ShardHour): Promise<void> => {
  try {
    await telemetry.put(toHourItem(hour), { absent: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const makeDays = async (
  tools: RollupTools,
  shard: string,
  { daysUntil }: Progress,
  until: number,
): Promise<{ daysUntil: number; days: number }> => {
  let days = 0;
  if (until <= daysUntil) return { daysUntil, days };
  for await (const group of groupsIn(tools.telemetry, shard, hoursBetween(daysUntil, until), dayMs)) {
    if (isOver(tools)) return { daysUntil: group.at, days };
    const checks = await untilTheyLeft(
      tools.telemetry,
      shard,
      group.items.map((item) => fromHourItem(shard, item)),
    );
    const byId = Map.groupBy(checks, (check) => check.id);
    await inParallel([...byId], writesAtOnce, async ([checkId, hours]) => {
      if (checkId === null) return;
      const tally = mergeTallies(hours.map((hour) => hour.tally));
      await addToDay(tools.telemetry, { checkId, dayAt: group.at, shard, tally });
      days++;
    });
  }
  return { daysUntil: until, days };
};

const writesAtOnce = 8;

/** The checks of these hours, those that moved away without the time from then on: their new shard tells of it. */
const untilTheyLeft = async (
  telemetry: Pick<Table, 'batchGet'>,
  shard: string,
  hours: readonly ShardHour[],
): Promise<readonly CheckHour[]> => {
  const all = hours.flatMap(({ hourAt, checks }) => checks.map((check) => ({ hourAt, check })));
  if (!reachesOn(shard)) return all.map(({ check }) => check);
  const places = await readPlaces(
    telemetry,
    all.flatMap(({ check }) => check.id ?? []),
  );
  return all.map(({ hourAt, check }) => {
    const place = check.id === null ? undefined : places.get(check.id);
    const hasLeft = place !== undefined && (place.shard !== shard || place.no !== check.no);
    return hasLeft ? { ...check, tally: upTo(place.placedAt, shard, hourAt, check.tally) } : check;
  });
};

/** The items between two sort keys by the hour or the day in which they lie, oldest first; empty ones are left out. */
async function* groupsIn(
  telemetry: Pick<Table, 'query'>,
  shard: string,
  bounds: { readonly from: string; readonly to: string },
  lengthMs: typeof hourMs | typeof dayMs,
): AsyncGenerator<{ readonly at: number; readonly items: readonly Item[] }> {
  const startOf = lengthMs === hourMs ? hourOf : dayOf;
  let open: { at: number; items: Item[] } | undefined;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await telemetry.query({
      pk: planKey(shard).pk,
      ...bounds,
      ...(after !== undefined && { after }),
    });
    for (const item of page.items) {
      const at = startOf(instantOf(item));
      if (open && open.at !== at) {
        yield open;
        open = undefined;
      }
      open ??= { at, items: [] };
      open.items.push(item);
    }
    after = page.next;
  }
  if (open) yield open;
}

/** The instant in a sort key `R#<at>…` or `H#<at>`. */
const instantOf = (item: Item): number => Number(item.sk.split('#')[1]);

import {
  type Incident,
  incidentsFiringFor,
  listIncidents,
  readIncident,
  readTimeline,
  type TimelineEntry,
} from '../../incidents/index.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import type { Table } from '../../storage/table.ts';
import { Memory } from './memory.ts';
import type { PublicIncident } from './page-model.ts';
import { publicIncident } from './public-incident.ts';

/** So many incidents of the stack one page looks through, newest first, and so many of its own it shows. */
export const mostLookedAt = 500;
export const mostShown = 100;
/** Of an incident's timeline from either end: what one of weeks has between them is left out. */
const mostEntryPages = 5;
const readAtOnce = 8;

type State = Pick<Table, 'get' | 'query'>;

/** The timelines of resolved incidents, by id and version. What people write later makes a new version. */
export type Timelines = Memory<readonly TimelineEntry[]>;
export const openTimelines = (clock: () => number): Timelines =>
  new Memory({ clock, freshMs: 10 * 60_000, most: 2000 });

export type Wanted = {
  readonly slug: string;
  /** What the page calls its checks, by id. */
  readonly labels: ReadonlyMap<string, string>;
  /** Epoch ms: opened at `from <= openedAt < to`. */
  readonly from: number;
  readonly to: number;
  /** Checks that are not well: incidents opened before `from` may still be about them. */
  readonly troubled: readonly string[];
};

/** The page's incidents, newest first. */
export const readIncidents = async (
  state: State,
  timelines: Timelines,
  wanted: Wanted,
  now: number,
): Promise<readonly PublicIncident[]> => {
  const { slug, labels, from, to } = wanted;
  const listed = await listIncidents(state, { reach: '*', from, to, limit: mostLookedAt }, now);
  const older = await olderOf(state, wanted, new Set(listed.incidents.map(({ id }) => id)));
  const own = [...listed.incidents, ...older]
    .filter(({ affected = {} }) => Object.keys(affected).some((checkId) => labels.has(checkId)))
    .slice(0, mostShown);
  const shown: PublicIncident[] = [];
  await inParallel(own, readAtOnce, async (incident) => {
    const entries = await entriesOf(state, timelines, incident, now);
    const one = publicIncident(incident, entries, { slug, labels });
    if (one) shown.push(one);
  });
  return shown.sort((one, other) => other.startedAt - one.startedAt || (one.id < other.id ? -1 : 1));
};

/** Of incidents that began before the time asked for, those that still go on. */
const olderOf = async (
  state: State,
  { troubled }: Wanted,
  known: ReadonlySet<string>,
): Promise<readonly Incident[]> => {
  const firing = await Promise.all(troubled.map((checkId) => incidentsFiringFor(state, checkId)));
  const ids = [...new Set(firing.flat())].filter((id) => !known.has(id));
  const found = await Promise.all(ids.slice(0, mostShown).map((id) => readIncident(state, id)));
  return found.filter((incident) => incident !== undefined && incident.status !== 'resolved') as Incident[];
};

/** What is written reaches the timeline after the version that decided it, at the latest when that is done again. */
const followsWithinMs = 5 * 60_000;

const entriesOf = async (
  state: State,
  timelines: Timelines,
  incident: Incident,
  now: number,
): Promise<readonly TimelineEntry[]> =>
  incident.status === 'resolved' &&
  now - Math.max(incident.resolvedAt ?? now, incident.lastSaid?.at ?? 0) > followsWithinMs
    ? (await timelines.get(`${incident.id}@${incident.version}`, () => readEntries(state, incident.id))).value
    : readEntries(state, incident.id);

/** How it began and what was said last: both ends of a timeline that is too long to be read whole. */
const readEntries = async (state: State, incidentId: string): Promise<readonly TimelineEntry[]> => {
  const first = await readEnd(state, incidentId, false);
  if (first.isWhole) return first.entries;
  const last = await readEnd(state, incidentId, true);
  const all = [...first.entries, ...last.entries.toReversed()];
  return [...new Map(all.map((entry) => [`${entry.at} ${entry.id}`, entry])).values()];
};

const readEnd = async (
  state: State,
  incidentId: string,
  newestFirst: boolean,
): Promise<{ readonly entries: readonly TimelineEntry[]; readonly isWhole: boolean }> => {
  const entries: TimelineEntry[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostEntryPages; page++) {
    const read = await readTimeline(state, incidentId, { after, newestFirst });
    entries.push(...read.entries);
    after = read.next;
    if (after === undefined) return { entries, isWhole: true };
  }
  return { entries, isWhole: false };
};

import { type CheckStanding, readStandings } from '../../health/index.ts';
import type { Mute } from '../../incidents/index.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import type { Table } from '../../storage/table.ts';
import type { StatusPageDefinition } from '../page.ts';
import type { SelectedCheck, SelectedGroup, selectChecks } from '../select.ts';
import { type Bars, uptimeOf } from './bars.ts';
import { readIncidents, type Timelines } from './incidents.ts';
import { isUnderMaintenance, maintenanceOf, readPlanned } from './maintenance.ts';
import { asksOnce } from './once.ts';
import { type Component, historyDays, type PageFace, type PublicPage } from './page-model.ts';
import { overallOf, type PublicState } from './states.ts';

/** A page of more is read by nobody; the banner speaks of those that are shown. */
export const mostComponents = 300;
const readAtOnce = 12;
const dayMs = 86_400_000;

export type PageReads = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly telemetry: Pick<Table, 'query' | 'batchGet'>;
  readonly bars: Bars;
  readonly timelines: Timelines;
};

export const faceOf = (definition: StatusPageDefinition): PageFace => {
  const { slug, name, description, logoUrl, homeUrl, supportUrl, accentColor, timeZone = 'UTC' } = definition;
  return { slug, name, description, logoUrl, homeUrl, supportUrl, accentColor, timeZone };
};

/** What the page calls each check that it shows; of a check in several groups what the first calls it. */
export const labelsIn = (groups: readonly SelectedGroup[]): ReadonlyMap<string, string> => {
  const labels = new Map<string, string>();
  for (const { shown } of groups) {
    for (const { check, label } of shown) if (!labels.has(check.id)) labels.set(check.id, label);
  }
  return labels;
};

/** The first so many systems, and how many there are beyond. */
export const limited = (
  groups: readonly SelectedGroup[],
): { readonly groups: readonly SelectedGroup[]; readonly omitted: number } => {
  let room = mostComponents;
  let omitted = 0;
  const kept = groups.map((group) => {
    const shown = group.shown.slice(0, room);
    room -= shown.length;
    omitted += group.shown.length - shown.length;
    return { ...group, shown };
  });
  return { groups: kept, omitted };
};

/** All that the page shows at `now` (epoch ms), of checks that were read just now. */
export const readPage = async (
  reads: PageReads,
  definition: StatusPageDefinition,
  selected: ReturnType<typeof selectChecks>,
  now: number,
): Promise<PublicPage> => {
  const { groups, omitted } = limited(selected);
  const labels = labelsIn(groups);
  const checks = [
    ...new Map(groups.flatMap(({ shown }) => shown.map((one) => [one.check.id, one] as const))).values(),
  ];
  const [standings, planned] = await Promise.all([
    readStandings(
      reads.telemetry,
      checks.map(({ check }) => check),
      now,
    ),
    readPlanned(reads.state),
  ]);
  const components = await readComponents(reads, checks, { standings, planned }, now);
  const troubled = [...components]
    .filter(([, { state }]) => state !== 'operational')
    .map(([checkId]) => checkId);
  const from = now - historyDays * dayMs;
  const span = { from, to: now + 60_000 };
  const [incidents, maintenance] = await Promise.all([
    readIncidents(reads.state, reads.timelines, { slug: definition.slug, labels, troubled, ...span }, now),
    maintenanceOf(checks, planned, now),
  ]);
  const shownGroups = groups.map(({ group, shown }) => ({
    name: group.name,
    ...(group.description !== undefined && { description: group.description }),
    components: shown.flatMap(({ check, label }) => {
      const component = components.get(check.id);
      return component ? [{ ...component, label }] : [];
    }),
  }));
  return {
    face: faceOf(definition),
    overall: overallOf([...components.values()].map(({ state }) => state)),
    groups: shownGroups,
    omitted,
    open: incidents.filter(({ resolvedAt }) => resolvedAt === undefined),
    past: incidents.filter(({ resolvedAt }) => resolvedAt !== undefined),
    maintenance,
    readAt: now,
  };
};

type Around = {
  readonly standings: ReadonlyMap<string, CheckStanding>;
  readonly planned: readonly Mute[];
};

const readComponents = async (
  { telemetry, bars }: PageReads,
  checks: readonly SelectedCheck[],
  { standings, planned }: Around,
  now: number,
): Promise<ReadonlyMap<string, Component>> => {
  const once = asksOnce(telemetry);
  const components = new Map<string, Component>();
  await inParallel(checks, readAtOnce, async (selected) => {
    const { check, label } = selected;
    const days = await bars.of(once, check, now);
    const state = (await isUnderMaintenance(selected, planned, now))
      ? 'maintenance'
      : stateOf(standings.get(check.id));
    components.set(check.id, { label, state, ...uptimeOf(days, check, now), bars: days });
  });
  return components;
};

const states = {
  healthy: 'operational',
  degraded: 'degraded',
  unhealthy: 'down',
  unknown: 'unknown',
} as const satisfies Record<CheckStanding['status'], PublicState>;

/** Of what nothing is known nothing good is said. */
const stateOf = (standing: CheckStanding | undefined): PublicState => states[standing?.status ?? 'unknown'];

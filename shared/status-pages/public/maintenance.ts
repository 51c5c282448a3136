import { isInMaintenance, subjectOf } from '../../health/index.ts';
import { isMuted, labelsOf, listMutes, type Mute } from '../../incidents/index.ts';
import type { Table } from '../../storage/table.ts';
import type { SelectedCheck } from '../select.ts';
import { occurrencesOf } from './occurrences.ts';
import type { PublicMaintenance } from './page-model.ts';

const ahead = 14 * 86_400_000;
const mostShown = 20;

/** What is planned, of the stack; silences are made in need and nobody else's business. */
export const readPlanned = async (state: Pick<Table, 'query'>): Promise<readonly Mute[]> =>
  (await listMutes(state)).filter(({ kind }) => kind === 'maintenance');

/** As a plain alert of the check would bear them: a maintenance of one rule alone is none of the system. */
const labelsOfCheck = ({ check }: SelectedCheck) =>
  labelsOf({ ruleName: '', ruleType: 'downtime', severity: 'critical', subject: subjectOf(check) });

/** Whether the check is under maintenance at `now`, by its own windows or by one planned for many. */
export const isUnderMaintenance = async (
  selected: SelectedCheck,
  planned: readonly Mute[],
  now: number,
): Promise<boolean> =>
  (await isInMaintenance(selected.check.definition.maintenance ?? [], now)) ||
  (await isMuted(planned, labelsOfCheck(selected), now)) !== undefined;

type Period = { readonly startsAt: number; readonly endsAt?: number | undefined };

/** Maintenance that runs, and what begins in the next 14 days, soonest first; of each window that repeats only the next. */
export const maintenanceOf = async (
  checks: readonly SelectedCheck[],
  planned: readonly Mute[],
  now: number,
): Promise<readonly PublicMaintenance[]> => {
  const found = new Map<string, { readonly period: Period; readonly labels: Set<string> }>();
  const add = (period: Period, label: string): void => {
    const name = `${period.startsAt} ${period.endsAt}`;
    const entry = found.get(name) ?? { period, labels: new Set() };
    entry.labels.add(label);
    found.set(name, entry);
  };
  const periodsOf = new Map<Mute, readonly Period[]>();
  for (const mute of planned) periodsOf.set(mute, await periodsOfMute(mute, now));
  for (const selected of checks) {
    for (const window of selected.check.definition.maintenance ?? []) {
      for (const period of await occurrencesOf(window, now, now + ahead)) add(period, selected.label);
    }
    for (const [mute, periods] of periodsOf) {
      if (periods.length === 0 || !(await meansCheck(mute, selected, now))) continue;
      for (const period of periods) add(period, selected.label);
    }
  }
  return [...found.values()]
    .map(({ period, labels }) => ({
      startsAt: period.startsAt,
      ...(period.endsAt !== undefined && { endsAt: period.endsAt }),
      isRunning: period.startsAt <= now,
      components: [...labels],
    }))
    .sort((one, other) => one.startsAt - other.startsAt)
    .slice(0, mostShown);
};

/** Whether it would hold for the check, whenever its windows are. */
const meansCheck = async (mute: Mute, selected: SelectedCheck, now: number): Promise<boolean> => {
  const always: Mute = { ...mute, startsAt: now, endsAt: undefined, windows: undefined };
  return (await isMuted([always], labelsOfCheck(selected), now)) !== undefined;
};

const periodsOfMute = async (mute: Mute, now: number): Promise<readonly Period[]> => {
  const end = mute.endsAt ?? Number.POSITIVE_INFINITY;
  if (now >= end || mute.startsAt >= now + ahead) return [];
  if (mute.windows === undefined || mute.windows.length === 0) {
    return [{ startsAt: mute.startsAt, ...(mute.endsAt !== undefined && { endsAt: mute.endsAt }) }];
  }
  const from = Math.max(now, mute.startsAt);
  const periods = await Promise.all(mute.windows.map((window) => occurrencesOf(window, from, now + ahead)));
  return periods
    .flat()
    .filter(({ startsAt }) => startsAt < end)
    .map(({ startsAt, endsAt }) => ({
      startsAt: Math.max(startsAt, mute.startsAt),
      endsAt: Math.min(endsAt, end),
    }));
};

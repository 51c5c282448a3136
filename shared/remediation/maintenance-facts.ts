import { type CheckRecord, isInMaintenance, subjectOf } from '../health/index.ts';
import { isActiveAt, listMutes, type Mute, matches } from '../incidents/index.ts';
import type { Table } from '../storage/index.ts';
import type { MaintenanceFacts } from './brake-facts.ts';
import type { Plan } from './plan.ts';

type Labels = Readonly<Record<string, string>>;

/** What only an alert has: a maintenance that asks for it may mean what is healed here, so it does. */
const ofAlertsOnly = ['rule', 'ruleType', 'severity'];

/**
 * Whether people work on what the plan is about, at `now`: a planned maintenance that matches one of its checks or its
 * resources, or a window of the checks themselves. Of several the one that is found first tells; `untilAt` is when none
 * of all is open any more.
 */
export const maintenanceFacts = async (
  state: Pick<Table, 'query'>,
  plan: Plan,
  concerned: readonly CheckRecord[],
  now: number,
): Promise<MaintenanceFacts | undefined> => {
  const labels = labelsOf(plan, concerned);
  const mutes: Mute[] = [];
  for (const mute of await listMutes(state)) {
    if (mute.kind === 'maintenance' && (await isMeant(mute, labels))) mutes.push(mute);
  }
  const nameAt = async (at: number): Promise<string | undefined> => {
    for (const mute of mutes)
      if (await isActiveAt(mute, at)) return `Maintenance «${mute.name ?? mute.reason}»`;
    for (const { definition } of concerned) {
      if (await isInMaintenance(definition.maintenance ?? [], at)) return `Maintenance of ${definition.name}`;
    }
    return undefined;
  };
  const name = await nameAt(now);
  if (name === undefined) return undefined;
  return { name, untilAt: await endWithinHour(now, async (at) => (await nameAt(at)) !== undefined) };
};

const minuteMs = 60_000;

/** The first full minute within an hour at which it is over. */
const endWithinHour = async (
  now: number,
  isOn: (at: number) => Promise<boolean>,
): Promise<number | undefined> => {
  const thisMinute = Math.floor(now / minuteMs) * minuteMs;
  for (let minute = 1; minute <= 60; minute++) {
    const at = thisMinute + minute * minuteMs;
    if (!(await isOn(at))) return at;
  }
  return undefined;
};

/** Of each check, and of each resource where it is about no check. */
const labelsOf = ({ deploymentId, actions }: Plan, concerned: readonly CheckRecord[]): readonly Labels[] =>
  concerned.length > 0
    ? concerned.map((record) => ({ ...subjectOf(record).labels, subject: record.definition.name }))
    : actions.map(({ resource: { name } }) => ({ deployment: deploymentId, subject: name, resource: name }));

/** A pattern that nobody can read may mean this. */
const isMeant = async ({ matchers }: Mute, all: readonly Labels[]): Promise<boolean> => {
  const asked = matchers.filter(({ label }) => !ofAlertsOnly.includes(label));
  for (const labels of all) if (await matches(asked, labels).catch(() => true)) return true;
  return false;
};

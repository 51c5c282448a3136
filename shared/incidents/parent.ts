import { readMembers } from '../health/index.ts';
import type { Item, Table } from '../storage/index.ts';
import { firesKey, type IncidentMember } from './incident.ts';
import { loadIncident } from './store.ts';

/** Of these types an alert says that the check itself is down; a slow parent is not the cause of all its children's trouble. */
const saysDown = new Set(['downtime', 'absence']);

const firingAlertsOf = async (state: Pick<Table, 'query'>, checkId: string): Promise<readonly Item[]> => {
  const { items } = await state.query({ pk: firesKey(checkId, '').pk, consistent: true, limit: 100 });
  return items.filter((item) => item.state === 'firing' && saysDown.has(String(item.ruleType)));
};

/** The group of the open incident in which the parent check is down, for `groupKeyOf`; undefined when there is none. */
export const groupOfParent = async (
  state: Pick<Table, 'get' | 'query'>,
  parentCheckId: string,
): Promise<string | undefined> => {
  for (const item of await firingAlertsOf(state, parentCheckId)) {
    const stored = await loadIncident(state, String(item.incidentId));
    if (stored && stored.incident.status !== 'resolved') return stored.incident.groupKey;
  }
  return undefined;
};

/**
 * Which parents of firing members are down: by an alert that fires, or by their own results. Of a parent that is unknown
 * (paused, silent) nothing is known that could hold its children back.
 */
export const parentsDown = async (
  ports: { readonly state: Pick<Table, 'query'>; readonly telemetry: Pick<Table, 'batchGet'> },
  members: readonly IncidentMember[],
  now: number,
): Promise<ReadonlySet<string>> => {
  const firing = members.filter(({ state }) => state === 'firing');
  const parents = [...new Set(firing.flatMap(({ subject }) => subject.parentCheckId ?? []))];
  if (parents.length === 0) return new Set();
  const standings = await readMembers(ports.telemetry, parents, now);
  const down = await Promise.all(
    parents.map(async (parent) => {
      const seen = standings.get(parent);
      if (seen?.status === 'unhealthy') return true;
      if (seen && seen.status !== 'unknown' && seen.failures > 0) return true;
      return (await firingAlertsOf(ports.state, parent)).length > 0;
    }),
  );
  return new Set(parents.filter((_, at) => down[at]));
};

import { instantIn, sortable, timerBucketOf } from '../alerting/index.ts';
import { noteChange } from '../changes/index.ts';
import { writeVersion } from '../platform/outbox/index.ts';
import { ConditionFailed, type Item, type Table, type Value } from '../storage/index.ts';
import { type Incident, type IncidentMember, incidentKey, keptSeconds, memberKey } from './incident.ts';
import { fromLeftItem, type Left, nothingLeft } from './left.ts';

/** An incident with what was decided about it and not done yet. */
export type StoredIncident = { readonly incident: Incident; readonly left: Left };

/** How long a decider has to do what it wrote before the notifier has it done again. */
export const redoneAfterMs = 60_000;

const fromItem = (item: Item): StoredIncident => ({
  incident: {
    ...(item.incident as unknown as Omit<Incident, 'version'>),
    version: Number(item.revision),
  },
  left: fromLeftItem(item.left),
});

export const loadIncident = async (
  state: Pick<Table, 'get'>,
  incidentId: string,
): Promise<StoredIncident | undefined> => {
  const item = await state.get(incidentKey(incidentId), { consistent: true });
  return item && fromItem(item);
};

/** An incident's id tells where it lies; anything else is the id of none. */
export const isIncidentId = (id: string): boolean => /^[0-9a-z]{9}-[0-9A-Za-z_-]{1,40}$/.test(id);

export const readIncident = async (
  state: Pick<Table, 'get'>,
  incidentId: string,
): Promise<Incident | undefined> =>
  isIncidentId(incidentId) ? (await loadIncident(state, incidentId))?.incident : undefined;

/**
 * Writes the incident as the version after the one it was made from (version 1: it is new), with what is left to do.
 * While something is left it is due soon, so that what a crash leaves is done again.
 */
export const writeIncident = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  incident: Incident,
  left: Left,
  given: { readonly attempt: string; readonly now: number },
): Promise<'written' | 'conflict'> => {
  const { version, ...fields } = incident;
  const key = incidentKey(incident.id);
  const dueAt = dueAtOf(incident, left, given.now);
  const expiresAt =
    incident.resolvedAt === undefined ? undefined : Math.floor(incident.resolvedAt / 1000) + keptSeconds;
  const written = await writeVersion(state, {
    key,
    expected: version === 1 ? undefined : version - 1,
    fields: {
      incident: fields as unknown as Value,
      left: nothingLeft(left) ? undefined : (left as unknown as Value),
      due: dueAt === undefined ? undefined : timerBucketOf(key),
      dueAt,
      expiresAt,
      revision: version,
    },
    ...given,
  });
  if (written === 'written') await noteChange(state, 'incidents', `${incident.id}@${version}`);
  return written;
};

const dueAtOf = ({ wakeAt }: Incident, left: Left, now: number): number | undefined =>
  nothingLeft(left) ? wakeAt : Math.min(wakeAt ?? Number.POSITIVE_INFINITY, now + redoneAfterMs);

/** Takes away what was done of what this version had left. A newer version carries its own. */
export const clearLeft = async (
  state: Pick<Table, 'update'>,
  incident: Incident,
  left: Left,
  now: number,
): Promise<void> => {
  const key = incidentKey(incident.id);
  const dueAt = dueAtOf(incident, left, now);
  const set: Record<string, Value> = {};
  const remove: string[] = [];
  if (nothingLeft(left)) remove.push('left');
  else set.left = left as unknown as Value;
  if (dueAt === undefined) remove.push('due', 'dueAt');
  else Object.assign(set, { due: timerBucketOf(key), dueAt });
  try {
    await state.update(key, { set, remove }, { equals: { revision: incident.version } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

export const readMembersOf = async (
  state: Pick<Table, 'query'>,
  incidentId: string,
): Promise<readonly IncidentMember[]> => {
  const members: IncidentMember[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await state.query({
      pk: memberKey(incidentId, '').pk,
      beginsWith: 'A#',
      consistent: true,
      ...(after !== undefined && { after }),
    });
    members.push(...page.items.map((item) => item.member as unknown as IncidentMember));
    after = page.next;
  }
  return members;
};

/** `yyyy-mm` of each month that the period touches, newest first. */
export const monthsBetween = (from: number, to: number): string[] => {
  const months: string[] = [];
  const at = new Date(to);
  at.setUTCDate(1);
  at.setUTCHours(0, 0, 0, 0);
  for (; months.length === 0 || monthEnd(at) > from; at.setUTCMonth(at.getUTCMonth() - 1)) {
    months.push(at.toISOString().slice(0, 7));
  }
  return months;
};

const monthEnd = (start: Date): number => Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);

/** Incidents opened at `from <= openedAt < to` (epoch ms), newest first, page by page; `after` is the id of one. */
export async function* incidentsBetween(
  state: Pick<Table, 'query'>,
  period: { readonly from: number; readonly to: number; readonly after?: string | undefined },
): AsyncGenerator<readonly Incident[]> {
  const last = period.after === undefined ? period.to - 1 : Math.min(period.to - 1, instantIn(period.after));
  for (const month of monthsBetween(period.from, last)) {
    const pk = `INCIDENTS#${month}`;
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = await state.query({
        pk,
        from: sortable(period.from),
        // Sorts after every id of the last instant.
        to: period.after ?? `${sortable(last)}.~`,
        descending: true,
        limit: 200,
        ...(after !== undefined && { after }),
      });
      const found = page.items.map((item) => fromItem(item).incident).filter(({ id }) => id !== period.after);
      if (found.length > 0) yield found;
      after = page.next;
    }
  }
}

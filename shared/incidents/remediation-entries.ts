import type { Table } from '../storage/index.ts';
import { firesKey, groupKeyItem, type Incident } from './incident.ts';
import { readIncident } from './store.ts';
import { keepEntry, type TimelineEntry } from './timeline.ts';

/** What a remediation did, for the incidents of what it is about. */
export type RemediationNote = {
  readonly deploymentId: string;
  readonly checkIds: readonly string[];
  /** Epoch ms: an incident that was over before concerns something else. */
  readonly startedAt: number;
  readonly entries: readonly Omit<TimelineEntry, 'kind' | 'channels' | 'alertId'>[];
};

/** What failed may have been resolved by its check before the workflow looked again. */
const overlapMs = 10 * 60_000;

/**
 * Puts the entries on the timelines of the incidents in which its checks are in trouble; of what no check tells, and
 * where none is, of the deployment's own incident. Once more changes nothing, so that whoever gives all of the record
 * each time also fills in what happened before the incident was there. Gives the ids of the incidents.
 */
export const keepRemediation = async (
  state: Pick<Table, 'get' | 'query' | 'put'>,
  note: RemediationNote,
): Promise<readonly string[]> => {
  const ofChecks = await incidentsOf(state, note, await incidentIdsOfChecks(state, note.checkIds));
  const incidents =
    ofChecks.length > 0
      ? ofChecks
      : await incidentsOf(state, note, await incidentIdsOfDeployment(state, note));
  await Promise.all(
    incidents.flatMap(({ id }) =>
      note.entries.map((entry) => keepEntry(state, id, { ...entry, kind: 'remediation' })),
    ),
  );
  return incidents.map(({ id }) => id);
};

const incidentIdsOfChecks = async (
  state: Pick<Table, 'query'>,
  checkIds: readonly string[],
): Promise<readonly string[]> => {
  const pages = await Promise.all(
    checkIds.map((id) => state.query({ pk: firesKey(id, '').pk, consistent: true, limit: 100 })),
  );
  return [...new Set(pages.flatMap(({ items }) => items.map(({ incidentId }) => String(incidentId))))];
};

const incidentIdsOfDeployment = async (
  state: Pick<Table, 'get'>,
  { deploymentId }: RemediationNote,
): Promise<readonly string[]> => {
  const group = await state.get(groupKeyItem(`deployment:${deploymentId}`), { consistent: true });
  return group ? [String(group.incidentId)] : [];
};

const incidentsOf = async (
  state: Pick<Table, 'get'>,
  { deploymentId, startedAt }: RemediationNote,
  ids: readonly string[],
): Promise<readonly Incident[]> => {
  const found = await Promise.all(ids.map((id) => readIncident(state, id)));
  return found.filter(
    (incident): incident is Incident =>
      incident !== undefined &&
      incident.deploymentId === deploymentId &&
      (incident.resolvedAt === undefined || incident.resolvedAt >= startedAt - overlapMs),
  );
};

import type { Reach } from '../platform/api/caller.ts';
import type { Table } from '../storage/index.ts';
import type { Incident } from './incident.ts';
import { isWithinReach } from './list.ts';
import { incidentsBetween } from './store.ts';

/** Seconds; null where nothing was acknowledged, or resolved. */
export type Duration = {
  readonly count: number;
  readonly meanSeconds: number | null;
  readonly medianSeconds: number | null;
};

export type IncidentFigures = {
  readonly opened: number;
  readonly stillOpen: number;
  /** From opened to first acknowledged, of those that were. */
  readonly timeToAcknowledge: Duration;
  /** From opened to resolved (the last time, if it was reopened), of those that are. */
  readonly timeToResolve: Duration;
  /** False: there were more incidents than one answer looks at, and these are the newest. */
  readonly isComplete: boolean;
};

export const mostIncidents = 5000;

export type Looked = { readonly incidents: readonly Incident[]; readonly isComplete: boolean };

/** Incidents opened in the period within reach, the newest if there are too many. */
export const incidentsOf = async (
  state: Pick<Table, 'query'>,
  from: number,
  to: number,
  reach: Reach,
): Promise<Looked> => {
  const incidents: Incident[] = [];
  let lookedAt = 0;
  for await (const page of incidentsBetween(state, { from, to })) {
    incidents.push(...page.filter((incident) => isWithinReach(reach, incident)));
    lookedAt += page.length;
    if (lookedAt >= mostIncidents) return { incidents, isComplete: false };
  }
  return { incidents, isComplete: true };
};

/** How fast incidents opened at `from <= openedAt < to` (epoch ms) were acknowledged and resolved: MTTA and MTTR. */
export const incidentFigures = async (
  state: Pick<Table, 'query'>,
  from: number,
  to: number,
  reach: Reach = '*',
): Promise<IncidentFigures> => {
  const { incidents, isComplete } = await incidentsOf(state, from, to, reach);
  return { ...figuresOf(incidents), isComplete };
};

export const figuresOf = (incidents: readonly Incident[]): Omit<IncidentFigures, 'isComplete'> => ({
  opened: incidents.length,
  stillOpen: incidents.filter(({ status }) => status !== 'resolved').length,
  timeToAcknowledge: durationOf(
    incidents.flatMap(({ openedAt, firstAcknowledgedAt: at }) => (at === undefined ? [] : at - openedAt)),
  ),
  timeToResolve: durationOf(
    incidents.flatMap(({ openedAt, resolvedAt: at }) => (at === undefined ? [] : at - openedAt)),
  ),
});

const durationOf = (milliseconds: readonly number[]): Duration => {
  const count = milliseconds.length;
  if (count === 0) return { count, meanSeconds: null, medianSeconds: null };
  const sorted = [...milliseconds].sort((left, right) => left - right);
  const sum = sorted.reduce((total, each) => total + each, 0);
  const [below, above] = [sorted[(count - 1) >> 1] ?? 0, sorted[count >> 1] ?? 0];
  return { count, meanSeconds: sum / count / 1000, medianSeconds: (below + above) / 2 / 1000 };
};

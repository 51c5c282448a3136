import type { DayBar } from '../../health/index.ts';
import type { Overall, PublicState } from './states.ts';

/** A system of the page: what the public may know of one check. */
export type Component = {
  readonly label: string;
  readonly state: PublicState;
  /** Of the last 90 days; null while nothing is known. */
  readonly uptimePercent: number | null;
  /** How much of the time is known in which a look was due; null while none was. */
  readonly coveragePercent: number | null;
  /** Oldest first, today last; days of UTC. */
  readonly bars: readonly DayBar[];
};

export type ComponentGroup = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly components: readonly Component[];
};

export const incidentStates = ['investigating', 'identified', 'resolved'] as const;
export type IncidentState = (typeof incidentStates)[number];

export type Update = {
  /** Unique in the incident; tells nothing. */
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  /** What it brought the incident to; undefined for a text alone. */
  readonly state?: IncidentState | undefined;
  /** A sentence of ours, or what people published, as they wrote it. */
  readonly text: string;
};

export type PublicIncident = {
  /** A short hash. */
  readonly id: string;
  readonly title: string;
  readonly state: IncidentState;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly resolvedAt?: number | undefined;
  /** Labels of the systems that were affected. */
  readonly components: readonly string[];
  /** Newest first. */
  readonly updates: readonly Update[];
};

export type PublicMaintenance = {
  readonly startsAt: number;
  /** Undefined: until further notice. */
  readonly endsAt?: number | undefined;
  readonly isRunning: boolean;
  readonly components: readonly string[];
};

/** How the page presents itself. */
export type PageFace = {
  readonly slug: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly logoUrl?: string | undefined;
  readonly homeUrl?: string | undefined;
  readonly supportUrl?: string | undefined;
  readonly accentColor?: string | undefined;
  readonly timeZone: string;
};

/** All that a page shows. Nothing that is not public gets into it, so that no way out can let it slip. */
export type PublicPage = {
  readonly face: PageFace;
  readonly overall: Overall;
  readonly groups: readonly ComponentGroup[];
  /** Systems beyond `mostComponents`, which are not shown. */
  readonly omitted: number;
  /** Not resolved, newest first. */
  readonly open: readonly PublicIncident[];
  /** Resolved, begun in the last 14 days, newest first. */
  readonly past: readonly PublicIncident[];
  readonly maintenance: readonly PublicMaintenance[];
  /** Epoch ms: when all of this was read. */
  readonly readAt: number;
};

/** One month of a page. */
export type PublicMonth = {
  readonly face: PageFace;
  /** `yyyy-mm`, in the page's time zone. */
  readonly month: string;
  /** The month before and after; undefined where nothing is kept, or it is not there yet. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly incidents: readonly PublicIncident[];
  readonly readAt: number;
};

export const historyDays = 14;
export const barDays = 90;

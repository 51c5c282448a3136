import type { Severity } from '../platform/events.ts';

/** What a channel is told about one alert of an incident. */
export type AlertFacts = {
  readonly alertId: string;
  readonly ruleName: string;
  readonly subject: string;
  readonly state: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly reason: string;
  readonly value: number | null;
  readonly firedAt: number;
  readonly resolvedAt?: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly runbookUrl?: string | undefined;
};

export const announcementKinds = [
  'firing',
  'update',
  'reminder',
  'escalated',
  'acknowledged',
  'unacknowledged',
  'resolved',
  'digest',
  'test',
  'approval',
] as const;
export type AnnouncementKind = (typeof announcementKinds)[number];

/**
 * What is told to a channel about one incident: a picture of the moment it was decided, complete, so that it is right
 * also when it arrives two hours late. `no` grows within an incident; a channel gets them in this order, each once.
 */
export type Announcement = {
  readonly incidentId: string;
  readonly groupKey: string;
  readonly no: number;
  readonly kind: AnnouncementKind;
  /** Epoch ms: when it was decided. */
  readonly at: number;
  readonly severity: Severity;
  readonly deploymentId: string | null;
  readonly title: string;
  /** Also what kind of message it is to those who know two states only. */
  readonly status: 'firing' | 'resolved';
  readonly openedAt: number;
  readonly resolvedAt?: number | undefined;
  /** Who acknowledged or resolved it. */
  readonly by?: string | undefined;
  readonly firing: number;
  readonly resolved: number;
  /** At most ten, the worst first; the numbers above tell how many there are. */
  readonly alerts: readonly AlertFacts[];
  /** A sentence beside the facts: that it goes back and forth, for one. */
  readonly note?: string | undefined;
  /** Of a digest and of a plan: the lines. */
  readonly lines?: readonly string[] | undefined;
  /** Of a plan that waits for people, and of its end: what a person approves, and until when (epoch ms). */
  readonly plan?: { readonly hash: string; readonly approveBy: number } | undefined;
  /** The name of the channel that cannot be reached, when its fallback is told this in its place. */
  readonly inPlaceOf?: string | undefined;
};

export const mostAlertsTold = 10;

/** What stands for an incident where a plan is told: all that is told of one plan belongs together. */
export const planIncidentId = (planHash: string): string => `plan:${planHash}`;
export const planHashIn = (incidentId: string): string | undefined =>
  /^plan:([0-9a-f]{64})$/.exec(incidentId)?.[1];

/** The same to every receiver, so that it can drop repeats: one for each incident and announcement. */
export const dedupeKeyOf = (incidentId: string, no: number): string => `homeostat:${incidentId}:${no}`;
/** What receivers that keep one alert for an incident (PagerDuty, Opsgenie) go by. */
export const incidentDedupeKeyOf = (incidentId: string): string => `homeostat:${incidentId}`;

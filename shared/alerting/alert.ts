import type { Severity } from '../platform/events.ts';
import { bucketOf, sha256 } from '../platform/ids.ts';
import type { Subject } from './subject.ts';

/** A rule that is, or may become, or was true for one subject. An alert that is not there is inactive. */
export type AlertState = 'pending' | 'firing' | 'resolved';

export type HeldAlert = Pick<Alert, 'severity' | 'channels' | 'value' | 'reason' | 'since'>;

export type Alert = {
  /** Of rule and subject: the same again is the same alert. */
  readonly id: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleType: string;
  readonly subject: Subject;
  readonly state: AlertState;
  /**
   * Grows by one with each change of state, severity or, while it fires, channels, never with a mere new value; consumers drop what is not newer. The
   * first is the second in which it began, so that it is newer than all of an item that expired or went away.
   */
  readonly seq: number;
  readonly severity: Severity;
  readonly channels: readonly string[];
  readonly value: number | null;
  readonly reason: string;
  /** Epoch ms: since when the condition holds (pending), without interruption. */
  readonly since: number;
  readonly firedAt?: number | undefined;
  /** Epoch ms: since when the condition does not hold any more while the alert still fires (`keepFiringSeconds`). */
  readonly clearSince?: number | undefined;
  readonly resolvedAt?: number | undefined;
  /** Epoch ms of the newest reading that was written: an older one changes nothing. */
  readonly readAt: number;
  /** A person resolved it although the condition holds: it fires again only after the condition was clear once. */
  readonly isResolvedByHand?: boolean | undefined;
  /**
   * Of a resolved one: the condition holds again, and the cooldown keeps it from firing; what it will fire as once the
   * cooldown is over.
   */
  readonly held?: HeldAlert | undefined;
  /** The incident it belongs to from its firing on; its resolution goes there, too. */
  readonly incidentId?: string | undefined;
  readonly groupKey?: string | undefined;
};

export const alertIdOf = (ruleId: string, subjectKey: string): string =>
  sha256(`${ruleId}\n${subjectKey}`).slice(0, 24);

export const alertFamilies = 8;
/**
 * `ALERTS#<0–7>` / `<ruleId>#<alertId>` in `state`: pending, firing and lately resolved ones; an inactive alert has no
 * item. One query finds the alerts of a rule, and one those of all rules of a deployment, whose ids begin alike; rules of
 * all deployments share a partition, which takes a thousand writes a second, many times what the evaluator's five make.
 */
export const alertKey = (ruleId: string, alertId: string) => ({
  pk: alertPartition(ruleId),
  sk: `${ruleId}#${alertId}`,
});
export const alertPartition = (ruleId: string): string =>
  `ALERTS#${bucketOf(ruleId.slice(0, 8), alertFamilies)}`;

/** An episode: one firing of an alert, what `/alerts/events` lists. Its id tells where it lies. */
export const eventIdOf = (alertId: string, firedAt: number): string => `${sortable(firedAt)}-${alertId}`;

/** `EVENTS#<day>` / `<eventId>` in `state`, 90 days (retentionDays.alertEvents); newest last. Put if its seq is newer. */
export const eventKey = (eventId: string) => ({
  pk: `EVENTS#${new Date(instantIn(eventId)).toISOString().slice(0, 10)}`,
  sk: eventId,
});

/** Epoch ms as nine characters that sort as the numbers do (until the year 5188). */
export const sortable = (instant: number): string => instant.toString(36).padStart(9, '0');
export const instantIn = (id: string): number => Number.parseInt(id.slice(0, 9), 36);

export const timerBuckets = 8;
/**
 * Alerts and incidents whose time comes lie in the sparse index `due` under `TIMER#<0–7>`, at the instant at which they
 * must be looked at again, be it for a deadline or for something that a crash left untold. The notifier wakes them.
 */
export const timerBucketOf = (key: { readonly pk: string; readonly sk: string }): string =>
  `TIMER#${bucketOf(`${key.pk}/${key.sk}`, timerBuckets)}`;

import type { Severity } from '../platform/events.ts';
import type { Alert } from './alert.ts';
import type { EscalationStep, RuleRecord } from './rule.ts';
import type { IncidentWake } from './signal.ts';
import type { Subject } from './subject.ts';

/** How an alert stands, for the incident it belongs to. */
export type MemberAlert = {
  readonly alertId: string;
  readonly eventId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleType: string;
  readonly subject: Subject;
  readonly state: 'firing' | 'resolved';
  readonly seq: number;
  readonly severity: Severity;
  readonly value: number | null;
  readonly reason: string;
  readonly firedAt: number;
  readonly resolvedAt?: number | undefined;
  readonly channels: readonly string[];
  readonly escalation: readonly EscalationStep[];
  readonly runbookUrl?: string | undefined;
  readonly description?: string | undefined;
};

/** What alerts need of incidents. Every call may be made again and changes nothing then. */
export type Incidents = {
  /** Whose alerts this one joins: of the same deployment, of the same rule, of its check's parent. */
  groupOf(rule: RuleRecord, alert: Alert): Promise<string>;
  /** The id of the group's open incident, opened if there is none. */
  join(joining: {
    readonly groupKey: string;
    readonly deploymentId: string | null;
    readonly title: string;
    readonly severity: Severity;
    readonly firedAt: number;
  }): Promise<string>;
  /** Keeps how the alert stands in the incident, unless something newer is kept. */
  putMember(incidentId: string, member: MemberAlert): Promise<void>;
  /** Has the incidents decided anew. */
  wake(wakes: readonly IncidentWake[]): Promise<void>;
};

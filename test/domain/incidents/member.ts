import type { RuleDefinition } from '../../../shared/alerting/index.ts';
import type { IncidentMember } from '../../../shared/incidents/incident.ts';
import type { ChannelRecord } from '../../../shared/notifications/index.ts';
import type { Severity } from '../../../shared/platform/events.ts';

export const channel = (name: string, given: Partial<ChannelRecord['definition']> = {}): ChannelRecord => ({
  id: `id-${name}`,
  definition: { name, type: 'webhook', config: {}, tellsResolved: true, isActive: true, ...given },
  revision: 1,
  managedBy: 'api',
  createdAt: 0,
  updatedAt: 0,
});

export type Alerting = {
  readonly severity?: Severity;
  readonly channels?: readonly string[];
  readonly escalation?: RuleDefinition['escalation'];
  readonly deploymentId?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly parent?: string;
  readonly rule?: string;
  readonly groupBy?: RuleDefinition['groupBy'];
  readonly reason?: string;
};

/** An alert of a test, by name, as the evaluator puts it into its incident. */
export const memberOf = (
  name: string,
  seq: number,
  stands: 'firing' | 'resolved',
  alerting: Alerting,
  { firedAt, at }: { readonly firedAt: number; readonly at: number },
): IncidentMember => {
  const { deploymentId = 'shop', severity = 'error', rule = 'Service Down' } = alerting;
  return {
    alertId: `alert-${name}`,
    eventId: `event-${name}`,
    ruleId: `rule-${rule}`,
    ruleName: rule,
    ruleType: 'downtime',
    subject: {
      key: `check:${name}`,
      deploymentId,
      name,
      labels: { check: name, ...alerting.labels },
      checkId: name,
      ...(alerting.parent !== undefined && { parentCheckId: alerting.parent }),
    },
    state: stands,
    seq,
    severity,
    value: null,
    reason: alerting.reason ?? `${name} is down`,
    firedAt,
    ...(stands === 'resolved' && { resolvedAt: at }),
    channels: alerting.channels ?? [],
    escalation: alerting.escalation ?? [],
  };
};

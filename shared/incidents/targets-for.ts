import { type ChannelRecord, loadChannels } from '../notifications/index.ts';
import type { Severity } from '../platform/events.ts';
import type { Table } from '../storage/index.ts';
import type { IncidentMember } from './incident.ts';
import { targetsOf } from './routing.ts';
import { readSettings } from './settings-store.ts';

/** What is told although no rule fired: a plan that waits for people. */
export type Telling = {
  readonly deploymentId: string;
  readonly name: string;
  readonly severity: Severity;
  /** What routes may match, besides `deployment`, `subject` and `severity`. */
  readonly labels: Readonly<Record<string, string>>;
};

/** The channels that an alert of this deployment and severity would go to: by the routes, else the default ones. */
export const channelsFor = async (
  state: Pick<Table, 'get' | 'query'>,
  { deploymentId, name, severity, labels }: Telling,
  now: number,
): Promise<readonly ChannelRecord[]> => {
  const [settings, channels] = await Promise.all([readSettings(state), loadChannels(state)]);
  const subject = { key: `remediation:${name}`, deploymentId, name, labels };
  const asMember: IncidentMember = {
    alertId: subject.key,
    eventId: subject.key,
    ruleId: 'remediation',
    ruleName: 'remediation',
    ruleType: 'remediation',
    subject,
    state: 'firing',
    seq: 1,
    severity,
    value: null,
    reason: name,
    firedAt: now,
    channels: [],
    escalation: [],
  };
  const targets = await targetsOf(asMember, settings, channels, now);
  return channels.filter(({ id }) => targets.channels.includes(id));
};

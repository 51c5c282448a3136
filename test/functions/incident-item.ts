import { randomUUID } from 'node:crypto';
import { alertIdOf, alertKey, eventIdOf } from '../../shared/alerting/alert.ts';
import { keepEvent } from '../../shared/alerting/events-store.ts';
import { ruleIdOf } from '../../shared/alerting/rule.ts';
import { joinIncident, putMember } from '../../shared/incidents/join.ts';
import type { Table } from '../../shared/storage/index.ts';

/** An incident of a deployment, with one alert that fires and its event: their ids. */
export const putIncident = async (
  state: Table,
  deploymentId: string,
  name: string,
): Promise<{ readonly incident: string; readonly event: string }> => {
  const firedAt = Date.now();
  const ruleId = ruleIdOf(deploymentId, name);
  const subject = { key: `check:${name}`, deploymentId, name, labels: { check: name } };
  const alertId = alertIdOf(ruleId, subject.key);
  const facts = { alertId, ruleId, ruleName: name, ruleType: 'downtime', subject, state: 'firing' } as const;
  const seen = { seq: 1, severity: 'critical', value: null, reason: `${name} is down`, firedAt } as const;
  const incident = await joinIncident(
    { state, clock: () => firedAt, newId: randomUUID },
    { groupKey: `subject:${subject.key}`, deploymentId, title: name, severity: 'critical', firedAt },
  );
  const event = eventIdOf(alertId, firedAt);
  await putMember(state, incident, { ...facts, ...seen, eventId: event, channels: [], escalation: [] });
  await keepEvent(state, {
    ...facts,
    ...seen,
    id: event,
    alert: alertKey(ruleId, alertId),
    deploymentId,
    incidentId: incident,
  });
  return { incident, event };
};

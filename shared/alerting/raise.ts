import type { Bus } from '../platform/aws/bus.aws.ts';
import { type Clock, toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { NewId } from '../platform/ids.ts';
import { inParallel } from '../platform/in-parallel.ts';
import type { Table } from '../storage/table.ts';
import { type Alert, eventIdOf } from './alert.ts';
import { type StoredAlert, settleLeft } from './alerts-store.ts';
import { eventOf, keepEvent } from './events-store.ts';
import type { Incidents, MemberAlert } from './incidents-port.ts';
import type { Advanced } from './lifecycle.ts';
import { noteTriggered } from './registry.ts';
import type { RuleRecord } from './rule.ts';
import type { IncidentWake } from './signal.ts';

export type RaiseTools = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
  /** Days that episodes are kept. */
  readonly eventDays?: number | undefined;
  /** Told when the bus did not take events: they lie in the alerts, and the notifier has them sent again. */
  readonly onUntold: (error: Error) => void;
};

/** A written alert with the rule as it was judged; a rule that is gone has nothing to say to people any more. */
export type Raised = { readonly stored: StoredAlert; readonly rule: RuleRecord | undefined };

/** How the alert stands, for its incident; undefined for one that never fired. */
export const memberOf = (alert: Alert, rule: RuleRecord | undefined): MemberAlert | undefined => {
  if (alert.state === 'pending' || alert.firedAt === undefined) return undefined;
  const { runbookUrl, description, escalation = [] } = rule?.definition ?? {};
  return {
    alertId: alert.id,
    eventId: eventIdOf(alert.id, alert.firedAt),
    ruleId: alert.ruleId,
    ruleName: alert.ruleName,
    ruleType: alert.ruleType,
    subject: alert.subject,
    state: alert.state,
    seq: alert.seq,
    severity: alert.severity,
    value: alert.value,
    reason: alert.reason,
    firedAt: alert.firedAt,
    ...(alert.resolvedAt !== undefined && { resolvedAt: alert.resolvedAt }),
    channels: alert.channels,
    escalation,
    ...(runbookUrl !== undefined && { runbookUrl }),
    ...(description !== undefined && { description }),
  };
};

/** The event of a change; its id is the same whenever the change is told again. */
export const stateChanged = (
  alert: Alert,
  { from, reason }: Pick<Advanced, 'from' | 'reason'>,
  now: number,
  { accountId, region }: Place,
): HomeostatEvent => {
  const eventId = eventIdOf(alert.id, alert.firedAt ?? alert.since);
  return {
    type: 'alert.state_changed',
    detail: {
      id: `alert:${eventId}@${alert.seq}`,
      at: toIso(now),
      accountId,
      region,
      alertId: alert.id,
      eventId,
      ruleId: alert.ruleId,
      ruleName: alert.ruleName,
      type: alert.ruleType,
      deploymentId: alert.subject.deploymentId,
      subject: alert.subject.key,
      severity: alert.severity,
      from,
      to: alert.state,
      value: alert.value,
      reason,
      labels: { ...alert.subject.labels },
      incidentId: alert.incidentId ?? null,
    },
  };
};

const atOnce = 8;

/**
 * Does what follows from written alerts, and notes that it is done: their incidents know of them and are decided anew,
 * their episodes are kept, their events are on the bus. Each step may be repeated; whoever is killed between leaves the
 * alert due, and the notifier has it done again. Throws what incidents or tables throw; an absent bus only waits. Returns
 * those of which anything was left, as they are then.
 */
export const tellAlerts = async (
  all: readonly Raised[],
  tools: RaiseTools,
): Promise<readonly StoredAlert[]> => {
  const waiting = all.filter(({ stored }) => stored.isUntold || stored.unsent.length > 0);
  if (waiting.length === 0) return [];
  const wakes = new Map<string, IncidentWake>();
  await inParallel(waiting, atOnce, async (raised) => {
    const wake = await tellIncident(raised, tools);
    if (wake) wakes.set(wake.incidentId, wake);
  });
  await noteAllTriggered(waiting, tools);
  if (wakes.size > 0) await tools.incidents.wake([...wakes.values()]);
  const taken = await publish(
    waiting.flatMap(({ stored }) => stored.unsent),
    tools,
  );
  const told: StoredAlert[] = [];
  await inParallel(waiting, atOnce, async ({ stored }) => {
    const unsent = stored.unsent.filter(({ detail }) => !taken.has(detail.id));
    const left = { unsent, isUntold: false, wakeAt: stored.wakeAt };
    await settleLeft(tools.state, stored, left, tools.clock());
    told.push({ ...stored, ...left });
  });
  return told;
};

const tellIncident = async (
  { stored, rule }: Raised,
  { state, incidents, eventDays }: RaiseTools,
): Promise<IncidentWake | undefined> => {
  const { alert, key, isUntold } = stored;
  const member = alert && isUntold ? memberOf(alert, rule) : undefined;
  if (!alert || !member) return undefined;
  const event = eventOf(key, alert);
  const { incidentId, groupKey } = alert;
  await Promise.all([
    incidentId === undefined ? undefined : incidents.putMember(incidentId, member),
    event && keepEvent(state, event, eventDays),
  ]);
  return incidentId === undefined || groupKey === undefined ? undefined : { incidentId, groupKey };
};

/** Once a rule, however many of its alerts began to fire: all of them would write one item (fault 8). */
const noteAllTriggered = async (all: readonly Raised[], { state }: RaiseTools): Promise<void> => {
  const latest = new Map<string, number>();
  for (const { stored } of all) {
    const { alert, isUntold } = stored;
    if (!isUntold || alert?.state !== 'firing' || alert.firedAt === undefined) continue;
    latest.set(alert.ruleId, Math.max(alert.firedAt, latest.get(alert.ruleId) ?? 0));
  }
  await Promise.all([...latest].map(([ruleId, at]) => noteTriggered(state, ruleId, at)));
};

const publish = async (
  events: readonly HomeostatEvent[],
  { bus, onUntold }: RaiseTools,
): Promise<Set<string>> => {
  if (events.length === 0) return new Set();
  try {
    return new Set(await bus.publish(events));
  } catch (error) {
    onUntold(error as Error);
    return new Set();
  }
};

import type { Severity } from '../platform/events.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Key, Table } from '../storage/table.ts';
import { type Alert, eventIdOf, eventKey } from './alert.ts';
import type { Subject } from './subject.ts';

/** An episode: one firing of an alert until its resolution, as `/alerts/events` shows it. */
export type AlertEvent = {
  readonly id: string;
  readonly alertId: string;
  /** Where the alert itself lies, for those who resolve it by hand. */
  readonly alert: Key;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleType: string;
  readonly deploymentId: string | null;
  readonly subject: Subject;
  readonly state: 'firing' | 'resolved';
  readonly seq: number;
  readonly severity: Severity;
  readonly value: number | null;
  readonly reason: string;
  /** Epoch ms. */
  readonly firedAt: number;
  readonly resolvedAt?: number | undefined;
  readonly isResolvedByHand?: boolean | undefined;
  readonly incidentId?: string | undefined;
};

/** The episode an alert is in, or was in last; undefined for one that never fired. */
export const eventOf = (key: Key, alert: Alert): AlertEvent | undefined => {
  if (alert.firedAt === undefined || alert.state === 'pending') return undefined;
  return {
    id: eventIdOf(alert.id, alert.firedAt),
    alertId: alert.id,
    alert: { pk: key.pk, sk: key.sk },
    ruleId: alert.ruleId,
    ruleName: alert.ruleName,
    ruleType: alert.ruleType,
    deploymentId: alert.subject.deploymentId,
    subject: alert.subject,
    state: alert.state,
    seq: alert.seq,
    severity: alert.severity,
    value: alert.value,
    reason: alert.reason,
    firedAt: alert.firedAt,
    ...(alert.resolvedAt !== undefined && { resolvedAt: alert.resolvedAt }),
    ...(alert.isResolvedByHand && { isResolvedByHand: true }),
    ...(alert.incidentId !== undefined && { incidentId: alert.incidentId }),
  };
};

export const fromEventItem = (item: Item): AlertEvent => {
  const { pk: _pk, sk: _sk, v: _v, expiresAt: _expires, ...event } = item;
  return event as unknown as AlertEvent;
};

/** How long episodes are kept where the stack does not say. */
export const usualEventDays = 90;

/** Keeps the episode as it is now. What an older state says never overwrites a newer one, however late it comes. */
export const keepEvent = async (
  state: Pick<Table, 'put'>,
  event: AlertEvent,
  retentionDays: number = usualEventDays,
): Promise<void> => {
  const item = {
    ...eventKey(event.id),
    v: 1,
    ...event,
    expiresAt: Math.floor(event.firedAt / 1000) + retentionDays * 86_400,
  } as unknown as Item;
  try {
    await state.put(item, { below: { seq: event.seq } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

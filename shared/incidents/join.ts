import type { Clock } from '../platform/clock.ts';
import type { Severity } from '../platform/events.ts';
import type { NewId } from '../platform/ids.ts';
import { writeVersion } from '../platform/outbox/index.ts';
import { ConditionFailed, type Item, type Table, type Value } from '../storage/index.ts';
import { deploymentOfGroup } from './group.ts';
import {
  firesKey,
  groupKeyItem,
  type IncidentMember,
  incidentIdOf,
  keptSeconds,
  memberKey,
  newIncident,
  reopenWithinMs,
} from './incident.ts';
import { noneLeft } from './left.ts';
import { loadIncident, redoneAfterMs, writeIncident } from './store.ts';

export type JoinTools = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
};

export type Joining = {
  readonly groupKey: string;
  readonly deploymentId: string | null;
  /** What the incident is called if it is a new one. */
  readonly title: string;
  readonly severity: Severity;
  /** Epoch ms. */
  readonly firedAt: number;
};

/** Each conflict means that another one opened it, so few rounds are ever needed. */
const maximumRounds = 12;

/**
 * The incident that an alert of this group belongs to: the one that is open, or was resolved less than ten minutes ago
 * (the decider reopens it when it sees the member), else a new one. Concurrent callers get the same. A call that was
 * killed is simply done again: what `GROUP#` names and is not there yet is made by whoever comes next.
 */
export const joinIncident = async (tools: JoinTools, joining: Joining): Promise<string> => {
  const { state, newId } = tools;
  for (let round = 0; round < maximumRounds; round++) {
    const now = tools.clock();
    const group = await state.get(groupKeyItem(joining.groupKey), { consistent: true });
    const current = group && (await currentOf(tools, joining, group, now));
    if (current !== undefined) return current;
    const incidentId = incidentIdOf(joining.firedAt, newId());
    const claimed = await writeVersion(state, {
      key: groupKeyItem(joining.groupKey),
      expected: group && Number(group.revision),
      fields: {
        incidentId,
        openedAt: joining.firedAt,
        revision: Number(group?.revision ?? 0) + 1,
        expiresAt: Math.floor(now / 1000) + keptSeconds,
      },
      attempt: newId(),
      now,
    });
    if (claimed === 'written') {
      await open(tools, joining, incidentId, now);
      return incidentId;
    }
  }
  throw new Error(`the group ${joining.groupKey} changed under ${maximumRounds} tries to join it`);
};

/** The incident that the group names, if it can still be joined. */
const currentOf = async (
  tools: JoinTools,
  joining: Joining,
  group: Item,
  now: number,
): Promise<string | undefined> => {
  const incidentId = String(group.incidentId);
  const stored = await loadIncident(tools.state, incidentId);
  if (!stored) {
    // Whoever claimed the group was killed before it opened the incident; or it opened, ended and expired long ago.
    if (Number(group.openedAt) < now - keptSeconds * 1000) return undefined;
    await open(tools, joining, incidentId, now);
    return incidentId;
  }
  const { resolvedAt } = stored.incident;
  return resolvedAt === undefined || now - resolvedAt <= reopenWithinMs ? incidentId : undefined;
};

const open = async (
  { state, newId }: JoinTools,
  { groupKey, deploymentId, title, severity, firedAt }: Joining,
  id: string,
  now: number,
): Promise<void> => {
  const given = { id, groupKey, title, severity, openedAt: firedAt };
  const fresh = newIncident({ ...given, deploymentId: deploymentOfGroup(groupKey, deploymentId) });
  // Were the message lost that has it decided, the notifier would.
  const incident = { ...fresh, wakeAt: now + redoneAfterMs };
  // A conflict says that another one opened it: the same group, the same incident.
  await writeIncident(state, incident, noneLeft, { attempt: newId(), now });
};

/**
 * Keeps how an alert of the incident stands, unless something newer is known: repeats and late ones change nothing. Also
 * keeps, for its check's children, that the check is in trouble, and in which incident.
 */
export const putMember = async (
  state: Pick<Table, 'put'>,
  incidentId: string,
  member: IncidentMember,
): Promise<void> => {
  const { alertId, seq } = member;
  const resolvedAt = member.state === 'resolved' ? (member.resolvedAt ?? member.firedAt) : undefined;
  const expiring = (seconds: number) =>
    resolvedAt === undefined ? {} : { expiresAt: Math.floor(resolvedAt / 1000) + seconds };
  const value = member as unknown as Value;
  const item = { ...memberKey(incidentId, alertId), v: 1, member: value, seq, ...expiring(keptSeconds) };
  await putIfNewer(state, item, seq);
  const { checkId } = member.subject;
  if (checkId === undefined) return;
  const { state: stands, ruleType } = member;
  const fires = { v: 1, seq, incidentId, state: stands, ruleType, ...expiring(firesKeptSeconds) };
  await putIfNewer(state, { ...firesKey(checkId, alertId), ...fires }, seq);
};

/** Longer than any late repeat that could otherwise bring back what is over. */
const firesKeptSeconds = 31 * 86_400;

const putIfNewer = async (state: Pick<Table, 'put'>, item: Item, seq: number): Promise<void> => {
  try {
    await state.put(item, { below: { seq } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

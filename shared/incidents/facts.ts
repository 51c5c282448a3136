import { type AlertFacts, type Announcement, mostAlertsTold } from '../notifications/index.ts';
import type { Draft } from './draft.ts';
import { rankOf } from './draft.ts';
import type { IncidentMember } from './incident.ts';
import { labelsOf } from './muting.ts';

const factsOf = (member: IncidentMember): AlertFacts => ({
  alertId: member.alertId,
  ruleName: member.ruleName,
  subject: member.subject.name,
  state: member.state,
  severity: member.severity,
  reason: member.reason,
  value: member.value,
  firedAt: member.firedAt,
  ...(member.resolvedAt !== undefined && { resolvedAt: member.resolvedAt }),
  labels: labelsOf(member),
  ...(member.runbookUrl !== undefined && { runbookUrl: member.runbookUrl }),
});

/** Those that fire first, the worst of them first, then the one that fires longest. */
const byWeight = (left: IncidentMember, right: IncidentMember): number =>
  Number(right.state === 'firing') - Number(left.state === 'firing') ||
  rankOf(right.severity) - rankOf(left.severity) ||
  left.firedAt - right.firedAt ||
  (left.alertId < right.alertId ? -1 : 1);

/**
 * Puts into the draft that these channels are told. It shows what channels know of: members that are muted, held back or
 * mere information are neither named nor counted.
 */
export const tell = (
  draft: Draft,
  members: readonly IncidentMember[],
  given: Pick<Announcement, 'kind' | 'status'> & Partial<Pick<Announcement, 'by' | 'note' | 'severity'>>,
  channels: readonly string[],
): void => {
  if (channels.length === 0) return;
  const { incident, now } = draft;
  const over = new Set(incident.over);
  const shown = members
    .filter(
      ({ alertId, state }) =>
        Object.hasOwn(incident.told, alertId) || (state === 'resolved' && over.has(alertId)),
    )
    .sort(byWeight);
  const firing = shown.filter(({ state }) => state === 'firing').length;
  const no = incident.announcementNo + 1;
  draft.set({ announcementNo: no });
  draft.handing.push({
    channels,
    announcement: {
      incidentId: incident.id,
      groupKey: incident.groupKey,
      no,
      at: now,
      severity: incident.toldSeverity ?? incident.severity,
      deploymentId: incident.deploymentId,
      title: incident.title,
      openedAt: incident.roundAt,
      ...(given.status === 'resolved' && { resolvedAt: endOf(shown, now) }),
      firing,
      resolved: shown.length - firing,
      alerts: shown.slice(0, mostAlertsTold).map(factsOf),
      ...given,
    },
  });
};

/** When the last of them was resolved. */
export const endOf = (members: readonly IncidentMember[], now: number): number => {
  const ends = members.flatMap(({ state, resolvedAt }) =>
    state === 'resolved' && resolvedAt !== undefined ? [resolvedAt] : [],
  );
  return ends.length === 0
    ? now
    : Math.min(
        now,
        ends.reduce((last, each) => Math.max(last, each)),
      );
};

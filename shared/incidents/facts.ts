import { type AlertFacts, type Announcement, mostAlertsTold } from '../notifications/index.ts';
import type { Draft } from './draft.ts';
import { rankOf } from './draft.ts';
import type { IncidentMember } from './incident.ts';
import { labelsOf } from './muting.ts';

/**
 * What others wrote has no bounds of its own: an alarm of AWS brings fifty tags. Ten alerts of 3 KB are an announcement,
 * of which an incident and a channel keep twenty in items of 400 KB.
 */
const longest = { text: 300, reason: 1000, label: 200, labels: 1500, url: 2000 };

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** As many as there is room for, what people tagged last. */
const boundedLabels = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const kept = new Set<string>();
  let room = longest.labels;
  const isTag = (name: string) => Number(name.startsWith('tag.'));
  for (const name of Object.keys(labels).sort((one, other) => isTag(one) - isTag(other))) {
    const size = name.length + cut(labels[name] ?? '', longest.label).length;
    if (size > room) continue;
    room -= size;
    kept.add(name);
  }
  const entries = Object.entries(labels).filter(([name]) => kept.has(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, cut(value, longest.label)]));
};

const factsOf = (member: IncidentMember): AlertFacts => ({
  alertId: member.alertId,
  ruleName: cut(member.ruleName, longest.text),
  subject: cut(member.subject.name, longest.text),
  state: member.state,
  severity: member.severity,
  reason: cut(member.reason, longest.reason),
  value: member.value,
  firedAt: member.firedAt,
  ...(member.resolvedAt !== undefined && { resolvedAt: member.resolvedAt }),
  labels: boundedLabels(labelsOf(member)),
  // Half a link leads nowhere.
  ...(member.runbookUrl !== undefined &&
    member.runbookUrl.length <= longest.url && { runbookUrl: member.runbookUrl }),
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
      title: cut(incident.title, longest.text),
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

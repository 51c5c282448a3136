import { readableSeconds } from '../platform/duration.ts';
import { affectedChecks } from './affected.ts';
import { type Decision, Draft, listed, type Surroundings, worstOf } from './draft.ts';
import { escalateIfDue } from './escalation.ts';
import { endOf, tell } from './facts.ts';
import type { Incident, IncidentMember } from './incident.ts';
import { bringUpToDate, disarmed } from './telling.ts';
import { countRules, type Tracked, track } from './track.ts';
import { remindAt, wakeAtOf } from './wake-at.ts';

/** An incident that nobody joined so long was left by a run that was killed before its alert joined. */
const emptyMs = 3_600_000;

/**
 * Decides an incident anew from what belongs to it and how things stand. Pure: the same gives the same, nothing changed
 * gives nothing, and what is decided once is never decided a second time, for the incident itself says what was told.
 */
export const decideIncident = (incident: Incident, around: Surroundings): Decision => {
  const draft = new Draft(incident, around.now);
  if (around.members.length === 0) return decideEmpty(draft);
  begin(draft, around.members);
  const tracked = track(draft, around);
  count(draft, around.members, tracked);
  end(draft, around.members);
  bringUpToDate(draft, around, tracked);
  escalateIfDue(draft, around, tracked);
  remind(draft, around, tracked);
  noteUntellable(draft, around, tracked);
  noteAffected(draft, around);
  draft.set({ wakeAt: wakeAtOf(draft, around, tracked) });
  return draft.finish();
};

const decideEmpty = (draft: Draft): Decision => {
  const { incident, now } = draft;
  if (incident.status === 'resolved') return draft.finish();
  if (now < incident.openedAt + emptyMs) {
    draft.set({ wakeAt: incident.openedAt + emptyMs });
    return draft.finish();
  }
  draft.set({ status: 'resolved', resolvedAt: now, wakeAt: undefined });
  draft.note('resolved', 'No alert ever joined it.');
  return draft.finish();
};

/** Says that it was opened, and opens again what was resolved and fires. */
const begin = (draft: Draft, members: readonly IncidentMember[]): void => {
  const { incident, now } = draft;
  if (incident.firing + incident.resolved === 0) {
    draft.note('opened', `Opened: ${incident.title}.`);
    draft.changed('opened');
    // What was over before it was looked at the first time counts as noise all the same.
    draft.set({
      rules: countRules(
        draft,
        members.filter(({ state }) => state === 'resolved'),
      ),
    });
  }
  const firing = members.filter(({ state }) => state === 'firing');
  if (incident.status !== 'resolved' || firing.length === 0) return;
  const firedAt = firing.reduce((first, member) => Math.min(first, member.firedAt), now);
  // Of an end that channels were not told, because it goes back and forth, an acknowledgement and its steps outlast it.
  const goesOn = incident.overSince !== undefined;
  draft.set({
    ...(!goesOn && disarmed),
    status: goesOn && incident.acknowledgedAt !== undefined ? 'acknowledged' : 'open',
    roundAt: Math.max(incident.resolvedAt ?? firedAt, firedAt),
    reopenings: incident.reopenings + 1,
    resolvedAt: undefined,
    resolvedBy: undefined,
  });
  draft.note('reopened', 'It fires again: opened again.');
  draft.changed('reopened');
};

const count = (draft: Draft, members: readonly IncidentMember[], { firing }: Tracked): void => {
  const { incident } = draft;
  const worst = worstOf([...firing.map(({ severity }) => severity), incident.escalatedTo]);
  draft.set({
    firing: firing.length,
    resolved: members.length - firing.length,
    severity: firing.length > 0 && worst !== undefined ? worst : incident.severity,
  });
};

/** It is over when none of its alerts fires, told or not. */
const end = (draft: Draft, members: readonly IncidentMember[]): void => {
  const { incident, now } = draft;
  if (incident.firing > 0 || incident.status === 'resolved') return;
  const resolvedAt = Math.max(incident.openedAt, endOf(members, now));
  draft.set({ status: 'resolved', resolvedAt });
  const lasted = readableSeconds(Math.max(0, Math.round((resolvedAt - incident.roundAt) / 1000)));
  draft.note('resolved', `Resolved after ${lasted}.`, { by: incident.resolvedBy ?? null });
  draft.changed('resolved');
  if (incident.resolvedBy !== undefined) draft.by = incident.resolvedBy;
};

const remind = (draft: Draft, around: Surroundings, tracked: Tracked): void => {
  const { incident, now } = draft;
  const dueAt = remindAt(draft, around, tracked);
  if (dueAt === undefined || now < dueAt) return;
  const routed = tracked.tellable.flatMap(({ alertId }) => around.targets.get(alertId)?.channels ?? []);
  const toldTo = [...new Set([...incident.toldTo, ...routed])];
  tell(draft, around.members, { kind: 'reminder', status: 'firing' }, toldTo);
  draft.note('told', 'Reminded, for nobody acknowledged it.', { channels: toldTo });
  // A reminder says all that an update would.
  draft.set({ toldTo, owed: [], toldAt: now, remindedAt: now });
};

const noteAffected = (draft: Draft, { members, now }: Surroundings): void => {
  const affected = affectedChecks(draft.incident, members, now);
  if (Object.keys(affected).length > 0) draft.set({ affected });
};

/** Once, not each time it is looked at. */
const noteUntellable = (draft: Draft, { targets }: Surroundings, { firing }: Tracked): void => {
  const { incident } = draft;
  const untold = firing.filter(({ alertId }) => incident.held[alertId] === 'channel');
  if (untold.length > 0 && !incident.isUntellable) {
    const missing = [...new Set(untold.flatMap(({ alertId }) => targets.get(alertId)?.missing ?? []))];
    const named = missing.length > 0 ? ` Not there, or not active: ${listed(missing)}.` : '';
    draft.note(
      'untold',
      `Nobody is told, for no channel is there.${named} Set defaultChannels, or name a channel in the rule or a route.`,
    );
  }
  draft.set({ isUntellable: untold.length > 0 || undefined });
};

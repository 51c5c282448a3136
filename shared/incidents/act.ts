import { DomainError } from '../platform/errors.ts';
import { sha256 } from '../platform/ids.ts';
import { type Decision, Draft } from './draft.ts';
import { tell } from './facts.ts';
import type { Incident, IncidentMember } from './incident.ts';

/** What a person says, and who it is. */
export type Act = {
  readonly by: string;
  readonly text?: string | undefined;
  /** Of a comment: status pages show its text, word for word. */
  readonly isPublic?: boolean | undefined;
  readonly now: number;
};

/** Said once more within this time, the same is a repeat of a request. */
const repeatMs = 10 * 60_000;

const saying = (what: string, { text }: Act): string => (text ? `${what}: ${text}` : `${what}.`);

const requireUnresolved = ({ status }: Incident, what: string): void => {
  if (status === 'resolved') {
    throw new DomainError('CONFLICT', `The incident is resolved already: there is nothing to ${what}.`);
  }
};

/** Somebody has it: reminders and escalation stop until it is resolved. Once more changes nothing, whoever says it. */
export const acknowledged = (incident: Incident, members: readonly IncidentMember[], act: Act): Decision => {
  requireUnresolved(incident, 'acknowledge');
  const draft = new Draft(incident, act.now);
  if (incident.status === 'acknowledged') return draft.finish();
  draft.set({
    status: 'acknowledged',
    acknowledgedAt: act.now,
    acknowledgedBy: act.by,
    firstAcknowledgedAt: incident.firstAcknowledgedAt ?? act.now,
    escalateNow: undefined,
  });
  draft.by = act.by;
  draft.changed('acknowledged');
  const { toldTo } = incident;
  draft.note('acknowledged', saying('Acknowledged', act), { by: act.by, channels: toldTo });
  tell(draft, members, { kind: 'acknowledged', status: 'firing', by: act.by }, toldTo);
  return draft.finish();
};

/** Nobody has it any more: reminders and escalation begin anew, with the steps that were not taken. */
export const unacknowledged = (
  incident: Incident,
  members: readonly IncidentMember[],
  act: Act,
): Decision => {
  requireUnresolved(incident, 'give back');
  const draft = new Draft(incident, act.now);
  if (incident.status !== 'acknowledged') return draft.finish();
  const isTold = incident.toldTo.length > 0;
  draft.set({
    status: 'open',
    acknowledgedAt: undefined,
    acknowledgedBy: undefined,
    ...(isTold && { waitingSince: act.now, remindedAt: act.now }),
    // Reminders and steps have instants again, which the decider plans.
    wakeAt: act.now + 1000,
  });
  draft.by = act.by;
  draft.changed('unacknowledged');
  const { toldTo } = incident;
  draft.note('unacknowledged', saying('Given back', act), { by: act.by, channels: toldTo });
  tell(draft, members, { kind: 'unacknowledged', status: 'firing', by: act.by }, toldTo);
  return draft.finish();
};

/** Whether the same was said a moment ago: the repeat of a request changes nothing. Notes it otherwise. */
const isRepeat = (draft: Draft, said: string): boolean => {
  const { incident, now } = draft;
  const key = sha256(said).slice(0, 16);
  if (incident.lastSaid?.key === key && now - incident.lastSaid.at < repeatMs) return true;
  draft.set({ lastSaid: { key, at: now } });
  return false;
};

export const commented = (incident: Incident, act: Act): Decision => {
  const draft = new Draft(incident, act.now);
  // Said among colleagues first, the same may be said to the public after it.
  const what = act.isPublic ? 'publish' : 'comment';
  if (isRepeat(draft, `${what}\n${act.by}\n${act.text ?? ''}`)) return draft.finish();
  draft.set({ commentedAt: incident.commentedAt ?? act.now });
  draft.note(act.isPublic ? 'published' : 'commented', act.text ?? '', { by: act.by });
  return draft.finish();
};

/** Notes who says that it is over; the alerts themselves are resolved after it. `all`: none of its alerts fires then. */
export const resolvedByHand = (
  incident: Incident,
  { closing, all }: { readonly closing: readonly IncidentMember[]; readonly all: boolean },
  act: Act,
): Decision => {
  const draft = new Draft(incident, act.now);
  const [only] = closing;
  const episodes = closing.map(({ eventId }) => eventId).sort();
  if (!only || isRepeat(draft, `resolve\n${act.by}\n${episodes.join()}`)) return draft.finish();
  const what =
    closing.length === 1
      ? `Resolved by hand: «${only.ruleName}» for ${only.subject.name}`
      : `${closing.length} alerts resolved by hand`;
  draft.note('cleared', saying(what, act), {
    by: act.by,
    ...(closing.length === 1 && { alertId: only.alertId }),
  });
  // Were this killed before the alerts are resolved, the incident would only be looked at once more.
  draft.set({ ...(all && { resolvedBy: act.by }), wakeAt: act.now + 1000 });
  return draft.finish();
};

/** Wants the next step now; the decider takes it. `isLeft`: there is one. */
export const escalatedByHand = (incident: Incident, isLeft: boolean, act: Act): Decision => {
  requireUnresolved(incident, 'escalate');
  const draft = new Draft(incident, act.now);
  if (incident.escalateNow) return draft.finish();
  if (!isLeft) {
    throw new DomainError(
      'CONFLICT',
      'No step of the escalation is left. Give the rule, or the alerting settings, an escalation with a further step.',
    );
  }
  draft.set({ escalateNow: { by: act.by, at: act.now }, wakeAt: act.now + 1000 });
  if (act.text) draft.note('commented', saying('Escalated by hand', act), { by: act.by });
  return draft.finish();
};

import type { EscalationStep } from '../alerting/index.ts';
import { type Draft, listed, rankOf, type Surroundings, worstOf } from './draft.ts';
import { tell } from './facts.ts';
import type { Incident, IncidentMember } from './incident.ts';
import { resolveChannels } from './routing.ts';
import type { AlertingSettings } from './settings.ts';
import type { Tracked } from './track.ts';

/** By what a step is known again, wherever it stands. */
const keyOf = ({ afterSeconds, channels, severity }: EscalationStep): string =>
  `${afterSeconds}|${[...channels].sort().join(',')}|${severity ?? ''}`;

/**
 * The steps for these alerts, soonest first: of each alert its rule's own, and those of the settings where a rule has
 * none. Several alerts may bring the same step: it is one.
 */
export const stepsOf = (
  members: readonly Pick<IncidentMember, 'escalation'>[],
  settings: Pick<AlertingSettings, 'escalation'>,
): readonly EscalationStep[] => {
  const steps = new Map<string, EscalationStep>();
  for (const { escalation } of members) {
    for (const step of escalation.length > 0 ? escalation : settings.escalation) steps.set(keyOf(step), step);
  }
  return [...steps.values()].sort(
    (left, right) => left.afterSeconds - right.afterSeconds || (keyOf(left) < keyOf(right) ? -1 : 1),
  );
};

export const stepsLeft = (
  { escalated }: Pick<Incident, 'escalated'>,
  members: readonly Pick<IncidentMember, 'escalation'>[],
  settings: Pick<AlertingSettings, 'escalation'>,
): readonly EscalationStep[] => stepsOf(members, settings).filter((step) => !escalated.includes(keyOf(step)));

/** Members that channels know of and nothing holds back now: what reminders and escalation are about. */
export const ringing = ({ incident }: Draft, { tellable }: Tracked): readonly IncidentMember[] =>
  incident.toldTo.length === 0 || incident.overSince !== undefined
    ? []
    : tellable.filter(({ alertId }) => Object.hasOwn(incident.told, alertId));

const dueAtOf = ({ waitingSince = 0 }: Incident, { afterSeconds }: EscalationStep): number =>
  waitingSince + afterSeconds * 1000;

/** When the next step is due; undefined while nobody waits for an acknowledgement. */
export const nextStepAt = (draft: Draft, around: Surroundings, tracked: Tracked): number | undefined => {
  const { incident } = draft;
  if (incident.status !== 'open' || incident.waitingSince === undefined) return undefined;
  const [next] = stepsLeft(incident, ringing(draft, tracked), around.settings);
  return next && dueAtOf(incident, next);
};

/** Takes each step whose time has come while nobody acknowledged, and the next one if somebody wants it now. */
export const escalateIfDue = (draft: Draft, around: Surroundings, tracked: Tracked): void => {
  const { incident, now } = draft;
  const { escalateNow } = incident;
  const isWaiting = incident.status === 'open' && incident.waitingSince !== undefined;
  const left = stepsLeft(incident, ringing(draft, tracked), around.settings);
  const due = left.filter((step) => isWaiting && dueAtOf(incident, step) <= now);
  const [first] = left;
  if (escalateNow && due.length === 0 && first) due.push(first);
  if (escalateNow) draft.set({ escalateNow: undefined });
  if (due.length === 0) {
    // Somebody was told «yes» when they asked: what became of it must stand somewhere.
    if (escalateNow)
      draft.note('held', 'Not escalated: nothing of it rings any more, or no step is left.', {
        by: escalateNow.by,
      });
    return;
  }
  const { channels, missing } = resolveChannels(
    due.flatMap((step) => step.channels),
    around.channels,
  );
  for (const name of missing) draft.note('untold', `The channel ${name} is not there, or not active.`);
  const escalatedTo = worstOf([incident.escalatedTo, ...due.map(({ severity }) => severity)]);
  const known = incident.toldSeverity ?? incident.severity;
  const severity = worstOf([known, escalatedTo]) ?? known;
  const isWorse = rankOf(severity) > rankOf(known);
  // Where it got worse, or the step names nobody who is there, those who know hear of it, too.
  const hear = isWorse || channels.length === 0 ? [...incident.toldTo, ...channels] : channels;
  const everyone = [...new Set(hear)];
  draft.set({
    escalationStep: incident.escalationStep + due.length,
    escalated: [...incident.escalated, ...due.map(keyOf)],
    escalatedTo,
    severity: worstOf([incident.severity, escalatedTo]) ?? incident.severity,
    toldSeverity: severity,
  });
  const by = escalateNow ? { by: escalateNow.by } : {};
  tell(draft, around.members, { kind: 'escalated', status: 'firing', ...by }, everyone);
  draft.set({
    toldTo: [...new Set([...incident.toldTo, ...channels])],
    ...(isWorse && { remindedAt: now }),
  });
  draft.changed('escalated');
  if (escalateNow) draft.by = escalateNow.by;
  draft.note('escalated', textOf(due, around, escalateNow !== undefined), {
    channels: everyone,
    by: escalateNow?.by ?? null,
  });
};

const textOf = (due: readonly EscalationStep[], { channels }: Surroundings, isByHand: boolean): string => {
  const names = due
    .flatMap((step) => step.channels)
    .map((named) => channels.find(({ id }) => id === named)?.definition.name ?? named);
  const to = names.length > 0 ? ` to ${listed(names)}` : '';
  return isByHand ? `Escalated${to} by hand.` : `Nobody acknowledged it: escalated${to}.`;
};

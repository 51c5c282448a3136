import type { Severity } from '../platform/events.ts';
import { type Draft, rankOf, type Surroundings, worstOf } from './draft.ts';
import { tell } from './facts.ts';
import type { IncidentMember } from './incident.ts';
import type { Tracked } from './track.ts';

/** The queue of incidents delays each message so long: a group wait up to it needs nothing more. */
export const queueWaitSeconds = 5;
const hourMs = 3_600_000;
/** Fired again so often within an hour after its end was told: it goes back and forth. */
const flappingTurns = 3;

export const intervalMs = ({ settings }: Surroundings): number => settings.groupIntervalSeconds * 1000;

/** Until when the group wait lasts; undefined when it is over, or the queue's own delay was enough. */
export const waitEndsAt = ({ incident, now }: Draft, { settings }: Surroundings): number | undefined => {
  if (incident.toldTo.length > 0 || settings.groupWaitSeconds <= queueWaitSeconds) return undefined;
  const endsAt = incident.roundAt + settings.groupWaitSeconds * 1000;
  return now < endsAt ? endsAt : undefined;
};

/** Since when it stands as it does, of one that goes back and forth. */
export const stoodSince = ({ overSince, turns, flappingSince }: Draft['incident']): number =>
  overSince ?? Math.max(turns.at(-1) ?? 0, flappingSince ?? 0);

/**
 * Brings what channels know to what is true. A channel that knows nothing yet is told at once; one that does is owed an
 * update, which gathers what happens until the group interval is over, but comes at once when it is worse than told or
 * a silence ended. When nothing that was told fires any more, that is told: to every channel that knew, and to no other.
 */
export const bringUpToDate = (draft: Draft, around: Surroundings, tracked: Tracked): void => {
  if (waitEndsAt(draft, around) !== undefined) return;
  const wasTelling = draft.incident.toldTo.length > 0;
  const taken = takeUp(draft, around, tracked);
  const isTelling = Object.keys(draft.incident.told).length > 0;
  if (!isTelling) {
    if (wasTelling) tellEnd(draft, around);
    return;
  }
  if (!wasTelling || draft.incident.overSince !== undefined) turnBack(draft);
  endFlapping(draft, around);
  tellNewcomers(draft, around, taken, wasTelling);
  if (wasTelling) tellUpdate(draft, around, taken, taken.isWorse || tracked.isReleased);
};

type Taken = {
  /** Channels that know nothing yet. */
  readonly newcomers: readonly string[];
  /** The worst that may be told of; what is muted now does not ring, and what channels know of it stays. */
  readonly worst: Severity | undefined;
  readonly isWorse: boolean;
};

/** Takes what is fresh into what is told, and notes who is owed an update. */
const takeUp = (draft: Draft, around: Surroundings, { fresh, tellable, cleared }: Tracked): Taken => {
  const { incident } = draft;
  const told = { ...incident.told };
  const held = { ...incident.held };
  const owed = new Set(incident.owed);
  const newcomers = new Set<string>();
  for (const member of fresh) {
    told[member.alertId] = member.seq;
    delete held[member.alertId];
    for (const channel of channelsOf(member, around)) {
      if (!incident.toldTo.includes(channel)) newcomers.add(channel);
      else owed.add(channel);
    }
  }
  for (const member of cleared) {
    const known = channelsOf(member, around).filter((channel) => incident.toldTo.includes(channel));
    for (const channel of known.length > 0 ? known : incident.toldTo) owed.add(channel);
  }
  const known = incident.toldSeverity;
  const worst =
    tellable.length > 0
      ? worstOf([...tellable.map(({ severity }) => severity), incident.escalatedTo])
      : (known ?? incident.escalatedTo);
  if (worst !== known) for (const channel of incident.toldTo) owed.add(channel);
  draft.set({ told, held, owed: [...owed] });
  noteMissing(draft, fresh, around);
  const isWorse = known !== undefined && worst !== undefined && rankOf(worst) > rankOf(known);
  return { newcomers: [...newcomers], worst, isWorse };
};

const channelsOf = ({ alertId }: IncidentMember, { targets }: Surroundings): readonly string[] =>
  targets.get(alertId)?.channels ?? [];

const noteMissing = (draft: Draft, fresh: readonly IncidentMember[], { targets }: Surroundings): void => {
  const missing = new Set(fresh.flatMap(({ alertId }) => targets.get(alertId)?.missing ?? []));
  for (const name of missing) draft.note('untold', `The channel ${name} is not there, or not active.`);
};

/** Something fires again of which channels were told, or were to be told, that it is over. */
const turnBack = (draft: Draft): void => {
  const { incident, now } = draft;
  if (incident.toldAt === undefined) return;
  const turns = [...incident.turns, now].slice(-flappingTurns);
  const recent = turns.filter((at) => at > now - hourMs);
  const isFlapping = incident.flappingSince !== undefined || recent.length >= flappingTurns;
  draft.set({
    turns,
    overSince: undefined,
    ...(isFlapping && { flappingSince: incident.flappingSince ?? now }),
  });
  if (isFlapping && incident.flappingSince === undefined) {
    draft.note('flapping', `${flappingNote} Channels are told when it stands still.`);
  }
};

const flappingNote = `It goes back and forth: it fired again ${flappingTurns} times within an hour.`;

/** It stood as it does for a group interval: what happens next is told again. */
const endFlapping = (draft: Draft, around: Surroundings): void => {
  const { incident, now } = draft;
  if (incident.flappingSince === undefined || now - stoodSince(incident) < intervalMs(around)) return;
  draft.set({ flappingSince: undefined });
};

const tellNewcomers = (
  draft: Draft,
  { members }: Surroundings,
  { newcomers, worst }: Taken,
  wasTelling: boolean,
): void => {
  if (newcomers.length === 0) return;
  const { incident, now } = draft;
  const isJustFlapping = incident.flappingSince === now;
  const note = isJustFlapping ? { note: `${flappingNote} You are told when it stands still.` } : {};
  const severity = worst ?? incident.severity;
  if (!wasTelling) draft.set({ toldSeverity: severity });
  tell(draft, members, { kind: 'firing', status: 'firing', severity, ...note }, newcomers);
  draft.note('told', 'Told as firing.', { channels: newcomers });
  draft.set({
    toldTo: [...incident.toldTo, ...newcomers],
    ...(!wasTelling && { toldAt: now, remindedAt: now, waitingSince: now, owed: [] }),
  });
};

const tellUpdate = (draft: Draft, around: Surroundings, { worst }: Taken, isUrgent: boolean): void => {
  const { incident, now } = draft;
  const { members } = around;
  const owed = incident.owed.filter((channel) => incident.toldTo.includes(channel));
  if (owed.length === 0) return;
  const isDue = incident.flappingSince === undefined && now >= (incident.toldAt ?? 0) + intervalMs(around);
  if (!isDue && !isUrgent) return;
  if (worst !== undefined) draft.set({ toldSeverity: worst });
  tell(draft, members, { kind: 'update', status: 'firing' }, owed);
  draft.note('told', 'Told what changed.', { channels: owed });
  const isToAll = owed.length === incident.toldTo.length;
  draft.set({ owed: [], toldAt: now, ...(isToAll && { remindedAt: now }) });
};

/** Nothing that was told fires any more. Of one that goes back and forth that waits until it stood so for a group interval. */
const tellEnd = (draft: Draft, around: Surroundings): void => {
  const { incident, now } = draft;
  if (incident.flappingSince !== undefined) {
    const overSince = incident.overSince ?? now;
    draft.set({ overSince });
    if (now - overSince < intervalMs(around)) return;
  }
  const by = incident.resolvedBy === undefined ? {} : { by: incident.resolvedBy };
  tell(draft, around.members, { kind: 'resolved', status: 'resolved', ...by }, incident.toldTo);
  draft.note('told', 'Told as resolved.', { channels: incident.toldTo });
  draft.set({
    // What fires on is muted or mere information: what people acknowledged is over.
    ...(incident.firing > 0 && { ...disarmed, status: 'open' as const }),
    toldTo: [],
    owed: [],
    over: [],
    toldAt: now,
    toldSeverity: undefined,
    waitingSince: undefined,
    remindedAt: undefined,
    overSince: undefined,
    flappingSince: undefined,
  });
};

/** Nobody has it, and no step of the escalation was taken. */
export const disarmed = {
  acknowledgedAt: undefined,
  acknowledgedBy: undefined,
  resolvedBy: undefined,
  escalationStep: 0,
  escalated: [],
  escalatedTo: undefined,
  escalateNow: undefined,
} as const;

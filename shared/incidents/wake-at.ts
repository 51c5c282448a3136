import type { Draft, Surroundings } from './draft.ts';
import { nextStepAt, ringing } from './escalation.ts';
import { reopenWithinMs } from './incident.ts';
import { intervalMs, stoodSince, waitEndsAt } from './telling.ts';
import type { Tracked } from './track.ts';

const minuteMs = 60_000;
/**
 * An open incident is looked at so often, whatever happens, and one that is resolved once more when nothing can join it any
 * longer: a wake that ended among the dead letters delays what is to be told, and loses nothing. A cent a month each.
 */
const lookMs = 15 * minuteMs;

/**
 * When time alone changes something: the earliest of all ends that an incident waits for, undefined when none is left.
 * While something is muted or its parent is down it is looked at each minute: a window may end, a silence be ended
 * early, a parent recover, and none of these knows who waits for it.
 */
export const wakeAtOf = (draft: Draft, around: Surroundings, tracked: Tracked): number | undefined => {
  const { incident, now } = draft;
  const interval = intervalMs(around);
  const ends: (number | undefined)[] = [];
  ends.push(incident.status === 'resolved' ? lastLookAt(draft) : usualLookAt(draft));
  ends.push(waitEndsAt(draft, around), nextStepAt(draft, around, tracked));
  if (incident.flappingSince !== undefined) ends.push(stoodSince(incident) + interval);
  else if (incident.owed.length > 0) ends.push((incident.toldAt ?? now) + interval);
  ends.push(remindAt(draft, around, tracked));
  if (tracked.hasMore) ends.push(now);
  if (tracked.isWaitingForRelease) ends.push(nextAt(now, minuteMs));
  if (Object.values(incident.held).includes('channel')) ends.push(nextAt(now, Math.max(interval, minuteMs)));
  const known = ends.filter((at) => at !== undefined);
  // Never in the past, or it would be woken each minute for nothing.
  return known.length === 0 ? undefined : Math.max(now + 1000, Math.min(...known));
};

/** The next whole multiple: the same for whoever looks meanwhile, so that looking once more writes nothing. */
const nextAt = (now: number, every: number): number => (Math.floor(now / every) + 1) * every;

/** What was planned stays planned, if only to find nothing to do: looking once more must not move it. */
const usualLookAt = ({ before, now }: Draft): number =>
  before.wakeAt !== undefined && before.wakeAt > now ? Math.min(before.wakeAt, now + lookMs) : now + lookMs;

const lastLookAt = ({ incident, now }: Draft): number | undefined => {
  const at = (incident.resolvedAt ?? now) + reopenWithinMs + minuteMs;
  return at > now ? at : undefined;
};

/** When those who know are reminded: while nobody acknowledged and something rings. */
export const remindAt = (draft: Draft, { settings }: Surroundings, tracked: Tracked): number | undefined => {
  const { status, remindedAt } = draft.incident;
  const repeatMs = settings.repeatIntervalSeconds * 1000;
  if (status !== 'open' || remindedAt === undefined || repeatMs <= 0) return undefined;
  return ringing(draft, tracked).length > 0 ? remindedAt + repeatMs : undefined;
};

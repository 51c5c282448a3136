import type { Surroundings } from './draft.ts';
import type { Incident, IncidentMember } from './incident.ts';
import { activeMutes } from './mutes-store.ts';
import { mutedAmong } from './muting.ts';
import { parentsDown } from './parent.ts';
import { type Targets, targetsOf } from './routing.ts';
import { readSettings } from './settings-store.ts';
import { readMembersOf } from './store.ts';
import type { IncidentWorld } from './world.ts';

/**
 * Gathers what an incident is decided on. Members are read consistently: the one whose change woke us must be among
 * them. Read after the incident itself, so that a decision knows at least what it overwrites.
 */
export const lookAround = async (
  world: Pick<IncidentWorld, 'state' | 'telemetry' | 'channels'>,
  incident: Incident,
  now: number,
): Promise<Surroundings> => {
  const [members, mutes, settings, channels] = await Promise.all([
    readMembersOf(world.state, incident.id),
    activeMutes(world.state, now),
    readSettings(world.state),
    world.channels(),
  ]);
  const firing = members.filter(({ state }) => state === 'firing');
  const [muted, down] = await Promise.all([mutedAmong(firing, mutes, now), parentsDown(world, firing, now)]);
  const targets = new Map<string, Targets>();
  for (const member of members) {
    if (isConcerned(incident, member)) {
      targets.set(member.alertId, await targetsOf(member, settings, channels, now));
    }
  }
  return { members, muted, parentsDown: down, targets, settings, channels, now };
};

/** Of what is long over nobody asks where it goes. */
const isConcerned = ({ told }: Incident, { alertId, state }: IncidentMember): boolean =>
  state === 'firing' || Object.hasOwn(told, alertId);

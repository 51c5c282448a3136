import { type Reach, reachesHome } from '../platform/api/caller.ts';
import { DomainError } from '../platform/errors.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { type Act, acknowledged, commented, escalatedByHand, resolvedByHand, unacknowledged } from './act.ts';
import { commandAudit, type Said } from './command-audit.ts';
import type { Decision } from './draft.ts';
import { stepsLeft } from './escalation.ts';
import { changedEvent } from './event.ts';
import type { Incident, IncidentMember } from './incident.ts';
import { putMember } from './join.ts';
import { isFull, joinLeft, noneLeft, nothingLeft } from './left.ts';
import { readSettings } from './settings-store.ts';
import { isIncidentId, loadIncident, readMembersOf, type StoredIncident, writeIncident } from './store.ts';
import { wakeMessage } from './wake-due.ts';
import type { CommandWorld } from './world.ts';

/** Who does it, what they say to it, and, where only one alert is meant, which. */
export type Command = {
  readonly by: string;
  readonly text?: string | undefined;
  readonly alertId?: string | undefined;
  /** Of a comment: it is an update for the public. */
  readonly isPublic?: boolean | undefined;
  /** What they may resolve and publish on: an incident may hold alerts of other deployments, whose checks hang on its own. All when left out. */
  readonly reach?: Reach | undefined;
};

const maximumRounds = 12;
/** So many alerts of an incident are resolved at once: hundreds of them fit into a request. */
const resolvedAtOnce = 8;

const noIncident = (): DomainError =>
  new DomainError(
    'NOT_FOUND',
    'There is no such incident, or the token does not reach it. List them at GET /api/v1/monitoring/incidents.',
  );

type Decide = (stored: StoredIncident, now: number) => Decision | Promise<Decision>;

/**
 * Writes what a person did in one write, by compare-and-set, and has channels told of it by the decider. A command that
 * was given before changes nothing. Were the message lost, the notifier would wake the incident. Throws NOT_FOUND, and
 * CONFLICT where the incident does not allow it any more.
 */
const command = async (
  world: CommandWorld,
  incidentId: string,
  said: Said,
  decide: Decide,
): Promise<Incident> => {
  if (!isIncidentId(incidentId)) throw noIncident();
  for (let round = 0; round < maximumRounds; round++) {
    const stored = await loadIncident(world.state, incidentId);
    if (!stored) throw noIncident();
    const now = world.clock();
    const decision = await decide(stored, now);
    if (!decision.isChanged) {
      // Perhaps it was said before by somebody who was killed before the wake.
      if (!nothingLeft(stored.left)) await wake(world, stored.incident);
      return stored.incident;
    }
    // Nobody came to hand over what people did before.
    if (isFull(stored.left)) {
      throw new DomainError('CONFLICT', 'Too much waits to be told of this incident: try again in a minute.');
    }
    const { incident, change, by, handing, entries } = decision;
    const { place } = world;
    const events = [
      ...(change ? [changedEvent(incident, { change, by, at: now, place })] : []),
      commandAudit(stored.incident, incident, said, { at: now, place }),
    ];
    const left = joinLeft(stored.left, { ...noneLeft, handing, entries, events });
    if ((await writeIncident(world.state, incident, left, { attempt: world.newId(), now })) === 'written') {
      await wake(world, incident);
      return incident;
    }
  }
  throw new DomainError('CONFLICT', 'The incident changes too fast just now: try again.');
};

/** Not reached, the queue is no reason to refuse what is written already: the incident is due, and the notifier wakes it. */
const wake = async ({ incidents }: CommandWorld, { id, groupKey }: Incident): Promise<void> => {
  await incidents.send([wakeMessage({ incidentId: id, groupKey })]).catch(() => undefined);
};

const act = ({ by, text, isPublic }: Command, now: number): Act => ({ by, text, isPublic, now });

export const acknowledge = (world: CommandWorld, incidentId: string, given: Command): Promise<Incident> =>
  command(world, incidentId, { ...given, action: 'acknowledged' }, async ({ incident }, now) =>
    acknowledged(incident, await readMembersOf(world.state, incidentId), act(given, now)),
  );

export const unacknowledge = (world: CommandWorld, incidentId: string, given: Command): Promise<Incident> =>
  command(world, incidentId, { ...given, action: 'unacknowledged' }, async ({ incident }, now) =>
    unacknowledged(incident, await readMembersOf(world.state, incidentId), act(given, now)),
  );

export const comment = (world: CommandWorld, incidentId: string, given: Command): Promise<Incident> =>
  command(
    world,
    incidentId,
    { ...given, action: given.isPublic ? 'published' : 'commented' },
    async ({ incident }, now) => {
      if (given.isPublic) requireAllOf(await readMembersOf(world.state, incidentId), given.reach ?? '*');
      return commented(incident, act(given, now));
    },
  );

/** What is published stands on the status pages of every deployment that the incident is about. */
const requireAllOf = (members: readonly IncidentMember[], reach: Reach): void => {
  if (members.every(({ subject }) => reachesHome(reach, subject.deploymentId))) return;
  throw new DomainError(
    'FORBIDDEN',
    'The incident is also about deployments that the token does not reach, and their customers would read it. Publish with a token that reaches all of them.',
  );
};

/** Has the next step of the escalation taken now, also while somebody has acknowledged it. */
export const escalate = (world: CommandWorld, incidentId: string, given: Command): Promise<Incident> =>
  command(world, incidentId, { ...given, action: 'escalated' }, async ({ incident }, now) => {
    const [members, settings] = await Promise.all([
      readMembersOf(world.state, incidentId),
      readSettings(world.state),
    ]);
    const told = members.filter(
      ({ alertId, state }) => state === 'firing' && Object.hasOwn(incident.told, alertId),
    );
    return escalatedByHand(incident, stepsLeft(incident, told, settings).length > 0, act(given, now));
  });

/**
 * Resolves all that fires in the incident, or the one alert given: it fires again only after it was clear once. The
 * incident is resolved by its decider, within seconds. What fires no more is left alone.
 */
export const resolveByHand = async (
  world: CommandWorld,
  incidentId: string,
  given: Command,
): Promise<Incident> => {
  let closing: readonly IncidentMember[] = [];
  const incident = await command(world, incidentId, { ...given, action: 'resolved' }, async (stored, now) => {
    const members = await readMembersOf(world.state, incidentId);
    const firing = members.filter(({ state }) => state === 'firing');
    closing = firing.filter(
      ({ alertId, subject }) =>
        (given.alertId === undefined || alertId === given.alertId) &&
        reachesHome(given.reach ?? '*', subject.deploymentId),
    );
    const all = closing.length === firing.length;
    return resolvedByHand(stored.incident, { closing, all }, act(given, now));
  });
  await inParallel(closing, resolvedAtOnce, async (member) => {
    const at = world.clock();
    const stands = await world.resolveAlert(member, { incidentId, by: given.by, at });
    // Of an alert that is gone nobody else would ever say that it is over.
    await putMember(world.state, incidentId, stands === 'gone' ? closed(member, given.by, at) : stands);
  });
  if (closing.length > 0) await wake(world, incident);
  return incident;
};

const closed = (member: IncidentMember, by: string, at: number): IncidentMember => ({
  ...member,
  state: 'resolved',
  seq: member.seq + 1,
  reason: `resolved by hand by ${by}`,
  resolvedAt: at,
});

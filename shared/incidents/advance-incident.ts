import type { IncidentWake } from '../alerting/index.ts';
import { decideIncident } from './decide.ts';
import { keepLine } from './digest-lines.ts';
import type { Decision } from './draft.ts';
import { changedEvent } from './event.ts';
import type { Incident } from './incident.ts';
import { joinLeft, type Left, noneLeft, nothingLeft } from './left.ts';
import { clearLeft, loadIncident, writeIncident } from './store.ts';
import { lookAround } from './surroundings.ts';
import { keepEntry } from './timeline.ts';
import { noteMuted } from './wake-due.ts';
import type { IncidentWorld } from './world.ts';

/** Each conflict means that somebody acted on the incident meanwhile, so few rounds are ever needed. */
const maximumRounds = 12;

export type Advanced = {
  /** Undefined: there is no such incident. */
  readonly incident: Incident | undefined;
  /** What was decided, in a sentence. */
  readonly reason: string;
};

/**
 * Brings an incident to what follows from its alerts and the time, and has channels told: load, decide, one write, then
 * what follows from it. What was written and not done yet is done first, in order: an announcement reaches the channels'
 * own items before anything newer is decided. Killed anywhere, or done twice, nothing is lost and nothing told twice.
 * Throws when it cannot be completed now; it is done again then.
 */
export const advanceIncident = async (world: IncidentWorld, wake: IncidentWake): Promise<Advanced> => {
  const told = new Set<string>();
  for (let round = 0; round < maximumRounds; round++) {
    const stored = await loadIncident(world.state, wake.incidentId);
    if (!stored) return { incident: undefined, reason: 'There is no such incident.' };
    const unpublished = await finish(world, stored.incident, stored.left, told);
    const now = world.clock();
    const around = await lookAround(world, stored.incident, now);
    const decision = decideIncident(stored.incident, around);
    if (around.muted.size > 0) await noteMuted(world.state, stored.incident, now);
    if (!decision.isChanged) {
      await send(world, wake.incidentId, told);
      return { incident: stored.incident, reason: decision.reason };
    }
    const left = joinLeft(unpublished, leftOf(decision, world, now));
    const attempt = { attempt: world.newId(), now };
    if ((await writeIncident(world.state, decision.incident, left, attempt)) === 'conflict') continue;
    await finish(world, decision.incident, left, told);
    await send(world, wake.incidentId, told);
    return { incident: decision.incident, reason: decision.reason };
  }
  throw new Error(`the incident ${wake.incidentId} changed under ${maximumRounds} tries to decide it`);
};

const leftOf = (
  { incident, handing, entries, digest, change, by }: Decision,
  { place }: IncidentWorld,
  at: number,
): Left => ({
  ...noneLeft,
  handing,
  entries,
  digest,
  events: change === undefined ? [] : [changedEvent(incident, { change, by, at, place })],
});

/**
 * Does what the incident's version has left, and notes in `told` which channels have something to send. A bus that is
 * away keeps nobody from being told: its events stay, and the notifier has them published. Returns what is left then.
 */
const finish = async (
  world: IncidentWorld,
  incident: Incident,
  left: Left,
  told: Set<string>,
): Promise<Left> => {
  if (nothingLeft(left)) return noneLeft;
  await handOver(world, left, told);
  await Promise.all([
    ...left.entries.map((entry) => keepEntry(world.state, incident.id, entry)),
    ...left.digest.map((line) => keepLine(world.state, line)),
  ]);
  const unpublished = { ...noneLeft, events: await publish(world, left) };
  await clearLeft(world.state, incident, unpublished, world.clock());
  return unpublished;
};

/** One after the other: channels take announcements in their order. */
const handOver = async (world: IncidentWorld, { handing }: Left, told: Set<string>): Promise<void> => {
  if (handing.length === 0) return;
  const records = await world.channels();
  for (const { channels, announcement } of handing) {
    const there = records.filter(({ id, deletedAt }) => channels.includes(id) && deletedAt === undefined);
    await world.announce(there, announcement);
    for (const { id } of there) told.add(id);
  }
};

/** Returns what the bus did not take. */
const publish = async ({ bus, onTrouble }: IncidentWorld, { events }: Left): Promise<Left['events']> => {
  if (events.length === 0) return [];
  try {
    const taken = new Set(await bus.publish(events));
    return events.filter(({ detail }) => !taken.has(detail.id));
  } catch (error) {
    onTrouble('an event of an incident was not published now', error as Error);
    return events;
  }
};

/** What a channel does not take now stands in its own item, and is sent again by the sweep. */
const send = async (world: IncidentWorld, incidentId: string, told: ReadonlySet<string>): Promise<void> => {
  const tried = [...told].map(async (channelId) => {
    try {
      await world.sendDue(channelId, incidentId);
    } catch (error) {
      world.onTrouble('a channel was not told now', error as Error);
    }
  });
  await Promise.all(tried);
};

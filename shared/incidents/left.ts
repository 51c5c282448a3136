import type { Announcement } from '../notifications/index.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { TimelineEntry } from './timeline.ts';

/** An announcement and the channels (ids) that get it. */
export type Handing = { readonly channels: readonly string[]; readonly announcement: Announcement };

/** A line for the daily digest: one alert of mere information. */
export type DigestLine = {
  readonly alertId: string;
  /** Epoch ms: when it was decided. */
  readonly at: number;
  readonly deploymentId: string | null;
  readonly ruleName: string;
  readonly subject: string;
  readonly reason: string;
};

/**
 * What was decided and is not done yet: it stands in the incident itself, written with the decision, so that a crash
 * between the two loses nothing. Doing it twice is doing it once: announcements go by their number, the others by key.
 */
export type Left = {
  readonly handing: readonly Handing[];
  readonly entries: readonly TimelineEntry[];
  readonly digest: readonly DigestLine[];
  readonly events: readonly HomeostatEvent[];
};

export const noneLeft: Left = { handing: [], entries: [], digest: [], events: [] };

export const nothingLeft = ({ handing, entries, digest, events }: Left): boolean =>
  handing.length + entries.length + digest.length + events.length === 0;

/**
 * While the bus is away only the newest changes are kept for it: the incident itself says how it stands. Who did what is
 * said by nothing else, so that all of it stays, and commands end before there is too much of it (`isFull`).
 */
const mostChanges = 10;

const keptEvents = (events: Left['events']): Left['events'] => {
  const changes = events.filter(({ type }) => type === 'incident.changed').slice(-mostChanges);
  return events.filter((event) => event.type !== 'incident.changed' || changes.includes(event));
};

/** Of the 400 KB of the item; the incident itself has up to 100. */
const mostBytes = 150_000;
export const isFull = (left: Left): boolean => Buffer.byteLength(JSON.stringify(left)) > mostBytes;

export const joinLeft = (earlier: Left, later: Left): Left => ({
  handing: [...earlier.handing, ...later.handing],
  entries: [...earlier.entries, ...later.entries],
  digest: [...earlier.digest, ...later.digest],
  events: keptEvents([...earlier.events, ...later.events]),
});

export const fromLeftItem = (value: unknown): Left => ({ ...noneLeft, ...(value as Partial<Left>) });

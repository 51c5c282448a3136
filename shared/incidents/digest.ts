import type { Announcement } from '../notifications/index.ts';
import { toIso } from '../platform/clock.ts';
import { ConditionFailed, type Table } from '../storage/index.ts';
import { linesBetween } from './digest-lines.ts';
import type { DigestLine } from './left.ts';
import { resolveChannels, usualTargets } from './routing.ts';
import type { AlertingSettings } from './settings.ts';
import { readSettings } from './settings-store.ts';
import type { Telling } from './world.ts';

export type DigestWorld = Telling & { readonly state: Pick<Table, 'get' | 'query' | 'put'> };

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** What was decided just before the hour of the digest, by a run that was killed then, is in the table so much later. */
const settlingMs = 3 * minuteMs;
/** After a longer gap only the last day is told. */
const longestMs = 3 * dayMs;
/** A digest that nobody reads to the end tells nothing; more is counted. */
const mostLines = 40;
const mostRead = 5000;

const lastKey = { pk: 'DIGEST', sk: 'LAST' } as const;

/**
 * Tells once a day what was mere information: at the time of the settings, or later on the same day. Done twice, or
 * killed between, each channel is told once, for its instant gives the announcement its name. Nothing to tell is not told.
 */
export const announceDigest = async (world: DigestWorld, now: number): Promise<void> => {
  const settings = await readSettings(world.state);
  const { date, endsAt } = digestOf(settings.digest, now);
  if (endsAt === undefined || now < endsAt + settlingMs) return;
  const last = await world.state.get(lastKey, { consistent: true });
  const toldUntil = Number(last?.toldUntil ?? 0);
  if (toldUntil >= endsAt) return;
  const from = toldUntil > endsAt - longestMs ? toldUntil : endsAt - dayMs;
  const lines = await linesBetween(world.state, from, endsAt, mostRead);
  if (lines.length > 0) await tell(world, settings, announcementOf(date, lines, endsAt));
  try {
    await world.state.put({ ...lastKey, v: 1, toldUntil: endsAt }, { below: { toldUntil: endsAt } });
  } catch (error) {
    // Another run was faster: it told the same.
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const tell = async (
  world: DigestWorld,
  settings: AlertingSettings,
  announcement: Announcement,
): Promise<void> => {
  const records = await world.channels();
  const named = resolveChannels(settings.digest.channels, records).channels;
  const ids = named.length > 0 ? named : usualTargets(settings, records).channels;
  await world.announce(
    records.filter(({ id }) => ids.includes(id)),
    announcement,
  );
  // What does not get out now is sent by the sweep.
  await Promise.allSettled(ids.map((id) => world.sendDue(id, announcement.incidentId)));
};

/** The day that a time zone has at `now`, and the instant of its digest; undefined while that is still to come. */
const digestOf = (
  { at, timeZone }: AlertingSettings['digest'],
  now: number,
): { readonly date: string; readonly endsAt: number | undefined } => {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(clock.formatToParts(now).map(({ type, value }) => [type, value]));
  const minutes = Number(parts.hour) * 60 + Number(parts.minute);
  const wanted = Number(at.slice(0, 2)) * 60 + Number(at.slice(3, 5));
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  const thisMinute = Math.floor(now / minuteMs) * minuteMs;
  return { date, endsAt: minutes < wanted ? undefined : thisMinute - (minutes - wanted) * minuteMs };
};

const announcementOf = (date: string, lines: readonly DigestLine[], at: number): Announcement => ({
  // By its instant: when its time of day is changed, the same day may have two, each with what is new.
  incidentId: `digest-${toIso(at).slice(0, 16).replace(/[T:]/g, '-')}`,
  groupKey: 'digest',
  no: 1,
  kind: 'digest',
  at,
  severity: 'info',
  deploymentId: null,
  title: `Digest of ${date}: ${lines.length} ${lines.length === 1 ? 'note' : 'notes'}`,
  // Nothing in it waits for an end.
  status: 'resolved',
  openedAt: at,
  firing: 0,
  resolved: 0,
  alerts: [],
  lines: digestLines(lines),
});

/** One line for what is the same, with how often and the last words; most often first. */
export const digestLines = (lines: readonly DigestLine[]): readonly string[] => {
  const alike = [...Map.groupBy(lines, ({ alertId }) => alertId).values()].sort(
    (left, right) => right.length - left.length || (left[0]?.at ?? 0) - (right[0]?.at ?? 0),
  );
  const told = alike.slice(0, mostLines).flatMap((same) => {
    const last = same.at(-1);
    if (!last) return [];
    const where = last.deploymentId === null ? '' : ` (${last.deploymentId})`;
    const often = same.length === 1 ? '' : ` ${same.length} times, the last time:`;
    return [`«${last.ruleName}» for ${last.subject}${where}:${often} ${last.reason}`];
  });
  const more = alike.length - told.length;
  return more > 0 ? [...told, `And ${more} more.`] : told;
};

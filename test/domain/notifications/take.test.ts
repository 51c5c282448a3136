import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Announcement, AnnouncementKind } from '../../../shared/notifications/announcement.ts';
import type { Notification } from '../../../shared/notifications/notification.ts';
import { take } from '../../../shared/notifications/take.ts';
import { announcementOf, channelOf, noon } from './engine-world.ts';

const slack = channelOf('slack');
const quietSlack = channelOf('slack', { tellsResolved: false });

const takeAll = (
  announcements: readonly Announcement[],
  channel = slack,
  before?: Notification,
): Notification | undefined =>
  announcements.reduce<Notification | undefined>(
    (notification, one) => take(notification, one, channel, noon),
    before,
  );
const kindsOf = (notification: Notification | undefined) =>
  notification?.unsent.map(({ no, kind }) => `${no} ${kind}`);
const all = (...kinds: AnnouncementKind[]) => kinds.map((kind, at) => announcementOf(at + 1, kind));

describe('what is to be told to a channel', () => {
  it.each<[string, AnnouncementKind[], string[]]>([
    ['an end follows its beginning', ['firing', 'resolved'], ['1 firing', '2 resolved']],
    [
      'beginnings and ends take turns, and none is left out',
      ['firing', 'resolved', 'firing', 'resolved'],
      ['1 firing', '2 resolved', '3 firing', '4 resolved'],
    ],
    [
      'updates and reminders give way to what comes after them',
      ['firing', 'update', 'reminder', 'update', 'reminder'],
      ['1 firing', '5 reminder'],
    ],
    [
      'what people did is kept beside the newest picture',
      ['firing', 'update', 'acknowledged', 'update', 'unacknowledged', 'escalated', 'update'],
      ['1 firing', '3 acknowledged', '5 unacknowledged', '6 escalated', '7 update'],
    ],
    [
      'an update before the end stays: it is what the end ends',
      ['firing', 'update', 'resolved'],
      ['1 firing', '2 update', '3 resolved'],
    ],
    ['an end of which nothing was told is not told', ['resolved'], []],
  ])('%s', (_, kinds, unsent) => {
    expect(kindsOf(takeAll(all(...kinds))) ?? []).toEqual(unsent);
  });

  it('a repeat, and what is older than what was taken, changes nothing at all (faults 1 and 2)', () => {
    const before = takeAll(all('firing', 'acknowledged'));
    expect(take(before, announcementOf(2, 'acknowledged'), slack, noon)).toBe(before);
    expect(take(before, announcementOf(1, 'firing'), slack, noon)).toBe(before);
  });

  it('a channel that tells no ends is told of the next beginning', () => {
    expect(kindsOf(takeAll(all('firing', 'resolved', 'firing'), quietSlack))).toEqual([
      '1 firing',
      '3 firing',
    ]);
  });

  it('an end is told when the beginning was sent long ago', () => {
    const sent = takeAll(all('firing'));
    if (!sent) throw new Error('a beginning is taken');
    const before: Notification = { ...sent, unsent: [], sentNo: 1, sentStatus: 'firing' };
    expect(kindsOf(take(before, announcementOf(2, 'resolved'), slack, noon))).toEqual(['2 resolved']);
  });

  it('what waits for a channel that fails does not hurry it; what waits for anything else is looked at now', () => {
    const waiting = takeAll(all('firing'));
    if (!waiting) throw new Error('a beginning is taken');
    const later = noon + 600_000;
    const failing: Notification = { ...waiting, nextAttemptAt: later, failingSince: noon };
    expect(take(failing, announcementOf(2, 'escalated'), slack, noon)?.nextAttemptAt).toBe(later);
    const quiet: Notification = { ...waiting, nextAttemptAt: later };
    expect(take(quiet, announcementOf(2, 'escalated'), slack, noon)?.nextAttemptAt).toBe(noon);
    const ended: Notification = { ...failing, nextAttemptAt: 0, isUndelivered: true };
    expect(take(ended, announcementOf(2, 'escalated'), slack, noon)?.nextAttemptAt).toBe(noon);
  });

  const kinds: readonly AnnouncementKind[] = [
    'firing',
    'update',
    'reminder',
    'escalated',
    'acknowledged',
    'unacknowledged',
    'resolved',
  ];

  it('never grows past twenty, keeps its oldest and its newest, and keeps beginnings and ends in turn (fault 7)', () => {
    const incident = fc
      .array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 120 })
      .map((drawn) => turns(drawn).map((kind, at) => announcementOf(at + 1, kind)));
    fc.assert(
      fc.property(incident, (announcements) => {
        const taken = takeAll(announcements);
        const unsent = taken?.unsent ?? [];
        expect(unsent.length).toBeLessThanOrEqual(20);
        expect(unsent[0]?.no).toBe(1);
        expect(unsent.at(-1)?.no).toBe(announcements.at(-1)?.no);
        const nos = unsent.map(({ no }) => no);
        expect(nos).toEqual([...nos].sort((left, right) => left - right));
        unsent.forEach(({ kind }, at) => {
          if (kind === 'resolved') expect(unsent[at - 1]?.status).toBe('firing');
        });
        const ends = announcements.filter(({ kind }) => kind === 'resolved');
        if (announcements.length <= 20) {
          expect(unsent.filter(({ kind }) => kind === 'resolved')).toEqual(ends);
        }
      }),
    );
  });

  it('stays far below what an item may have, however much there is to say (fault 7)', () => {
    const long = 'x'.repeat(20_000);
    const announcements = Array.from({ length: 40 }, (_, at) =>
      announcementOf(at + 1, at % 2 === 0 ? 'firing' : 'resolved', { title: long }),
    );
    const taken = takeAll(announcements);
    expect(JSON.stringify(taken).length).toBeLessThan(300_000);
    expect(taken?.unsent[0]?.no).toBe(1);
    expect(taken?.unsent.at(-1)?.no).toBe(40);
  });
});

/** As a decider tells it: it begins with firing, and after an end the next is a beginning. */
const turns = (drawn: readonly AnnouncementKind[]): readonly AnnouncementKind[] => {
  let isFiring = false;
  return drawn.map((kind) => {
    const told = isFiring ? (kind === 'firing' ? 'update' : kind) : 'firing';
    isFiring = told !== 'resolved';
    return told;
  });
};

import { describe, expect, it } from 'vitest';
import { announce } from '../../../shared/notifications/announce.ts';
import type { ChannelRecord } from '../../../shared/notifications/channel.ts';
import { redrive } from '../../../shared/notifications/redrive.ts';
import { render } from '../../../shared/notifications/render.ts';
import { sendDue } from '../../../shared/notifications/send.ts';
import { sweepDue } from '../../../shared/notifications/sweep.ts';
import { listUndelivered, tellUndelivered } from '../../../shared/notifications/undelivered.ts';
import { announcement, outgoing } from './announcements.ts';
import {
  announcementOf,
  channelOf,
  down,
  hour,
  minute,
  noon,
  openWorld,
  refusing,
  second,
  type World,
} from './engine-world.ts';

const slack = channelOf('slack');
const mail = channelOf('mail');

const sweepOnce = (world: World) => sweepDue(world.actor(), world.now + 10 * minute);
/** The notifier comes each minute. */
const passing = async (world: World, ms: number): Promise<void> => {
  for (const end = world.now + ms; world.now < end; ) {
    world.now += minute;
    await sweepOnce(world);
  }
};
const tell = (world: World, channel: ChannelRecord, no: number, kind: 'firing' | 'resolved' | 'escalated') =>
  announce(world.actor(), [channel], announcementOf(no, kind, { at: world.now }));

describe('sending', () => {
  it('sends one after the other in order, and keeps what was sent, when, and what the receiver left for the next', async () => {
    const world = await openWorld([slack]);
    await tell(world, slack, 1, 'firing');
    await tell(world, slack, 2, 'resolved');
    expect(await sendDue(world.actor(), slack.id, 'inc-1')).toEqual({ kind: 'sent', sent: 2 });
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved']);
    expect(await world.notification('slack')).toMatchObject({
      unsent: [],
      sentNo: 2,
      sentStatus: 'resolved',
      thread: 'thread-2',
      log: [
        { no: 1, kind: 'firing', at: noon, hash: expect.stringMatching(/^[0-9a-f]{16}$/) },
        { no: 2, kind: 'resolved', at: noon },
      ],
    });
    expect(await sendDue(world.actor(), slack.id, 'inc-1')).toEqual({ kind: 'nothing' });
  });

  it('tells nothing to a channel that was removed, and says that it was dropped', async () => {
    const world = await openWorld([]);
    await tell(world, slack, 1, 'firing');
    expect(await sendDue(world.actor(), slack.id, 'inc-1')).toEqual({ kind: 'dropped' });
    expect(world.faults).toEqual(['notifications were dropped with their channel']);
    await passing(world, 5 * minute);
    expect(world.faults).toHaveLength(1);
  });

  it('a channel that is switched off is told when it is switched on, unless that is a day later', async () => {
    const world = await openWorld([channelOf('slack', { isActive: false })]);
    await tell(world, slack, 1, 'firing');
    await passing(world, hour);
    expect(world.tried).toEqual([]);
    await world.register(slack);
    await passing(world, 16 * minute);
    expect(world.told('slack')).toEqual(['1 firing']);
    await world.register(channelOf('slack', { isActive: false }));
    await tell(world, slack, 2, 'resolved');
    await passing(world, 25 * hour);
    await world.register(slack);
    await passing(world, hour);
    expect(world.told('slack')).toEqual(['1 firing']);
  });

  it('begins nothing that it could not end in time', async () => {
    const world = await openWorld([slack]);
    await tell(world, slack, 1, 'firing');
    const hurried = { ...world.actor(), untilAt: world.now + 11 * second };
    expect(await sendDue(hurried, slack.id, 'inc-1')).toEqual({ kind: 'waits', why: 'time', sent: 0 });
    expect(world.tried).toEqual([]);
    await sweepOnce(world);
    expect(world.told('slack')).toEqual(['1 firing']);
  });
});

describe('an outage (fault 11)', () => {
  it('of ten hours: nothing is lost, the order is kept, and what comes meanwhile waits in line', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', down());
    await tell(world, slack, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    await passing(world, 2 * hour);
    await tell(world, slack, 2, 'resolved');
    await tell(world, slack, 3, 'firing');
    await passing(world, 7 * hour);
    await tell(world, slack, 4, 'resolved');
    await passing(world, hour);
    expect(world.told('slack')).toEqual([]);
    world.answers.delete('slack');
    await passing(world, 16 * minute);
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved', '3 firing', '4 resolved']);
    expect(await world.notification('slack')).not.toHaveProperty('failingSince');
    expect(world.published).toEqual([]);
  });

  it('is met with ever longer pauses of at most a quarter of an hour', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', down());
    await tell(world, slack, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    await passing(world, 6 * hour);
    const pauses = world.tried.slice(1).map(({ at }, index) => at - (world.tried[index]?.at ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(16 * minute);
    // Six hours in the last, longest steps are at least 24 tries, and a try each minute would be 360.
    expect(world.tried.length).toBeGreaterThan(24);
    expect(world.tried.length).toBeLessThan(80);
  });

  it('is waited for as long as the receiver asks', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', down('rate limited', { retryAfterSeconds: 600 }));
    await tell(world, slack, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    world.answers.delete('slack');
    await passing(world, 9 * minute);
    expect(world.told('slack')).toEqual([]);
    await passing(world, 4 * minute);
    expect(world.told('slack')).toEqual(['1 firing']);
  });

  it('of more than a day: trying ends, that is said once on the bus and shown, and a redrive begins anew (fault 10)', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', down('connection refused'));
    await tell(world, slack, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    await passing(world, 23 * hour);
    expect(await listUndelivered(world.state, () => world.now)).toEqual([]);
    world.bus = 'down';
    await passing(world, 2 * hour);
    expect(world.published).toEqual([]);
    world.bus = 'open';
    await passing(world, 2 * hour);
    expect(world.published).toMatchObject([
      {
        type: 'notification.undelivered',
        detail: {
          channelName: 'slack',
          incidentId: 'inc-1',
          since: '2026-03-10T12:00:00.000Z',
          reason: 'connection refused',
        },
      },
    ]);
    expect(await listUndelivered(world.state, () => world.now)).toMatchObject([
      { channelId: slack.id, incidentId: 'inc-1', since: noon, unsent: [{ no: 1 }] },
    ]);
    const tried = world.tried.length;
    await passing(world, 5 * hour);
    expect(world.tried).toHaveLength(tried);

    world.answers.delete('slack');
    expect(await redrive(world.actor(), { channelId: mail.id })).toBe(0);
    expect(await redrive(world.actor(), { incidentId: 'inc-2' })).toBe(0);
    expect(await redrive(world.actor())).toBe(1);
    expect(await redrive(world.actor(), { channelId: slack.id, incidentId: 'inc-1' })).toBe(0);
    await passing(world, minute);
    expect(world.told('slack')).toEqual(['1 firing']);
    expect(await listUndelivered(world.state, () => world.now)).toEqual([]);
  });

  it('whose trying ended is tried once more with whatever new there is, and not told on the bus again', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', down());
    await tell(world, slack, 1, 'firing');
    await passing(world, 26 * hour);
    expect(world.published).toHaveLength(1);
    await tell(world, slack, 2, 'resolved');
    await passing(world, 20 * minute);
    expect(await world.notification('slack')).toMatchObject({ isUndelivered: true, nextAttemptAt: 0 });
    expect(world.published).toHaveLength(1);
    world.answers.delete('slack');
    await tell(world, slack, 3, 'firing');
    await passing(world, 20 * minute);
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved', '3 firing']);
    expect(await world.notification('slack')).not.toHaveProperty('isUndelivered');
  });

  it('while something is undelivered, one message a minute keeps the alarm up', async () => {
    const world = await openWorld([slack]);
    const bodies: unknown[] = [];
    const undelivered = {
      send: async (messages: readonly { body: unknown }[]) =>
        void bodies.push(...messages.map(({ body }) => body)),
    };
    expect(await tellUndelivered({ state: world.state, undelivered }, world.now)).toBe(0);
    world.answers.set('slack', refusing());
    await tell(world, slack, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    expect(await tellUndelivered({ state: world.state, undelivered }, world.now)).toBe(1);
    expect(bodies).toEqual([{ kind: 'undelivered', notifications: 1, channels: [slack.id] }]);
    // Who removes the channel ends the alarm.
    await world.register({ ...slack, deletedAt: world.now });
    expect(await tellUndelivered({ state: world.state, undelivered }, world.now)).toBe(0);
    expect(bodies).toHaveLength(1);
  });
});

describe('a receiver that refuses for good', () => {
  it('a wrong token: undelivered at once, and all of it in order after the token was set and redriven', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', refusing('invalid_auth'));
    await tell(world, slack, 1, 'firing');
    expect(await sendDue(world.actor(), slack.id, 'inc-1')).toEqual({
      kind: 'undelivered',
      sent: 0,
      reason: 'invalid_auth',
    });
    await tell(world, slack, 2, 'resolved');
    await passing(world, hour);
    world.answers.delete('slack');
    await redrive(world.actor(), { channelId: slack.id });
    await passing(world, minute);
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved']);
    expect(world.published).toHaveLength(1);
  });

  it('a picture it cannot take does not keep the end back, and is given up with it', async () => {
    const world = await openWorld([slack]);
    world.answers.set('slack', async ({ no }) => (no === 1 ? refusing('msg_too_long')() : undefined));
    await tell(world, slack, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    await tell(world, slack, 2, 'resolved');
    expect(await sendDue(world.actor(), slack.id, 'inc-1')).toEqual({ kind: 'sent', sent: 1 });
    expect(world.told('slack')).toEqual(['2 resolved']);
    expect((await world.notification('slack'))?.log).toMatchObject([{ no: 1, isRefused: true }, { no: 2 }]);
    expect(await redrive(world.actor())).toBe(0);
  });

  it('a test is tried once, whatever the channel went through, and its failure alarms nobody', async () => {
    const world = await openWorld([slack]);
    const test = announcementOf(1, 'test', { incidentId: 'test-1', severity: 'info' });
    world.answers.set('slack', down('connection refused'));
    await announce(world.actor(), [slack], test);
    expect(await sendDue(world.actor(), slack.id, 'test-1')).toMatchObject({ kind: 'failed' });
    await passing(world, hour);
    expect(world.tried).toHaveLength(1);
    expect(await world.notification('slack', 'test-1')).toMatchObject({
      unsent: [],
      sentNo: 0,
      lastError: 'connection refused',
    });
    expect(world.published).toEqual([]);
  });
});

describe('a channel that fails again and again', () => {
  const open = async (incidents: number) => {
    const world = await openWorld([slack, mail]);
    for (let index = 0; index < incidents; index++) {
      const announcement = announcementOf(1, 'firing', { incidentId: `inc-${index}` });
      await announce(world.actor(), [slack, mail], announcement);
    }
    return world;
  };

  it('with 500 incidents waiting is tried by one of them at a time, and other channels do not wait (fault 11)', async () => {
    const world = await open(500);
    world.answers.set('slack', down());
    await sweepOnce(world);
    expect(world.acknowledged.filter(({ channel }) => channel === 'mail')).toHaveLength(500);
    // Five failures open the breaker; four lanes may have begun beside the one that opened it.
    expect(world.tried.filter(({ channel }) => channel === 'slack').length).toBeLessThanOrEqual(8);
    const before = world.tried.length;
    await passing(world, 2 * hour);
    const probes = world.tried.length - before;
    expect(probes).toBeGreaterThanOrEqual(8);
    expect(probes).toBeLessThanOrEqual(30);
    world.answers.delete('slack');
    await passing(world, 17 * minute);
    expect(world.acknowledged.filter(({ channel }) => channel === 'slack')).toHaveLength(500);
    expect(world.violations).toEqual([]);
  });

  it('that hangs keeps no other channel waiting', async () => {
    const world = await open(40);
    let release = () => {};
    const hanging = new Promise<void>((done) => {
      release = done;
    });
    world.answers.set('slack', () => hanging);
    const sweeping = sweepOnce(world);
    const isTold = () => world.acknowledged.filter(({ channel }) => channel === 'mail').length === 40;
    for (let turns = 0; turns < 20_000 && !isTold(); turns++) await Promise.resolve();
    expect(isTold()).toBe(true);
    release();
    await sweeping;
  });

  it('because of one incident that it refuses for good is told all the others (fault 10)', async () => {
    const world = await open(1);
    const isPoison = (told: { readonly incidentId: string }) => told.incidentId === 'inc-0';
    world.answers.set('slack', async (told) => {
      if (isPoison(told)) await refusing('invalid payload')();
    });
    for (let no = 2; no < 12; no++) {
      await announce(world.actor(), [slack], announcementOf(no, 'escalated', { incidentId: 'inc-0' }));
      await passing(world, minute);
    }
    await announce(world.actor(), [slack], announcementOf(1, 'firing', { incidentId: 'inc-new' }));
    expect(await sendDue(world.actor(), slack.id, 'inc-new')).toEqual({ kind: 'sent', sent: 1 });
  });

  it('a single success closes the breaker again', async () => {
    const world = await open(6);
    world.answers.set('slack', down());
    await sweepOnce(world);
    world.answers.delete('slack');
    await passing(world, 2 * minute);
    world.answers.set('slack', down());
    await announce(world.actor(), [slack], announcementOf(1, 'firing', { incidentId: 'inc-new' }));
    expect(await sendDue(world.actor(), slack.id, 'inc-new')).toMatchObject({ kind: 'failed' });
    await announce(world.actor(), [slack], announcementOf(1, 'firing', { incidentId: 'inc-newer' }));
    expect(await sendDue(world.actor(), slack.id, 'inc-newer')).toMatchObject({ kind: 'failed' });
  });
});

describe('the fallback', () => {
  const withFallback = channelOf('slack', { fallback: 'mail' });

  it('is told after two minutes, once and in whose place; the channel itself is told later all the same', async () => {
    const world = await openWorld([withFallback, mail]);
    world.answers.set('slack', down());
    await tell(world, withFallback, 1, 'firing');
    await sendDue(world.actor(), slack.id, 'inc-1');
    await passing(world, minute);
    expect(world.told('mail')).toEqual([]);
    await passing(world, 2 * minute);
    expect(world.told('mail')).toEqual(['1 firing']);
    expect(world.acknowledged[0]?.inPlaceOf).toBe('slack');
    await passing(world, hour);
    world.answers.delete('slack');
    await passing(world, 17 * minute);
    expect(world.told('slack')).toEqual(['1 firing']);
    expect(world.told('mail')).toEqual(['1 firing']);
  });

  it('says in whose place it tells', () => {
    const { facts } = render(outgoing({ announcement: announcement({ inPlaceOf: 'slack' }) }));
    expect(facts).toContainEqual(['In place of', 'slack, which cannot be reached']);
    expect(render(outgoing()).facts.map(([name]) => name)).not.toContain('In place of');
  });

  it('hears of the end of what it was told, although the channel itself works by then', async () => {
    const world = await openWorld([withFallback, mail]);
    world.answers.set('slack', down());
    await tell(world, withFallback, 1, 'firing');
    await passing(world, 5 * minute);
    world.answers.delete('slack');
    await passing(world, 17 * minute);
    await tell(world, withFallback, 2, 'resolved');
    await passing(world, minute);
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved']);
    expect(world.told('mail')).toEqual(['1 firing', '2 resolved']);
  });

  it('hears nothing of the end of what the channel told by itself', async () => {
    const world = await openWorld([withFallback, mail]);
    await tell(world, withFallback, 1, 'firing');
    await passing(world, minute);
    world.answers.set('slack', down());
    await tell(world, withFallback, 2, 'resolved');
    await passing(world, hour);
    expect(world.told('mail')).toEqual([]);
  });

  it('that is told anyway gets nothing twice', async () => {
    const world = await openWorld([withFallback, mail]);
    world.answers.set('slack', down());
    await announce(world.actor(), [withFallback, mail], announcementOf(1, 'firing'));
    await passing(world, hour);
    expect(world.told('mail')).toEqual(['1 firing']);
    expect(world.violations).toEqual([]);
  });

  it('is told at once when the channel refuses for good, or is known to be down', async () => {
    const world = await openWorld([withFallback, mail]);
    world.answers.set('slack', refusing());
    await tell(world, withFallback, 1, 'firing');
    await passing(world, minute);
    expect(world.told('mail')).toEqual(['1 firing']);

    world.answers.set('slack', down());
    for (const incidentId of ['inc-2', 'inc-3', 'inc-4', 'inc-5', 'inc-6']) {
      await announce(world.actor(), [withFallback], announcementOf(1, 'firing', { incidentId }));
      await sendDue(world.actor(), slack.id, incidentId);
    }
    expect(world.told('mail', 'inc-2')).toEqual([]);
    await announce(world.actor(), [withFallback], announcementOf(1, 'firing', { incidentId: 'inc-7' }));
    expect(await sendDue(world.actor(), slack.id, 'inc-7')).toMatchObject({ kind: 'waits', why: 'breaker' });
    await sweepOnce(world);
    expect(world.told('mail', 'inc-7')).toEqual(['1 firing']);
  });

  it('may have the channel itself as its fallback: both down, nothing goes round in a circle', async () => {
    const both = [withFallback, channelOf('mail', { fallback: 'slack' })];
    const world = await openWorld(both);
    world.answers.set('slack', down());
    world.answers.set('mail', down());
    await tell(world, withFallback, 1, 'firing');
    await passing(world, hour);
    await tell(world, withFallback, 2, 'resolved');
    await passing(world, hour);
    world.answers.clear();
    await passing(world, 17 * minute);
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved']);
    expect(world.told('mail')).toEqual(['1 firing', '2 resolved']);
  });
});

describe('quiet hours', () => {
  const quietHours = { from: '22:00', until: '07:00', exceptFrom: 'error' } as const;
  const quiet = channelOf('slack', { quietHours });

  it('what is mild waits for the morning, with its end behind it; what is severe takes it along', async () => {
    const world = await openWorld([quiet]);
    world.now = Date.UTC(2026, 2, 10, 23);
    const mild = { severity: 'warning', at: world.now } as const;
    await announce(world.actor(), [quiet], announcementOf(1, 'firing', mild));
    expect(await sendDue(world.actor(), slack.id, 'inc-1')).toEqual({ kind: 'waits', why: 'quiet', sent: 0 });
    await passing(world, 3 * hour);
    await announce(world.actor(), [quiet], announcementOf(2, 'resolved', mild));
    await announce(world.actor(), [quiet], announcementOf(1, 'firing', { ...mild, incidentId: 'inc-2' }));
    await passing(world, hour);
    expect(world.tried).toEqual([]);
    await announce(world.actor(), [quiet], announcementOf(2, 'escalated', { incidentId: 'inc-2' }));
    await passing(world, minute);
    expect(world.told('slack', 'inc-2')).toEqual(['1 firing', '2 escalated']);
    await passing(world, 5 * hour);
    expect(world.told('slack')).toEqual(['1 firing', '2 resolved']);
    expect(world.acknowledged.at(-1)?.at).toBe(Date.UTC(2026, 2, 11, 7));
  });
});

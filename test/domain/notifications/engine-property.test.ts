import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announce } from '../../../shared/notifications/announce.ts';
import type { Announcement, AnnouncementKind } from '../../../shared/notifications/announcement.ts';
import type { ChannelRecord } from '../../../shared/notifications/channel.ts';
import { sendDue } from '../../../shared/notifications/send.ts';
import { sweepDue } from '../../../shared/notifications/sweep.ts';
import {
  type Actor,
  announcementOf,
  channelOf,
  down,
  hour,
  Killed,
  minute,
  openWorld,
  refusing,
  second,
  type World,
} from './engine-world.ts';

const slack = channelOf('slack', { fallback: 'pager' });
const hook = channelOf('hook');
/** Told only in the place of slack. */
const pager = channelOf('pager');
const told: readonly ChannelRecord[] = [slack, hook];
const channels: readonly ChannelRecord[] = [slack, hook, pager];

/** What a decider announces: it begins with firing, ends with resolved, and after an end comes a beginning. */
const incident = fc
  .array(
    fc.constantFrom<AnnouncementKind>(
      'firing',
      'update',
      'reminder',
      'escalated',
      'acknowledged',
      'resolved',
      'resolved',
    ),
    { maxLength: 14 },
  )
  .map((drawn) => {
    let isFiring = false;
    const kinds = [...drawn, 'resolved' as const].flatMap((kind): AnnouncementKind[] => {
      const next: AnnouncementKind[] = isFiring
        ? [kind === 'firing' ? 'update' : kind]
        : kind === 'resolved'
          ? ['firing', 'resolved']
          : ['firing'];
      isFiring = next.at(-1) !== 'resolved';
      return next;
    });
    return kinds.slice(0, 19).map((kind, at) => announcementOf(at + 1, kind));
  })
  .map((announcements) =>
    announcements.at(-1)?.status === 'resolved'
      ? announcements
      : [...announcements, announcementOf(announcements.length + 1, 'resolved')],
  );

type Interference = { readonly killAt?: number | undefined; readonly lostAt?: number | undefined };
const interference = fc.record({
  killAt: fc.option(fc.nat(60), { nil: undefined }),
  lostAt: fc.option(fc.nat(6), { nil: undefined }),
});

/** `hiccup` takes every second one only. */
type How = 'up' | 'down' | 'busy' | 'hiccup' | 'refusing';

type Event =
  /** The decider hands over all from the `from`-th on again, and one that is new. */
  | { readonly what: 'announce'; readonly back: number; readonly faults: Interference }
  | { readonly what: 'send'; readonly channel: number; readonly faults: Interference }
  | { readonly what: 'sweep'; readonly faults: Interference }
  | { readonly what: 'answer'; readonly channel: number; readonly how: How }
  | { readonly what: 'wait'; readonly ms: number };

const answers = (isRefusing: boolean) =>
  fc.constantFrom(...(['up', 'up', 'down', 'busy', 'hiccup', isRefusing ? 'refusing' : 'down'] as const));
const eventOf = (isRefusing: boolean): fc.Arbitrary<Event> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('announce' as const), back: fc.nat(3), faults: interference }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('send' as const), channel: fc.nat(1), faults: interference }),
    },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('sweep' as const), faults: interference }) },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('answer' as const),
        channel: fc.nat(2),
        how: answers(isRefusing),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('wait' as const),
        ms: fc.constantFrom(5 * second, 31 * second, minute, 3 * minute, 20 * minute, 2 * hour),
      }),
    },
  );

const unlessKilled = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
};

const answer = (world: World, channel: number, how: How): void => {
  const name = channels[channel]?.definition.name ?? '';
  const fails = down();
  let turns = 0;
  const hiccup = async () => (turns++ % 2 === 0 ? fails() : undefined);
  const busy = down('busy', { retryAfterSeconds: 90 });
  if (how === 'up') world.answers.delete(name);
  else world.answers.set(name, { down: fails, busy, hiccup, refusing: refusing() }[how]);
};

const sweepAll = (actor: Actor) => sweepDue(actor, actor.clock() + 10 * minute);

/** The decider, killed or not, goes on from what is not handed over for sure, in order. */
const deciderOf = (announcements: readonly Announcement[]) => {
  let handed = 0;
  return {
    isDone: () => handed >= announcements.length,
    async handOn(actor: Actor, back: number) {
      for (let at = Math.max(0, handed - back); at < announcements.length; at++) {
        const one = announcements[at];
        if (!one) return;
        await announce(actor, told, one);
        if (at >= handed) {
          handed = at + 1;
          return;
        }
      }
    },
  };
};

const calmDown = async (world: World): Promise<void> => {
  world.answers.clear();
  world.bus = 'open';
  for (let round = 0; round < 8; round++) {
    world.now += 16 * minute;
    await sweepAll(world.actor());
  }
};

/** What each channel acknowledged, a repeat after a kill left out. */
const acknowledgedBy = (world: World, channel: string) => {
  const all = world.acknowledged.filter((one) => one.channel === channel);
  return all.filter((one, at) => all.findIndex(({ no }) => no === one.no) === at);
};

const expectInOrder = (world: World, channel: string) => {
  const all = world.acknowledged.filter((one) => one.channel === channel).map(({ no }) => no);
  expect(all).toEqual([...all].sort((left, right) => left - right));
  acknowledgedBy(world, channel).forEach(({ status }, at, list) => {
    // Neither an end before its beginning, nor a second end.
    if (status === 'resolved') expect(list[at - 1]?.status).toBe('firing');
  });
  for (const { dedupeKey, incidentId, no } of world.acknowledged) {
    expect(dedupeKey).toBe(`homeostat:${incidentId}:${no}`);
  }
};

const pressing = (announcements: readonly Announcement[]) =>
  announcements.filter(({ kind }) => kind !== 'update' && kind !== 'reminder').map(({ no }) => no);

describe('telling channels in a world of faults', () => {
  test('killed anywhere, repeated, acknowledgements lost, channels down: nothing is lost, turned round or told twice (faults 1, 2, 3, 5 and 11)', async () => {
    await fc.assert(
      fc.asyncProperty(
        incident,
        fc.array(eventOf(false), { maxLength: 40 }),
        async (announcements, events) => {
          const world = await openWorld(channels);
          const decider = deciderOf(announcements);
          for (const event of events) {
            if (event.what === 'wait') world.now += event.ms;
            else if (event.what === 'answer') answer(world, event.channel, event.how);
            else {
              const actor = world.actor(event.faults);
              await unlessKilled(async () => {
                if (event.what === 'announce') await decider.handOn(actor, event.back);
                else if (event.what === 'sweep') await sweepAll(actor);
                else await sendDue(actor, told[event.channel]?.id ?? '', 'inc-1');
              });
            }
          }
          while (!decider.isDone()) await decider.handOn(world.actor(), 1);
          await calmDown(world);

          expect(world.violations).toEqual([]);
          for (const channel of ['slack', 'hook']) {
            expectInOrder(world, channel);
            const nos = acknowledgedBy(world, channel).map(({ no }) => no);
            expect(pressing(announcements).filter((no) => !nos.includes(no))).toEqual([]);
            expect((await world.notification(channel))?.unsent).toEqual([]);
          }
          expectInOrder(world, 'pager');
          // Whoever was told in slack's place that something fires heard of its end.
          expect(acknowledgedBy(world, 'pager').at(-1)?.status ?? 'resolved').toBe('resolved');
        },
      ),
      { numRuns: 400 },
    );
  });

  test('channels that refuse for good: the end is told, and after a redrive nothing is turned round (fault 10)', async () => {
    await fc.assert(
      fc.asyncProperty(
        incident,
        fc.array(eventOf(true), { maxLength: 40 }),
        async (announcements, events) => {
          const { redrive } = await import('../../../shared/notifications/redrive.ts');
          const world = await openWorld(channels);
          const decider = deciderOf(announcements);
          for (const event of events) {
            if (event.what === 'wait') world.now += event.ms;
            else if (event.what === 'answer') answer(world, event.channel, event.how);
            else {
              const actor = world.actor(event.faults);
              await unlessKilled(async () => {
                if (event.what === 'announce') await decider.handOn(actor, event.back);
                else if (event.what === 'sweep') await sweepAll(actor);
                else await sendDue(actor, told[event.channel]?.id ?? '', 'inc-1');
              });
            }
          }
          while (!decider.isDone()) await decider.handOn(world.actor(), 1);
          await calmDown(world);
          await redrive(world.actor());
          await calmDown(world);

          expect(world.violations).toEqual([]);
          for (const channel of ['slack', 'hook']) {
            const nos = world.acknowledged.filter((one) => one.channel === channel).map(({ no }) => no);
            expect(nos).toEqual([...nos].sort((left, right) => left - right));
            expect(nos.at(-1)).toBe(announcements.length);
            const left = await world.notification(channel);
            expect([left?.unsent, left?.isUndelivered]).toEqual([[], undefined]);
          }
          expect(acknowledgedBy(world, 'pager').at(-1)?.status ?? 'resolved').toBe('resolved');
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a decider and two senders at once, in any order of their steps, some of them killed (faults 1 and 3)', async () => {
    const hows = fc.tuple(fc.constantFrom<How>('up', 'hiccup', 'down'), fc.constantFrom<How>('up', 'hiccup'));
    await fc.assert(
      fc.asyncProperty(
        incident,
        fc.array(interference, { minLength: 3, maxLength: 3 }),
        hows,
        fc.boolean(),
        fc.scheduler(),
        async (announcements, faults, [first, later], isLate, scheduler) => {
          const world = await openWorld(channels);
          const decider = deciderOf(announcements);
          // So late that the fallback is being told just when the rest is announced.
          answer(world, 0, isLate ? 'down' : first);
          await decider.handOn(world.actor(), 0);
          if (isLate) await sendDue(world.actor(), slack.id, 'inc-1');
          world.now += 3 * minute;
          answer(world, 0, later);
          const turn = () => scheduler.schedule(Promise.resolve());
          const actors = faults.map((one) => world.actor({ ...one, turn }));
          const runs = actors.map((actor, at) =>
            unlessKilled(async () => {
              if (at === 0) while (!decider.isDone()) await decider.handOn(actor, 0);
              for (let times = 0; at > 0 && times < 4; times++) {
                await sendDue(actor, slack.id, 'inc-1');
                await sweepAll(actor);
              }
            }),
          );
          await scheduler.waitFor(Promise.all(runs));
          while (!decider.isDone()) await decider.handOn(world.actor(), 1);
          await calmDown(world);
          expect(world.violations).toEqual([]);
          for (const channel of ['slack', 'hook']) {
            expectInOrder(world, channel);
            const nos = acknowledgedBy(world, channel).map(({ no }) => no);
            expect(pressing(announcements).filter((no) => !nos.includes(no))).toEqual([]);
          }
          expectInOrder(world, 'pager');
          expect(acknowledgedBy(world, 'pager').at(-1)?.status ?? 'resolved').toBe('resolved');
        },
      ),
      { numRuns: 300 },
    );
  });
});

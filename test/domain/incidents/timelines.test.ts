import { describe, expect, test } from 'vitest';
import type { AlertingSettings } from '../../../shared/incidents/settings.ts';
import type { Alerting } from './member.ts';
import { lineOf, minute, noon, openWorld, second, type World } from './world.ts';

type Step = readonly [at: string, act: (world: World) => Promise<unknown>];
type Timeline = {
  readonly rule: string;
  readonly settings?: Partial<AlertingSettings>;
  readonly steps: readonly Step[];
  readonly until: string;
  readonly told: readonly string[];
};

/** `mm:ss` after noon. */
const instant = (text: string): number => {
  const [minutes = 0, seconds = 0] = text.split(':').map(Number);
  return noon + minutes * minute + seconds * second;
};
const fire =
  (name: string, alerting: Alerting = {}) =>
  (world: World) =>
    world.fire(name, alerting);
const resolve = (name: string) => (world: World) => world.resolve(name);
const acknowledge = (name: string) => (world: World) => world.acknowledge(name);

const play = async ({ settings, steps, until }: Timeline): Promise<World> => {
  const world = await openWorld(settings ? { settings } : {});
  for (const [at, act] of steps) {
    await world.run(instant(at));
    await act(world);
  }
  await world.run(instant(until));
  return world;
};

const timelines: Readonly<Record<string, readonly Timeline[]>> = {
  'the group wait and the group interval': [
    {
      rule: 'what fires is told after five seconds, and its end as soon as it is known',
      steps: [
        ['00:00', fire('a')],
        ['02:00', resolve('a')],
      ],
      until: '30:00',
      told: ['00:05 slack firing 1+0 error', '02:05 slack resolved 0+1 error'],
    },
    {
      rule: 'a longer group wait gathers what comes in it; the notifier ends it within a minute',
      settings: { groupWaitSeconds: 90 },
      steps: [
        ['00:00', fire('a')],
        ['00:50', fire('b')],
        ['20:00', resolve('a')],
        ['20:00', resolve('b')],
      ],
      until: '30:00',
      told: ['02:05 slack firing 2+0 error', '20:05 slack resolved 0+2 error'],
    },
    {
      rule: 'what is over before the group wait ends is never told',
      settings: { groupWaitSeconds: 90 },
      steps: [
        ['00:00', fire('a')],
        ['01:00', resolve('a')],
      ],
      until: '30:00',
      told: [],
    },
    {
      rule: 'later members join silently until the group interval is over, then one update tells of them all',
      steps: [
        ['00:00', fire('a')],
        ['00:30', fire('b')],
        ['02:00', fire('c')],
        ['04:00', fire('d')],
      ],
      until: '20:00',
      told: ['00:05 slack firing 1+0 error', '06:05 slack update 4+0 error'],
    },
    {
      rule: 'one of several that is over is told with the next update, the last one at once',
      steps: [
        ['00:00', fire('a')],
        ['00:01', fire('b')],
        ['01:00', resolve('a')],
        ['10:00', resolve('b')],
      ],
      until: '20:00',
      told: [
        '00:05 slack firing 2+0 error',
        '06:05 slack update 1+1 error',
        '10:05 slack resolved 0+2 error',
      ],
    },
    {
      rule: 'what gets worse is told at once',
      steps: [
        ['00:00', fire('a', { severity: 'warning' })],
        ['01:00', fire('b', { severity: 'critical' })],
      ],
      until: '04:00',
      told: ['00:05 slack firing 1+0 warning', '01:05 slack update 2+0 critical'],
    },
    {
      rule: 'a channel that knows nothing yet does not wait for an interval',
      steps: [
        ['00:00', fire('a', { channels: ['slack'] })],
        ['01:00', fire('b', { channels: ['pager', 'slack'] })],
        ['02:00', resolve('a')],
        ['02:00', resolve('b')],
      ],
      until: '20:00',
      told: [
        '00:05 slack firing 1+0 error',
        '01:05 pager firing 2+0 error',
        '02:05 slack resolved 0+2 error',
        '02:05 pager resolved 0+2 error',
      ],
    },
  ],
  'reminders, acknowledgement and escalation': [
    {
      rule: 'while nobody acknowledges it is told again after each repeat interval',
      settings: { repeatIntervalSeconds: 600 },
      steps: [['00:00', fire('a')]],
      until: '33:00',
      told: [
        '00:05 slack firing 1+0 error',
        '11:05 slack reminder 1+0 error',
        '22:05 slack reminder 1+0 error',
      ],
    },
    {
      rule: 'acknowledged it is not told again; given back it is, and the end is told anyway',
      settings: { repeatIntervalSeconds: 600 },
      steps: [
        ['00:00', fire('a')],
        ['05:00', acknowledge('a')],
        ['40:00', (world) => world.unacknowledge('a')],
        ['55:00', resolve('a')],
      ],
      until: '90:00',
      told: [
        '00:05 slack firing 1+0 error',
        '05:05 slack acknowledged 1+0 error',
        '40:05 slack unacknowledged 1+0 error',
        '50:05 slack reminder 1+0 error',
        '55:05 slack resolved 0+1 error',
      ],
    },
    {
      rule: 'an acknowledgement holds until it is resolved: opened again nobody has it',
      settings: { repeatIntervalSeconds: 600 },
      steps: [
        ['00:00', fire('a')],
        ['01:00', acknowledge('a')],
        ['05:00', resolve('a')],
        ['07:00', fire('a')],
      ],
      until: '20:00',
      told: [
        '00:05 slack firing 1+0 error',
        '01:05 slack acknowledged 1+0 error',
        '05:05 slack resolved 0+1 error',
        '07:05 slack firing 1+0 error',
        '18:05 slack reminder 1+0 error',
      ],
    },
    {
      rule: 'unacknowledged it goes to the next channels, each step once, and those hear of the end, too',
      settings: {
        escalation: [
          { afterSeconds: 300, channels: ['mail'] },
          { afterSeconds: 600, channels: ['pager'], severity: 'critical' },
        ],
      },
      steps: [
        ['00:00', fire('a', { severity: 'warning' })],
        ['40:00', resolve('a')],
      ],
      until: '50:00',
      told: [
        '00:05 slack firing 1+0 warning',
        '06:05 mail escalated 1+0 warning',
        '11:05 slack escalated 1+0 critical',
        '11:05 mail escalated 1+0 critical',
        '11:05 pager escalated 1+0 critical',
        '40:05 slack resolved 0+1 critical',
        '40:05 mail resolved 0+1 critical',
        '40:05 pager resolved 0+1 critical',
      ],
    },
    {
      rule: "the rule's own escalation goes before that of the settings, and an acknowledgement stops it",
      settings: { escalation: [{ afterSeconds: 60, channels: ['mail'] }] },
      steps: [
        ['00:00', fire('a', { escalation: [{ afterSeconds: 600, channels: ['pager'] }] })],
        ['08:00', acknowledge('a')],
      ],
      until: '60:00',
      told: ['00:05 slack firing 1+0 error', '08:05 slack acknowledged 1+0 error'],
    },
    {
      rule: 'somebody may take the next step at once',
      settings: { escalation: [{ afterSeconds: 3600, channels: ['pager'] }] },
      steps: [
        ['00:00', fire('a')],
        ['02:00', (world) => world.escalate('a')],
      ],
      until: '30:00',
      told: ['00:05 slack firing 1+0 error', '02:05 pager escalated 1+0 error'],
    },
    {
      rule: 'resolved by hand it is over, until it was clear once',
      steps: [
        ['00:00', fire('a')],
        ['00:01', fire('b')],
        ['03:00', (world) => world.resolveByHand('a')],
      ],
      until: '30:00',
      told: ['00:05 slack firing 2+0 error', '03:05 slack resolved 0+2 error'],
    },
  ],
  'silences and maintenance': [
    {
      rule: 'what is silenced is not told; when the silence ends and it still fires, it is told at once',
      steps: [
        ['00:00', (world) => world.mute('s', { endsAt: instant('10:00') })],
        ['01:00', fire('a')],
      ],
      until: '12:00',
      told: ['10:05 slack firing 1+0 error'],
    },
    {
      rule: 'what was told before it was silenced rings no more, and is told again when the silence ends',
      settings: { repeatIntervalSeconds: 600, escalation: [{ afterSeconds: 3600, channels: ['pager'] }] },
      steps: [
        ['00:00', fire('a')],
        ['05:00', (world) => world.mute('s', { endsAt: instant('40:00') })],
      ],
      until: '45:00',
      told: ['00:05 slack firing 1+0 error', '40:05 slack update 1+0 error'],
    },
    {
      rule: 'a silence that is ended early counts from then on',
      steps: [
        ['00:00', (world) => world.mute('s', { endsAt: instant('600:00') })],
        ['01:00', fire('a')],
        ['05:30', (world) => world.mute('s', { endsAt: instant('05:30') }, 2)],
        ['05:30', (world) => world.wakeMuted()],
      ],
      until: '12:00',
      told: ['05:35 slack firing 1+0 error'],
    },
    {
      rule: 'what is over while it is silenced is never told',
      steps: [
        ['00:00', (world) => world.mute('s', { endsAt: instant('10:00') })],
        ['01:00', fire('a')],
        ['05:00', resolve('a')],
      ],
      until: '30:00',
      told: [],
    },
    {
      rule: 'a silence never holds back the end of what was told, nor does what is silenced beside it',
      settings: { repeatIntervalSeconds: 300 },
      steps: [
        ['00:00', fire('a')],
        ['01:00', (world) => world.mute('s', { endsAt: instant('60:00') })],
        ['02:00', fire('b')],
        ['20:00', resolve('a')],
      ],
      until: '62:00',
      told: [
        '00:05 slack firing 1+0 error',
        '20:05 slack resolved 0+1 error',
        '60:05 slack firing 1+0 error',
      ],
    },
    {
      rule: 'a silence by matchers holds for what matches only',
      steps: [
        [
          '00:00',
          (world) =>
            world.mute('s', {
              endsAt: instant('60:00'),
              matchers: [{ label: 'check', operator: '=~', value: 'a|b.*' }],
            }),
        ],
        ['01:00', fire('a')],
        ['01:00', fire('ab')],
      ],
      until: '30:00',
      told: ['01:05 slack firing 1+0 error'],
    },
    {
      rule: 'a maintenance mutes while one of its windows is open',
      steps: [
        [
          '00:00',
          (world) =>
            world.mute('m', {
              kind: 'maintenance',
              windows: [{ weekdays: ['mon'], from: '12:00', until: '12:20' }],
            }),
        ],
        ['01:00', fire('a')],
        ['25:00', resolve('a')],
        ['36:00', fire('a')],
      ],
      until: '40:00',
      told: [
        '20:05 slack firing 1+0 error',
        '25:05 slack resolved 0+1 error',
        '36:05 slack firing 1+0 error',
      ],
    },
  ],
  'parent and child': [
    {
      rule: 'while the parent is down the child is recorded only; the parent is up again and the child is not: it is told',
      steps: [
        ['00:00', fire('database', { channels: ['slack'] })],
        ['00:10', fire('api', { deploymentId: 'front', channels: ['mail'], parent: 'database' })],
        ['05:10', resolve('database')],
      ],
      until: '10:00',
      told: ['00:05 slack firing 1+0 error', '05:15 slack resolved 0+1 error', '06:05 mail firing 1+0 error'],
    },
    {
      rule: 'a child that recovers with its parent is never told',
      steps: [
        ['00:00', fire('database', { channels: ['slack'] })],
        ['00:10', fire('api', { deploymentId: 'front', channels: ['mail'], parent: 'database' })],
        ['05:00', resolve('api')],
        ['05:00', resolve('database')],
      ],
      until: '10:00',
      told: ['00:05 slack firing 1+0 error', '05:05 slack resolved 0+1 error'],
    },
    {
      rule: 'the end of a child that was told before its parent went down is told all the same',
      steps: [
        ['00:00', fire('api', { deploymentId: 'front', channels: ['mail'], parent: 'database' })],
        ['01:00', fire('database', { channels: ['slack'] })],
        ['03:00', resolve('api')],
      ],
      until: '05:00',
      told: ['00:05 mail firing 1+0 error', '01:05 slack firing 1+0 error', '03:05 mail resolved 0+1 error'],
    },
  ],
  'information and going back and forth': [
    {
      rule: 'information is not told one by one, and does not keep the end of the rest from being told',
      steps: [
        ['00:00', fire('note', { severity: 'info' })],
        ['01:00', fire('a')],
        ['05:00', resolve('a')],
      ],
      until: '30:00',
      told: ['01:05 slack firing 1+0 error', '05:05 slack resolved 0+1 error'],
    },
    {
      rule: 'what fires again after more than ten minutes is another incident, sooner it is the same one',
      steps: [
        ['00:00', fire('a')],
        ['02:00', resolve('a')],
        ['11:00', fire('a')],
        ['12:00', resolve('a')],
        ['30:00', fire('a')],
      ],
      until: '31:00',
      told: [
        '00:05 slack firing 1+0 error',
        '02:05 slack resolved 0+1 error',
        '11:05 slack firing 1+0 error',
        '12:05 slack resolved 0+1 error',
        '30:05 slack firing 1+0 error',
      ],
    },
    {
      rule: 'going back and forth it is told with one note, then only when it stood still (fault 13)',
      steps: [
        ...[0, 2, 4, 6, 8, 10, 12, 14].flatMap((at): Step[] => [
          [`${at}:00`, fire('a')],
          [`${at + 1}:00`, resolve('a')],
        ]),
      ],
      until: '60:00',
      told: [
        '00:05 slack firing 1+0 error',
        '01:05 slack resolved 0+1 error',
        '02:05 slack firing 1+0 error',
        '03:05 slack resolved 0+1 error',
        '04:05 slack firing 1+0 error',
        '05:05 slack resolved 0+1 error',
        '06:05 slack firing 1+0 error',
        '21:05 slack resolved 0+1 error',
      ],
    },
  ],
};

describe.each(Object.entries(timelines))('%s', (_, rows) => {
  test.each(rows)('$rule', async (timeline) => {
    const world = await play(timeline);
    expect(world.told.map(lineOf)).toEqual(timeline.told);
    expect(world.troubles).toEqual([]);
  });
});

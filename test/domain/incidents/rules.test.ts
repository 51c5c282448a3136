import { describe, expect, test } from 'vitest';
import { announceDigest } from '../../../shared/incidents/digest.ts';
import { incidentFigures } from '../../../shared/incidents/figures.ts';
import { groupKeyOf } from '../../../shared/incidents/group.ts';
import type { IncidentMember } from '../../../shared/incidents/incident.ts';
import { joinIncident } from '../../../shared/incidents/join.ts';
import { listIncidents } from '../../../shared/incidents/list.ts';
import { noiseReport } from '../../../shared/incidents/noise.ts';
import { targetsOf } from '../../../shared/incidents/routing.ts';
import { type AlertingSettings, defaultSettings, type Route } from '../../../shared/incidents/settings.ts';
import { writeSettings } from '../../../shared/incidents/settings-store.ts';
import { channel } from './member.ts';
import { lineOf, minute, noon, openWorld, second } from './world.ts';

const hour = 60 * minute;

describe('alerts of one cause join one incident', () => {
  const subject = (deploymentId: string | null, labels = {}) => ({
    key: 'check:c',
    deploymentId,
    name: 'c',
    labels,
  });
  test.each([
    ['deployment', subject('shop'), undefined, 'deployment:shop'],
    ['deployment', subject(null, { source: 'cloudwatch' }), undefined, 'rule:r:cloudwatch'],
    ['rule', subject('shop'), undefined, 'rule:r'],
    ['subject', subject('shop'), undefined, 'subject:check:c'],
    ['subject', subject('shop'), 'deployment:base', 'deployment:base'],
  ] as const)('grouped by %s', (groupBy, of, parent, key) => {
    expect(groupKeyOf({ id: 'r', definition: { groupBy } }, { subject: of }, parent)).toBe(key);
  });

  test('who come at the same instant get the same one', async () => {
    const { world } = await openWorld();
    const joining = {
      groupKey: 'deployment:shop',
      deploymentId: 'shop',
      title: 't',
      severity: 'error',
      firedAt: noon,
    } as const;
    const ids = await Promise.all(Array.from({ length: 20 }, () => joinIncident(world, joining)));
    expect(new Set(ids).size).toBe(1);
  });

  test('200 that fail together are one incident and one message, and what follows waits for the interval (fault 15)', async () => {
    const world = await openWorld();
    await Promise.all(Array.from({ length: 150 }, (_, at) => world.fire(`c${at}`)));
    await world.run(noon + 30 * second);
    await Promise.all(Array.from({ length: 50 }, (_, at) => world.fire(`d${at}`)));
    await world.run(noon + 10 * minute);
    expect(world.told.map(lineOf)).toEqual([
      '00:05 slack firing 150+0 error',
      '06:05 slack update 200+0 error',
    ]);
    expect(world.told[0]?.announcement.alerts).toHaveLength(10);
    expect((await listIncidents(world.state, { reach: '*', limit: 10 }, world.at())).incidents).toHaveLength(
      1,
    );
  });

  test('of more than a thousand the item stays small, and the end is told when the last one is over (fault 7)', async () => {
    const world = await openWorld();
    const names = Array.from({ length: 1500 }, (_, at) => `c${at}`);
    for (const name of names) await world.fire(name);
    await world.run(noon + minute);
    const size = Math.max(...[...world.state.items.values()].map((item) => JSON.stringify(item).length));
    expect(size).toBeLessThan(100_000);
    for (const name of names.slice(0, 1499)) await world.resolve(name);
    await world.run(noon + 20 * minute);
    expect(world.told.filter(({ announcement }) => announcement.kind === 'resolved')).toEqual([]);
    await world.resolve('c1499');
    await world.run(noon + 30 * minute);
    expect(world.told.at(-1)?.announcement.kind).toBe('resolved');
    expect(await world.incident('c0')).toMatchObject({ status: 'resolved', firing: 0, resolved: 1500 });
  }, 60_000);

  test('a late firing of what is resolved opens it again; an older state never does (fault 2)', async () => {
    const world = await openWorld();
    await world.fire('a');
    await world.run(noon + minute);
    await world.resolve('a');
    await world.run(noon + 2 * minute);
    await world.putMember('a', 1, 'firing');
    await world.advance('a');
    expect((await world.incident('a')).status).toBe('resolved');
    await world.putMember('a', 3, 'firing');
    await world.advance('a');
    expect(await world.incident('a')).toMatchObject({ status: 'open', reopenings: 1 });
  });

  test('an incident whose alert never came to join it ends by itself', async () => {
    const { world, state } = await openWorld();
    const id = await joinIncident(world, {
      groupKey: 'g',
      deploymentId: null,
      title: 't',
      severity: 'error',
      firedAt: noon,
    });
    expect(id).toMatch(/^[0-9a-z]{9}-/);
    const open = await openWorld();
    expect([...state.items.values()].filter(({ due }) => due !== undefined)).toHaveLength(1);
    expect(open.told).toEqual([]);
  });
});

describe('where an alert is told', () => {
  const records = [channel('slack'), channel('mail'), channel('night'), channel('off', { isActive: false })];
  const member = (given: Partial<IncidentMember> & { readonly deploymentId?: string } = {}) =>
    ({
      ruleName: 'Service Down',
      ruleType: 'downtime',
      severity: 'error',
      channels: [],
      subject: {
        key: 'check:api',
        deploymentId: given.deploymentId ?? 'shop',
        name: 'api',
        labels: { team: 'web' },
      },
      ...given,
    }) as unknown as IncidentMember;
  const route = (given: Partial<Route>): Route => ({
    name: 'r',
    channels: ['mail'],
    continue: false,
    ...given,
  });
  const settings = (routes: readonly Route[], given: Partial<AlertingSettings> = {}): AlertingSettings => ({
    ...defaultSettings,
    defaultChannels: ['slack'],
    routes,
    ...given,
  });
  const nightly = route({ channels: ['night'], time: { from: '22:00', until: '06:00' } });

  test.each([
    [
      "the rule's own channels, by name or id",
      member({ channels: ['mail', 'id-night'] }),
      [],
      ['mail', 'night'],
      [],
    ],
    ['the first route that fits', member(), [route({}), route({ channels: ['night'] })], ['mail'], []],
    [
      'and the next one where it says so',
      member(),
      [route({ continue: true }), route({ channels: ['night'] })],
      ['mail', 'night'],
      [],
    ],
    [
      'a route of another severity does not fit',
      member(),
      [route({ severities: ['critical'] })],
      ['slack'],
      [],
    ],
    [
      'a route of another deployment does not fit',
      member(),
      [route({ deployments: ['base'] })],
      ['slack'],
      [],
    ],
    [
      'a route by labels',
      member(),
      [route({ matchers: [{ label: 'team', operator: '=', value: 'web' }] })],
      ['mail'],
      [],
    ],
    ['a route for the night does not fit at noon', member(), [nightly], ['slack'], []],
    ['without any route the default channels', member(), [], ['slack'], []],
    [
      'what is not there or not active is named',
      member({ channels: ['mail', 'off', 'gone'] }),
      [],
      ['mail'],
      ['off', 'gone'],
    ],
    [
      'if nothing of it is there the default channels get it',
      member({ channels: ['gone'] }),
      [],
      ['slack'],
      ['gone'],
    ],
  ] as const)('%s', async (_, of, routes, names, missing) => {
    const found = await targetsOf(of, settings(routes), records, noon);
    expect(found).toEqual({ channels: names.map((name) => `id-${name}`), missing });
  });

  test('a route for the night fits past midnight', async () => {
    expect((await targetsOf(member(), settings([nightly]), records, noon + 14 * hour)).channels).toEqual([
      'id-night',
    ]);
  });

  test('where there is no channel at all it is said once, and told as soon as there is one', async () => {
    const world = await openWorld({ channels: [] });
    await world.fire('a', { channels: ['gone'] });
    await world.run(noon + 20 * minute);
    const said = (await world.timeline('a')).filter(({ kind }) => kind === 'untold');
    expect(said.map(({ text }) => text)).toEqual([
      'Nobody is told, for no channel is there. Not there, or not active: gone, slack. Set defaultChannels, or name a channel in the rule or a route.',
    ]);
    world.records.push(channel('slack'));
    await world.run(noon + 26 * minute);
    expect(world.told.map(({ channel: name, announcement }) => `${name} ${announcement.kind}`)).toEqual([
      'slack firing',
    ]);
  });
});

describe('what people do', () => {
  test('twice is once, and each stands on the timeline with who did it', async () => {
    const world = await openWorld();
    await world.fire('a');
    await world.run(noon + minute);
    for (const by of ['token:ann', 'token:ann', 'token:bob']) await world.acknowledge('a', by);
    for (let twice = 0; twice < 2; twice++) await world.comment('a', 'Looking.');
    await world.run(noon + 2 * minute);
    expect(await world.incident('a')).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'token:ann' });
    const people = (await world.timeline('a')).filter(({ by }) => by !== null);
    expect(people.map(({ kind, by, text }) => [kind, by, text])).toEqual([
      ['acknowledged', 'token:ann', 'Acknowledged.'],
      ['commented', 'token:ann', 'Looking.'],
    ]);
    expect(world.told.map(({ announcement }) => [announcement.kind, announcement.by])).toEqual([
      ['firing', undefined],
      ['acknowledged', 'token:ann'],
    ]);
  });

  test('a comment is public only where it says so: said to colleagues first, the same can still be said to everybody, once', async () => {
    const world = await openWorld();
    await world.fire('a');
    await world.run(noon + minute);
    await world.comment('a', 'A disk is full.');
    for (let twice = 0; twice < 2; twice++) await world.publish('a', 'A disk is full.');
    await world.publish('a', 'It is back.', 'token:bob');
    await world.run(noon + 2 * minute);
    const people = (await world.timeline('a')).filter(({ by }) => by !== null);
    expect(people.map(({ kind, by, text }) => [kind, by, text])).toEqual([
      ['commented', 'token:ann', 'A disk is full.'],
      ['published', 'token:ann', 'A disk is full.'],
      ['published', 'token:bob', 'It is back.'],
    ]);
    expect(world.told.map(({ announcement }) => announcement.kind)).toEqual(['firing']);
  });

  test.each(['acknowledge', 'unacknowledge', 'escalate'] as const)(
    'a resolved incident refuses: %s',
    async (what) => {
      const world = await openWorld();
      await world.fire('a');
      await world.run(noon + minute);
      await world.resolve('a');
      await world.run(noon + 2 * minute);
      await expect(world[what]('a')).rejects.toMatchObject({ code: 'CONFLICT' });
    },
  );

  test('without a further step nothing can be escalated, and it says what to do', async () => {
    const world = await openWorld();
    await world.fire('a');
    await world.run(noon + minute);
    await expect(world.escalate('a')).rejects.toThrow(
      /Give the rule, or the alerting settings, an escalation/,
    );
  });

  test('what was to be escalated and is silenced before it is decided says so on the timeline', async () => {
    const world = await openWorld({
      settings: { escalation: [{ afterSeconds: 3600, channels: ['pager'] }] },
    });
    await world.fire('a');
    await world.run(noon + minute);
    await world.escalate('a');
    await world.mute('s', { endsAt: noon + 60 * minute });
    await world.run(noon + 2 * minute);
    expect((await world.timeline('a')).at(-1)).toMatchObject({
      kind: 'held',
      by: 'token:ann',
      text: 'Not escalated: nothing of it rings any more, or no step is left.',
    });
    expect(world.told.map(({ announcement }) => announcement.kind)).toEqual(['firing']);
  });

  test('one alert alone is resolved by hand; the incident goes on', async () => {
    const world = await openWorld();
    await world.fire('a');
    await world.fire('b');
    await world.run(noon + minute);
    await world.resolveByHand('a', 'alert-a');
    await world.run(noon + 10 * minute);
    expect(await world.incident('a')).toMatchObject({ status: 'open', firing: 1, resolved: 1 });
    expect((await world.incident('a')).resolvedBy).toBeUndefined();
  });

  test('resolved by hand, the bus and the channels hear who did it', async () => {
    const world = await openWorld();
    await world.fire('a');
    await world.run(noon + minute);
    await world.resolveByHand('a');
    await world.run(noon + 2 * minute);
    expect(world.told.at(-1)?.announcement).toMatchObject({
      kind: 'resolved',
      by: 'token:ann',
      resolvedAt: noon + minute,
    });
    expect(world.published.at(-1)?.detail).toMatchObject({
      change: 'resolved',
      by: 'token:ann',
      status: 'resolved',
    });
  });
});

test('while the bus is away channels are told all the same, and it is told later, each change once', async () => {
  const world = await openWorld();
  world.setBus(true);
  await world.fire('a');
  await world.run(noon + 3 * minute);
  expect(world.told.map(lineOf)).toEqual(['00:05 slack firing 1+0 error']);
  world.setBus(false);
  await world.resolve('a');
  await world.run(noon + 6 * minute);
  expect(world.published.map(({ detail }) => 'change' in detail && detail.change)).toEqual([
    'opened',
    'resolved',
  ]);
});

describe('the daily digest', () => {
  const at = (days: number, hours: number, minutes = 0) =>
    noon - 12 * hour + days * 24 * hour + hours * hour + minutes * minute;

  test('tells once a day what was mere information, and is silent when there was nothing', async () => {
    const world = await openWorld({
      settings: { digest: { at: '09:00', timeZone: 'Europe/Berlin', channels: ['mail'] } },
    });
    await world.fire('disk', { severity: 'info', rule: 'Disk fills', reason: 'disk is at 71 %' });
    await world.run(at(0, 13));
    await world.resolve('disk');
    await world.run(at(0, 14));
    await world.fire('disk', { severity: 'info', rule: 'Disk fills', reason: 'disk is at 74 %' });
    await world.run(at(1, 7, 59));
    await announceDigest(world.world, world.at());
    expect(world.told).toEqual([]);
    for (const minutes of [1, 2, 600]) {
      await world.run(at(1, 8, minutes));
      await announceDigest(world.world, world.at());
    }
    await world.run(at(2, 9));
    await announceDigest(world.world, world.at());
    expect(
      world.told.map(({ channel: name, announcement }) => [name, announcement.title, announcement.lines]),
    ).toEqual([
      [
        'mail',
        'Digest of 2026-11-03: 2 notes',
        ['«Disk fills» for disk (shop): 2 times, the last time: disk is at 74 %'],
      ],
    ]);
  });

  test('whose time of day is changed tells the same day what came since, and nothing twice', async () => {
    const digestAt = (time: string) => ({ digest: { at: time, timeZone: 'UTC', channels: ['mail'] } });
    const world = await openWorld({ settings: digestAt('13:00') });
    await world.fire('disk', { severity: 'info', reason: 'disk is at 71 %' });
    await world.run(at(0, 13, 4));
    await announceDigest(world.world, world.at());
    await world.fire('memory', { severity: 'info', reason: 'memory is at 80 %' });
    const settings = { ...defaultSettings, ...digestAt('18:00') };
    await writeSettings(world.state, {
      settings,
      managedBy: 'api',
      expected: 1,
      attempt: 'second',
      now: world.at(),
    });
    await world.run(at(0, 18, 4));
    await announceDigest(world.world, world.at());
    expect(world.told.map(({ announcement }) => announcement.lines)).toEqual([
      ['«Service Down» for disk (shop): disk is at 71 %'],
      ['«Service Down» for memory (shop): memory is at 80 %'],
    ]);
  });

  test('what is silenced is not in it', async () => {
    const world = await openWorld();
    await world.mute('s', { endsAt: at(3, 0) });
    await world.fire('disk', { severity: 'info' });
    await world.run(at(1, 10));
    await announceDigest(world.world, world.at());
    expect(world.told).toEqual([]);
  });
});

describe('figures', () => {
  const week = { from: noon - 7 * 24 * hour, to: noon + 24 * hour };

  test('tell how long it took to acknowledge and to resolve: mean, median and count', async () => {
    const world = await openWorld();
    for (const [name, ackAt, endAt] of [
      ['a', 2, 10],
      ['b', 4, 20],
      ['c', 12, 60],
    ] as const) {
      await world.fire(name, { groupBy: 'subject' });
      const from = world.at();
      await world.run(from + ackAt * minute);
      await world.acknowledge(name);
      await world.run(from + endAt * minute);
      await world.resolve(name);
      await world.run(world.at() + minute);
    }
    expect(await incidentFigures(world.state, week.from, week.to)).toEqual({
      opened: 3,
      stillOpen: 0,
      timeToAcknowledge: { count: 3, meanSeconds: 360, medianSeconds: 240 },
      timeToResolve: { count: 3, meanSeconds: 1800, medianSeconds: 1200 },
      isComplete: true,
    });
    expect(await incidentFigures(world.state, week.from, week.to, ['other'])).toMatchObject({ opened: 0 });
  });

  test('name the rules that nobody acted on, the noisiest first', async () => {
    const world = await openWorld();
    const play = async (name: string, rule: string, minutes: number, isActedOn: boolean) => {
      await world.fire(name, { groupBy: 'subject', rule });
      await world.run(world.at() + minute);
      if (isActedOn) await world.comment(name, 'Mended.');
      await world.run(world.at() + minutes * minute);
      await world.resolve(name);
      await world.run(world.at() + minute);
    };
    await play('a', 'Twitchy', 1, false);
    await play('b', 'Twitchy', 20, false);
    await play('c', 'Useful', 1, true);
    expect((await noiseReport(world.state, week.from, week.to)).rules).toEqual([
      {
        ruleId: 'rule-Twitchy',
        ruleName: 'Twitchy',
        incidents: 2,
        fired: 2,
        ignored: 2,
        shortLived: 1,
        flapping: 0,
      },
      {
        ruleId: 'rule-Useful',
        ruleName: 'Useful',
        incidents: 1,
        fired: 1,
        ignored: 0,
        shortLived: 0,
        flapping: 0,
      },
    ]);
  });
});

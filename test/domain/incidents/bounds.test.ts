import { describe, expect, test } from 'vitest';
import { announceDigest } from '../../../shared/incidents/digest.ts';
import { incidentKey } from '../../../shared/incidents/incident.ts';
import { putMember } from '../../../shared/incidents/join.ts';
import { defaultSettings } from '../../../shared/incidents/settings.ts';
import { writeSettings } from '../../../shared/incidents/settings-store.ts';
import type { Severity } from '../../../shared/platform/events.ts';
import { type Alerting, memberOf } from './member.ts';
import { minute, noon, openWorld, type World } from './world.ts';

/** What DynamoDB allows an item. */
const mostBytes = 400 * 1024;

/** The largest that the incident's item ever was, in bytes of JSON, which is more than DynamoDB counts. */
const watchSize = (world: World) => {
  let most = 0;
  const { update, put } = world.state;
  const look = async (name: string) => {
    const item = await world.state.get(incidentKey(world.incidentOf(name)), { consistent: true });
    most = Math.max(most, Buffer.byteLength(JSON.stringify(item ?? {})));
  };
  return {
    most: () => most,
    /** After each write of the incident. */
    on: (name: string) => {
      Object.assign(world.world.state, {
        put: async (...given: Parameters<typeof put>) => {
          await put(...given);
          await look(name);
        },
        update: async (...given: Parameters<typeof update>) => {
          await update(...given);
          await look(name);
        },
      });
    },
  };
};

const joinAll = async (world: World, first: string, count: number, alerting: Alerting) => {
  const incidentId = world.incidentOf(first);
  const when = { firedAt: world.at(), at: world.at() };
  for (let index = 0; index < count; index++) {
    const name = `${first}-${String(index).padStart(4, '0')}`;
    await putMember(world.state, incidentId, memberOf(name, 1, 'firing', alerting, when));
  }
};

describe('an incident stays an item of less than 400 KB (fault 7)', () => {
  test('with a thousand notes for the digest at once, of which the digest has each', async () => {
    const alerting = { severity: 'info' as Severity, reason: 'ä'.repeat(400) };
    const world = await openWorld({
      settings: { digest: { at: '13:00', timeZone: 'UTC', channels: ['mail'] } },
    });
    await world.fire('disk', alerting);
    await joinAll(world, 'disk', 900, alerting);
    const size = watchSize(world);
    size.on('disk');
    await world.run(noon + 64 * minute);
    expect(size.most()).toBeGreaterThan(0);
    expect(size.most()).toBeLessThan(mostBytes);
    await announceDigest(world.world, noon + 64 * minute);
    expect(world.told.at(-1)?.announcement.title).toBe('Digest of 2026-11-02: 901 notes');
    // Nothing is looked for once all are taken up.
    expect((await world.incident('disk')).wakeAt).toBeGreaterThan(world.at() + minute);
  });

  test('with alerts of AWS that bring fifty tags and endless words each', async () => {
    const tags = Array.from({ length: 50 }, (_, index) => [`tag.t${index}`, 'ö'.repeat(256)] as const);
    const alerting = { labels: Object.fromEntries(tags), reason: 'ü'.repeat(5000) };
    const world = await openWorld({ settings: { defaultChannels: ['slack', 'mail', 'pager'] } });
    await world.fire('alarm', alerting);
    await joinAll(world, 'alarm', 20, alerting);
    const size = watchSize(world);
    size.on('alarm');
    await world.run(noon + minute);
    for (let index = 0; index < 40; index++) {
      await world.acknowledge('alarm').catch(() => undefined);
      await world.unacknowledge('alarm').catch(() => undefined);
    }
    expect(size.most()).toBeLessThan(mostBytes);
    const [first] = world.told[0]?.announcement.alerts ?? [];
    expect(first?.labels).toMatchObject({
      check: expect.any(String),
      rule: 'Service Down',
      severity: 'error',
    });
    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(6000);
    await world.run(noon + 10 * minute);
    expect(world.queue()).toEqual([]);
  });

  test('and what is to be told is told, however much there is beside it that is not', async () => {
    const world = await openWorld();
    await world.fire('note', { severity: 'info' });
    await joinAll(world, 'note', 1100, { severity: 'info' });
    await world.run(noon + 30 * minute);
    await world.fire('zz');
    await world.run(noon + 32 * minute);
    expect(world.told.map(({ announcement }) => announcement.kind)).toEqual(['firing']);
  });
});

test('a wake that is lost for good delays what is to be told by a quarter of an hour, and loses nothing', async () => {
  const world = await openWorld();
  await world.fire('a');
  await world.run(noon + minute);
  const lose = async (act: () => Promise<unknown>) => {
    await act();
    world.loseMessages();
  };
  await lose(() => world.fire('b', { severity: 'critical' }));
  await world.run(noon + 30 * minute);
  await lose(() => world.resolve('a'));
  await lose(() => world.resolve('b'));
  await world.run(noon + 60 * minute);
  await world.fire('a');
  await world.resolve('a');
  await world.run(noon + 65 * minute);
  // It joins the one that is just resolved, which nobody looks at any more but for the last time.
  await lose(() => world.fire('a'));
  await world.run(noon + 75 * minute);
  expect(world.told.map(({ announcement }) => announcement.kind)).toEqual([
    'firing',
    'update',
    'resolved',
    'firing',
  ]);
});

test('while the bus is away all that people did is kept for the audit, whatever else changed', async () => {
  const world = await openWorld();
  await world.fire('a');
  await world.run(noon + minute);
  world.published.length = 0;
  world.setBus(true);
  for (let index = 0; index < 15; index++) await world.comment('a', `note ${index}`);
  await world.acknowledge('a');
  for (const name of ['b', 'c', 'd']) await world.fire(name);
  await world.run(noon + 20 * minute);
  expect(world.published).toEqual([]);
  world.setBus(false);
  await world.run(noon + 30 * minute);
  const actions = world.published.flatMap((event) =>
    event.type === 'audit.recorded' ? [event.detail.action] : [],
  );
  expect(actions).toEqual([...Array.from({ length: 15 }, () => 'commented'), 'acknowledged']);
});

test('what was told, muted afterwards and then over ends once on the timeline', async () => {
  const world = await openWorld();
  await world.fire('a');
  await world.run(noon + minute);
  await world.mute('s', { endsAt: noon + 60 * minute });
  await world.run(noon + 8 * minute);
  await world.resolve('a');
  await world.run(noon + 10 * minute);
  const entries = await world.timeline('a');
  expect(entries.filter(({ kind }) => kind === 'cleared').map(({ text }) => text)).toEqual([
    'Not firing any more: «Service Down» for a.',
  ]);
});

test('a route whose pattern cannot be read any more fits nothing, and the alert is told all the same', async () => {
  const world = await openWorld();
  const route = {
    name: 'old',
    matchers: [{ label: 'check', operator: '=~' as const, value: '(' }],
    channels: ['mail'],
    continue: false,
  };
  const settings = { ...defaultSettings, defaultChannels: ['slack'], routes: [route] };
  await writeSettings(world.state, {
    settings,
    managedBy: 'api',
    expected: 1,
    attempt: 'x',
    now: world.at(),
  });
  await world.fire('a');
  await world.run(noon + minute);
  expect(world.told.map(({ channel }) => channel)).toEqual(['slack']);
});

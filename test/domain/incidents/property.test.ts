import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channel } from './member.ts';
import { Killed } from './mortal.ts';
import { minute, openWorld, second, type Told, type World } from './world.ts';

const names = ['a', 'b', 'c'] as const;
const severities = ['info', 'warning', 'error', 'critical'] as const;

type Op =
  | {
      readonly do: 'fire' | 'resolve' | 'acknowledge' | 'unacknowledge' | 'escalate' | 'by hand';
      readonly name: string;
    }
  | { readonly do: 'severity'; readonly name: string; readonly severity: (typeof severities)[number] }
  | { readonly do: 'late'; readonly name: string; readonly seq: number; readonly isFiring: boolean }
  | { readonly do: 'mute' }
  | { readonly do: 'unmute' }
  | { readonly do: 'repeat' }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'kill'; readonly after: number }
  | { readonly do: 'bus'; readonly isDown: boolean };

const name = fc.constantFrom(...names);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('fire' as const, 'resolve' as const), name }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'acknowledge' as const,
        'unacknowledge' as const,
        'escalate' as const,
        'by hand' as const,
      ),
      name,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('severity' as const),
      name,
      severity: fc.constantFrom(...severities),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('late' as const),
      name,
      seq: fc.integer({ min: 1, max: 4 }),
      isFiring: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Op>({ do: 'mute' }, { do: 'unmute' }, { do: 'repeat' }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 4, 6, 30, 90, 301, 700),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), after: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bus' as const), isDown: fc.boolean() }) },
);

/** Where each alert goes: one channel of its own, and one for all. */
const channelsOf = (alert: string) => ['all', `only-${alert}`];

const play = async (ops: readonly Op[]) => {
  const world = await openWorld({
    settings: { escalation: [{ afterSeconds: 120, channels: ['pager'] }], repeatIntervalSeconds: 900 },
    channels: ['all', 'pager', ...names.map((one) => `only-${one}`)].map((one) => channel(one)),
  });
  world.redoneAfter(30 * second);
  const firing = new Map<string, (typeof severities)[number]>();
  let killIn = -1;
  let mutes = 0;
  world.interruptWith((what) => {
    if (killIn-- === 0) throw new Killed(what);
  });
  /** A person who is refused, or whose request dies, does nothing more about it. */
  const asked = async (work: () => Promise<unknown>) => {
    await world.abandoned(work);
  };
  for (const one of ops) {
    if (one.do === 'wait') await world.run(world.at() + one.seconds * second);
    else if (one.do === 'kill') killIn = one.after;
    else if (one.do === 'bus') world.setBus(one.isDown);
    else if (one.do === 'mute') await world.mute(`mute-${mutes++}`, {});
    else if (one.do === 'unmute') {
      if (mutes > 0) await world.mute(`mute-${--mutes}`, { endsAt: world.at() }, 2);
    } else if (one.do === 'repeat') world.repeat();
    else if (one.do === 'fire') {
      if (firing.has(one.name)) continue;
      firing.set(one.name, 'error');
      await world.fire(one.name, { severity: 'error', channels: channelsOf(one.name) });
    } else if (one.do === 'severity') {
      if (!firing.has(one.name)) continue;
      firing.set(one.name, one.severity);
      await world.worsen(one.name, one.severity);
    } else if (!world.isHome(one.name)) {
      // Nobody knows of it yet.
    } else if (one.do === 'resolve') {
      if (!firing.delete(one.name)) continue;
      await world.resolve(one.name);
    } else if (one.do === 'late') {
      // Only what is older than what the evaluator put last can come late.
      if (one.seq < world.seqOf(one.name)) {
        await world.abandoned(() => world.putMember(one.name, one.seq, one.isFiring ? 'firing' : 'resolved'));
      }
    } else if (one.do === 'acknowledge') await asked(() => world.acknowledge(one.name));
    else if (one.do === 'unacknowledge') await asked(() => world.unacknowledge(one.name));
    else if (one.do === 'escalate') await asked(() => world.escalate(one.name));
    else if (one.do === 'by hand') {
      for (const each of names) if (world.isWith(each, one.name)) firing.delete(each);
      // Later, the repeat would mean what fires by then.
      world.redoneAfter('at once');
      await world.surviving(() => world.resolveByHand(one.name));
      world.redoneAfter(30 * second);
    }
  }
  world.interruptWith(() => {});
  world.setBus(false);
  while (mutes > 0) await world.mute(`mute-${--mutes}`, { endsAt: world.at() }, 2);
  await world.run(world.at() + 30 * minute);
  return { world, firing };
};

const byChannel = (told: readonly Told[]) =>
  Map.groupBy(told, (one) => `${one.channel} ${one.announcement.incidentId}`);

const requireOrder = (told: readonly Told[]) => {
  for (const [whom, list] of byChannel(told)) {
    let status: string | undefined;
    let no = 0;
    for (const { announcement } of list) {
      expect(announcement.no, `${whom} in order, each once`).toBeGreaterThan(no);
      no = announcement.no;
      if (announcement.status === 'resolved')
        expect(status, `${whom} is told of no end without a beginning`).toBe('firing');
      status = announcement.status;
    }
  }
};

/** How the channel knows the incident by what it was told last. */
const lastOf = (told: readonly Told[], who: string, incidentId: string) =>
  told.filter((one) => one.channel === who && one.announcement.incidentId === incidentId).at(-1)
    ?.announcement;

const requireTruth = (world: World, firing: ReadonlyMap<string, string>) => {
  for (const [alert, severity] of firing) {
    if (severity === 'info') continue;
    for (const who of channelsOf(alert)) {
      const last = lastOf(world.told, who, world.incidentOf(alert));
      expect(last?.status, `${who} knows that ${alert} fires`).toBe('firing');
      const named = last?.alerts.find(({ alertId }) => alertId === `alert-${alert}`);
      expect(named?.state, `${who} was told of ${alert} by name`).toBe('firing');
    }
  }
  const burning = new Set([...firing.keys()].map((alert) => world.incidentOf(alert)));
  for (const [whom, list] of byChannel(world.told)) {
    const last = list.at(-1)?.announcement;
    if (!last || burning.has(last.incidentId)) continue;
    expect(last.status, `${whom} knows that it is over`).toBe('resolved');
  }
};

const requireRest = async (world: World) => {
  const here = names.filter((alert) => world.isHome(alert));
  // What came due since the notifier's last minute.
  for (const alert of here) await world.advance(alert);
  const told = world.told.length;
  for (const alert of here) {
    const { version } = await world.incident(alert);
    await world.advance(alert);
    expect((await world.incident(alert)).version, 'looked at once more, nothing is written').toBe(version);
    const entries = (await world.timeline(alert)).map(({ id, at }) => `${at} ${id}`);
    expect(new Set(entries).size).toBe(entries.length);
  }
  expect(world.told.length).toBe(told);
  expect([...world.state.items.values()].filter(({ left }) => left !== undefined)).toEqual([]);
};

test('no order of changes, repeats, late ones, people, silences and crashes loses a firing or an end, or tells an end first (faults 1, 2 and 3)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 3, maxLength: 40 }), async (ops) => {
      const { world, firing } = await play(ops);
      requireOrder(world.told);
      requireTruth(world, firing);
      await requireRest(world);
    }),
    { numRuns: 150 },
  );
}, 120_000);

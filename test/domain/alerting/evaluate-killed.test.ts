import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkIdOf } from '../../../shared/health/check.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import type { Table } from '../../../shared/storage/index.ts';
import {
  checkChanged,
  type Evaluator,
  eventOf,
  openEvaluator,
  ruleChangedEvent,
  transition,
} from './evaluate-world.ts';
import { at, recordOf } from './rules.ts';

type Step = {
  readonly second: number;
  /** What is true from then on, done by nobody who can be killed. */
  readonly meanwhile?: (world: Evaluator) => Promise<unknown>;
  readonly messages: (world: Evaluator) => Promise<readonly unknown[]> | readonly unknown[];
};

const long = { name: 'long', type: 'downtime', condition: { longerThan: '2m' } };
const rule = recordOf(long);
const finding = (state: 'open' | 'resolved', second: number) =>
  eventOf('finding.changed', {
    id: `f@${second}`,
    at: new Date(at(second)).toISOString(),
    findingId: 'f',
    kind: 'drift',
    state,
    severity: 'critical',
    deploymentId: 'bank',
    resource: 'bucket',
    title: 'Public bucket',
    reason: 'anybody may read it',
    tags: {},
  });

/** Fires at once, waits and fires by its timer, is resolved; a rule is removed, a check paused and resumed. */
const story: readonly Step[] = [
  {
    second: 10,
    meanwhile: (world) => world.stand({ home: ['unhealthy', 10], shop: ['unhealthy', 10] }),
    messages: () => [transition('home', 'unhealthy', 10), transition('shop', 'unhealthy', 10)],
  },
  { second: 130, messages: (world) => world.due() },
  { second: 140, messages: () => [finding('open', 139)] },
  {
    second: 200,
    meanwhile: (world) =>
      world.stand({ home: ['unhealthy', 10], shop: ['unhealthy', 10] }, { pausedAt: at(199) }),
    messages: () => [checkChanged('shop')],
  },
  {
    second: 260,
    meanwhile: (world) => world.stand({ home: ['unhealthy', 10], shop: ['unhealthy', 10] }),
    messages: () => [checkChanged('shop'), finding('resolved', 250)],
  },
  {
    second: 300,
    meanwhile: async (world) => {
      await world.saveRule(long, { revision: 2, deletedAt: at(299) });
    },
    messages: () => [ruleChangedEvent(rule)],
  },
  {
    second: 400,
    meanwhile: (world) => world.stand({ home: ['healthy', 390], shop: ['healthy', 390] }),
    messages: () => [transition('home', 'healthy', 390), transition('shop', 'healthy', 390)],
  },
];

/** Ids of incidents are random: they are told apart by the order in which their members came. */
const essence = (world: Evaluator) => {
  const members = world.members().map(({ seq: _seq, ...member }) => member);
  const byId = <T extends { readonly alertId: string; readonly eventId?: string; readonly id?: string }>(
    all: T[],
  ) =>
    all.sort((one, other) =>
      `${one.alertId}${one.eventId ?? one.id}` < `${other.alertId}${other.eventId ?? other.id}` ? -1 : 1,
    );
  const alerts = world.alerts().map(({ key, alert, isUntold, unsent }) => ({
    key: key.sk,
    state: alert?.state,
    reason: alert?.reason,
    left: isUntold || unsent.length > 0,
  }));
  return {
    members: byId(members),
    episodes: byId(
      world.episodes().map(({ incidentId: _id, seq: _seq, ...episode }) => ({ ...episode, v: 1 })),
    ),
    alerts: alerts.sort((one, other) => (one.key < other.key ? -1 : 1)),
    told: tale(world.published),
  };
};

/** Each event once; told again it must say the same. */
const tale = (published: readonly HomeostatEvent[]): string[] => {
  const byId = new Map<string, string>();
  for (const event of published) {
    if (event.type !== 'alert.state_changed') continue;
    const text = JSON.stringify(event.detail);
    const earlier = byId.get(event.detail.id);
    if (earlier !== undefined && earlier !== text)
      throw new Error(`${event.detail.id} was told twice, and differently`);
    byId.set(event.detail.id, text);
  }
  return [...byId.values()]
    .map((text) => JSON.parse(text))
    .map(({ ruleName, subject, from, to }) => `${ruleName} ${subject} ${from}→${to}`)
    .sort();
};

const play = async (
  kill?: { readonly step: number; readonly at: number; readonly times?: number },
  prepare: (world: Evaluator) => void = () => {},
) => {
  const world = openEvaluator();
  prepare(world);
  await world.saveRule(long);
  let wasKilled = false;
  for (const [index, { second, meanwhile, messages }] of story.entries()) {
    world.at(second);
    await meanwhile?.(world);
    const given = await messages(world);
    for (let times = 0; index === kill?.step && times < (kill.times ?? 1); times++) {
      wasKilled = await world.takeKilled(kill.at + 7 * times, ...given);
    }
    expect(await world.take(...given), world.failures.join()).toEqual([]);
  }
  return { world, wasKilled, ...essence(world) };
};

const faultFree = await play();

it('without faults all that can be told is told, and nothing is left', () => {
  const [home, shop] = ['home', 'shop'].map((name) => `check:${checkIdOf('shop', name)}`);
  const whole = (key: string | undefined, from: string) => [
    `Service Down ${key} ${from}→firing`,
    `Service Down ${key} firing→resolved`,
    `long ${key} ${from === 'inactive' ? 'pending' : from}→firing`,
    `long ${key} firing→resolved`,
  ];
  expect(faultFree.told).toEqual(
    [
      'Critical Drift finding:f inactive→firing',
      'Critical Drift finding:f firing→resolved',
      ...[home, shop].flatMap((key) => [`long ${key} inactive→pending`, ...whole(key, 'inactive')]),
      // Paused and resumed: down again as it was, and for long enough.
      ...whole(shop, 'resolved'),
    ].sort(),
  );
  expect(faultFree.alerts.filter(({ left }) => left)).toEqual([]);
  expect(new Set(faultFree.members.map(({ state }) => state))).toEqual(new Set(['resolved']));
});

describe('an evaluator killed at its n-th access, for every n, before and after it took effect', () => {
  it.each(story.map(({ second }, step) => [second, step] as const))(
    'at second %i, and its messages delivered again: nothing is lost, nothing is told twice (faults 1 and 3)',
    async (_, step) => {
      let kills = 0;
      for (let wasKilled = true; wasKilled; kills++) {
        const killed = await play({ step, at: kills });
        const { world: _world, wasKilled: was, ...end } = killed;
        const { world: _free, wasKilled: __, ...free } = faultFree;
        expect(end, `killed at ${kills}`).toEqual(free);
        // Whoever was woken last saw the last of it: the decider is woken after the members were put.
        expect(killed.world.woken.length).toBeGreaterThanOrEqual(faultFree.world.woken.length);
        wasKilled = was;
      }
      expect(kills).toBeGreaterThan(20);
    },
  );

  it('again and again at different places: all ends as without the fault', async () => {
    const kills = fc.record({
      step: fc.nat(story.length - 1),
      at: fc.nat(60),
      times: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(kills, async (kill) => {
        const { world: _world, wasKilled: _was, ...end } = await play(kill);
        const { world: _free, wasKilled: __, ...free } = faultFree;
        expect(end).toEqual(free);
      }),
      { numRuns: 20 },
    );
  });

  it('and never delivered again: what was written is told by the alert itself, when the notifier wakes it', async () => {
    for (let kill = 0, wasKilled = true; wasKilled; kill++) {
      const world = openEvaluator();
      await world.stand({ home: ['unhealthy', 10] });
      wasKilled = await world.takeKilled(kill, transition('home', 'unhealthy', 10));
      const isWritten = world.alerts().some(({ alert }) => alert?.state === 'firing');
      world.at(60);
      expect(await world.take(...(await world.due()))).toEqual([]);
      expect(world.members().map(({ state }) => state)).toEqual(isWritten ? ['firing'] : []);
      expect(world.episodes()).toHaveLength(isWritten ? 1 : 0);
      expect(tale(world.published)).toHaveLength(isWritten ? 1 : 0);
      expect(world.woken.length).toBeGreaterThanOrEqual(isWritten ? 1 : 0);
      expect(await world.due()).toEqual([]);
    }
  });
});

describe('services that fail', () => {
  it('a write whose acknowledgement was lost finds its own attempt (fault 5)', async () => {
    const {
      world: _world,
      wasKilled: _was,
      ...end
    } = await play(undefined, ({ state }) => {
      const put: Table['put'] = state.put;
      // The SDK repeats a call that was not answered: a condition then fails against our own write.
      state.put = async (...given) => {
        await put(...given);
        return put(...given);
      };
    });
    const { world: _free, wasKilled: __, ...free } = faultFree;
    expect(end).toEqual(free);
  });

  it('while the bus is away alerts go on, and their events are told when it is back', async () => {
    const world = openEvaluator();
    await world.stand({ home: ['unhealthy', 10] });
    world.bus.isDown = true;
    expect(await world.take(transition('home', 'unhealthy', 10))).toEqual([]);
    world.at(100);
    await world.take(transition('home', 'healthy', 99));
    expect(world.members()).toMatchObject([{ state: 'resolved' }]);
    expect(world.woken).toHaveLength(2);
    world.bus.isDown = false;
    world.at(200);
    await world.take(...(await world.due()));
    expect(world.changes()).toEqual(['Service Down inactive→firing', 'Service Down firing→resolved']);
    expect(await world.due()).toEqual([]);
  });

  it('throttled for one alert, the others are told, and only then it comes again (fault 4)', async () => {
    const world = openEvaluator();
    await world.stand({ home: ['unhealthy', 10], shop: ['unhealthy', 10] });
    const put: Table['put'] = world.state.put;
    let isThrottled = true;
    const homeKey = `check:${checkIdOf('shop', 'home')}`;
    world.state.put = async (item, condition) => {
      const isHome = JSON.stringify(item).includes(homeKey);
      if (isThrottled && isHome)
        throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      return put(item, condition);
    };
    const messages = [transition('home', 'unhealthy', 10), transition('shop', 'unhealthy', 10)];
    expect((await world.take(...messages)).sort()).toEqual([0, 1]);
    expect(world.members().map(({ subject }) => subject.name)).toEqual(['shop']);
    isThrottled = false;
    expect(await world.take(...messages)).toEqual([]);
    expect(
      world
        .members()
        .map(({ subject }) => subject.name)
        .sort(),
    ).toEqual(['home', 'shop']);
  });
});

import { describe, expect, test } from 'vitest';
import { emptyHead, type HealthEvent, toHeadItem } from '../../../shared/health/head.ts';
import { placeOf, putPlace } from '../../../shared/health/place-item.ts';
import type { PlanEntry } from '../../../shared/health/plan.ts';
import { unfoldedResults } from '../../../shared/health/telemetry.ts';
import { needsTending } from '../../../shared/health/tend.ts';
import { noon, planOf, seen, stateOf, statusChanges } from './builders.ts';
import type { MemoryTable } from './memory-table.ts';
import { minute, openWorld, slotOf, toldBy } from './run-world.ts';
import { letters, words } from './timeline.ts';

const shard = 'home.public.60.0';
const parentShard = 'home.public.120.0';
const parentId = 'parent-check';

/** o: well, f: failing but not unhealthy yet, d: unhealthy, p: paused. */
const parentStates = {
  o: { status: 'healthy', failures: 0 },
  f: { status: 'healthy', failures: 1 },
  d: { status: 'unhealthy', failures: 3 },
  p: { status: 'unhealthy', failures: 3 },
} as const;

const setParent = async (telemetry: MemoryTable, slot: number, letter: keyof typeof parentStates) => {
  const entry = { no: 1, timeoutSeconds: 5, placedAt: noon - minute, paused: letter === 'p' };
  await putPlace(telemetry, parentId, placeOf(parentShard, entry), slot);
  const checks = new Map([[1, stateOf({ ...parentStates[letter], at: slotOf(slot) })]]);
  await telemetry.put(
    toHeadItem({ ...emptyHead(parentShard), version: 1, slotAt: slotOf(slot), checks }, 'a'),
  );
};

type Given = {
  readonly child: string;
  /** How the parent stands from each slot on; without it there is none in any plan. */
  readonly parent?: string;
  readonly entry?: Partial<PlanEntry>;
};

const at = (events: readonly HealthEvent[], slot: number): string[] =>
  statusChanges(events).map(({ id, from, to }) => {
    const happened = (Number(id.split('@')[1]) - noon) / minute;
    return `${slot}: ${words[from]}>${words[to]} of ${happened}`;
  });

/** Runs the child's slots, a minute each, and tells in which slot which change of which slot was told. */
const play = async ({ child, parent, entry = {} }: Given) => {
  const line = child.split(' ');
  const parents = parent?.split(' ');
  const plan = planOf(shard, [1], { 1: { failureThreshold: 1, successThreshold: 1, ...entry } });
  const world = await openWorld({
    plan,
    see: (slot) => ({ seen: [seen(1, letters[line[slot - 1] ?? ''] ?? {})] }),
    meanwhile: async (slot, telemetry) => {
      const letter = parents?.[slot - 1] as keyof typeof parentStates | undefined;
      if (letter) await setParent(telemetry, slot, letter);
    },
  });
  const told: string[] = [];
  let before = 0;
  for (const [index, letter] of line.entries()) {
    if (letter !== '.') await world.deliver(index + 1);
    told.push(...at(world.published.slice(before), index + 1));
    before = world.published.length;
  }
  return { world, plan, told };
};

describe('a child of a parent that runs each two minutes with a timeout of 5 s', () => {
  test.each([
    {
      rule: 'its trouble waits for one interval and the timeout of the parent, and is told of when it began',
      child: 'U D D D D D',
      parent: 'o o o o o o',
      told: ['1: ?>up of 1', '5: up>down of 2'],
    },
    {
      rule: 'it waits on while the parent counts failures and is down, and is told when that is over',
      child: 'U D D D D D D D D',
      parent: 'o o o f d d d o o',
      told: ['1: ?>up of 1', '8: up>down of 2'],
    },
    {
      rule: 'its recovery is always told, and trouble that is past is not told after it',
      child: 'U D D D D U U U',
      parent: 'o o f d d d d o',
      told: ['1: ?>up of 1', '6: down>up of 6'],
    },
    {
      rule: 'the parent is well first: trouble that is just passing is not told any more',
      child: 'U D D D D D U U',
      parent: 'o f d d d d o o',
      entry: { successThreshold: 2 },
      told: ['1: ?>up of 1', '8: down>up of 8'],
    },
    {
      rule: 'trouble that passed for a moment only is told when it is there again',
      child: 'U D D D D D U D',
      parent: 'o f d d d d o o',
      entry: { successThreshold: 2 },
      told: ['1: ?>up of 1', '8: up>down of 2'],
    },
    {
      rule: 'trouble that grew is told once, from what was told last',
      child: 'U S D D D D',
      parent: 'o o o o o o',
      told: ['1: ?>up of 1', '5: up>down of 3'],
    },
    {
      rule: 'trouble that became less is still held, and told as it is',
      child: 'U D S S S S',
      parent: 'o o o o o o',
      told: ['1: ?>up of 1', '5: up>slow of 3'],
    },
    {
      rule: 'what was told already and gets better is told at once',
      child: 'U D D D D S',
      parent: 'o o o o o d',
      told: ['1: ?>up of 1', '5: up>down of 2', '6: down>slow of 6'],
    },
    {
      rule: 'to become unknown is told at once, for it is no trouble of the child',
      child: 'U D ? ?',
      parent: 'o d d d',
      told: ['1: ?>up of 1', '3: down>? of 3'],
    },
    {
      rule: 'a parent that is paused is unknown, and holds no longer than the wait',
      child: 'U D D D D',
      parent: 'p p p p p',
      told: ['1: ?>up of 1', '5: up>down of 2'],
    },
    {
      rule: 'so does one whose results stopped coming',
      child: 'U D D D D D D D D D D',
      parent: 'o d',
      told: ['1: ?>up of 1', '8: up>down of 2'],
    },
    {
      rule: 'a parent that is in no plan holds nothing',
      child: 'U D',
      parent: undefined,
      told: ['1: ?>up of 1', '2: up>down of 2'],
    },
    {
      rule: 'while we are blind nothing is told of it (fault 14)',
      child: 'U D B B B B D',
      parent: 'o o o o o o o',
      told: ['1: ?>up of 1', '7: up>down of 2'],
    },
  ])('$rule: $child beside $parent', async ({ child, parent, entry: given = {}, told }) => {
    const entry = { parentId, failureThreshold: 1, ...given };
    expect((await play({ child, ...(parent && { parent }), entry })).told).toEqual(told);
  });

  test('is recorded at once, though it is not told', async () => {
    const { world } = await play({ child: 'U D', parent: 'o d', entry: { parentId } });
    expect((await world.head()).checks.get(1)).toMatchObject({ status: 'unhealthy', since: slotOf(2) });
  });

  test('whose shard does not run any more is told by the watchdog', async () => {
    const { world, plan } = await play({ child: 'U D', parent: 'o o', entry: { parentId } });
    expect(needsTending(plan, await world.head(), slotOf(4) + 4_999)).toBe(false);
    expect(needsTending(plan, await world.head(), slotOf(4) + 5_000)).toBe(true);
    await world.tend(4 * minute + 5_000);
    expect(at(world.published.slice(1), 4)).toEqual(['4: up>down of 2']);
    expect(needsTending(plan, await world.head(), slotOf(4) + 5_000)).toBe(false);
  });

  test('that moves to another shard takes its held trouble along', async () => {
    const { world } = await play({ child: 'U D', parent: 'o o', entry: { parentId } });
    const seed = (await world.head()).checks.get(1);
    if (!seed) throw new Error('nothing was folded');
    const slow = await openWorld({
      plan: planOf('home.slow.60.0', [7], { 7: { parentId, seed, failureThreshold: 1 } }),
      see: () => ({ seen: [seen(7, letters.D)] }),
      meanwhile: async (slot, telemetry) => setParent(telemetry, slot, 'o'),
    });
    await slow.deliver(5);
    expect(at(slow.published, 5)).toEqual(['5: up>down of 2']);
  });
});

describe('a parent that keeps back its own trouble', () => {
  /** Shards of a check each, by name: who is the parent of whom. All go down at the same slot. */
  const playTogether = async (parents: Readonly<Record<string, string | undefined>>, slots: number) => {
    const names = Object.keys(parents);
    const told: string[] = [];
    const tables = new Map<string, MemoryTable>();
    const worlds = await Promise.all(
      names.map((id, index) => {
        const parent = parents[id];
        const entry = { id, failureThreshold: 1, ...(parent !== undefined && { parentId: parent }) };
        const plan = planOf(`home.public.60.${index}`, [1], { 1: entry });
        return openWorld({ plan, see: (slot) => ({ seen: [seen(1, letters[slot === 1 ? 'U' : 'D'])] }) });
      }),
    );
    for (const [index, world] of worlds.entries()) tables.set(`S#home.public.60.${index}`, world.telemetry);
    for (const [index, id] of names.entries()) {
      const place = placeOf(`home.public.60.${index}`, { no: 1, timeoutSeconds: 5, placedAt: noon });
      for (const table of tables.values()) await putPlace(table, id, place, 1);
    }
    // Each sees what the others have written, as in the one table that they share.
    for (const { telemetry } of worlds) {
      const own = telemetry.batchGet;
      telemetry.batchGet = async (keys, options) => {
        const elsewhere = keys.map((key) => tables.get(key.pk)?.get(key, options));
        const found = (await Promise.all(elsewhere)).flatMap((item) => item ?? []);
        return [
          ...found,
          ...(await own(
            keys.filter(({ pk }) => !tables.has(pk)),
            options,
          )),
        ];
      };
    }
    for (let slot = 1; slot <= slots; slot++) {
      for (const [index, world] of worlds.entries()) {
        const before = world.published.length;
        await world.deliver(slot);
        for (const { to } of statusChanges(world.published.slice(before)))
          told.push(`${slot}: ${names[index]} ${words[to]}`);
      }
    }
    return told.slice(names.length);
  };

  test('holds its children too, for whoever it waits for was told', async () => {
    const told = await playTogether({ gateway: undefined, shop: 'gateway', basket: 'shop' }, 20);
    expect(told).toEqual(['2: gateway down']);
  });

  test('holds nobody who holds it: of two that wait for each other one is told, and the other waits for that one', async () => {
    expect(await playTogether({ shop: 'basket', basket: 'shop' }, 20)).toEqual(['2: basket down']);
  });

  test('nor in a wider circle, and whoever hangs on one waits as ever', async () => {
    const told = await playTogether({ a: 'b', b: 'c', c: 'a', outside: 'a' }, 20);
    expect(told).toEqual(['2: c down']);
  });
});

describe('a maintenance window from half past minute 1 to half past minute 5', () => {
  const window = [{ at: new Date(noon + 1.5 * minute).toISOString(), durationSeconds: 240 }];
  const entry = { maintenance: window };
  test.each([
    {
      rule: 'trouble in it is told after it, if it is still there',
      child: 'U D D D D D D',
      told: ['1: ?>up of 1', '6: up>down of 2'],
    },
    { rule: 'not if it is over', child: 'U D D U U U', told: ['1: ?>up of 1', '4: down>up of 4'] },
    { rule: 'nor what came and went', child: 'U D D S D U', told: ['1: ?>up of 1', '6: down>up of 6'] },
    {
      rule: 'trouble from before it was told before it',
      child: 'D D D D D D U',
      told: ['1: ?>down of 1', '7: down>up of 7'],
    },
    {
      rule: 'trouble after it is told at once',
      child: 'U U U U U D',
      told: ['1: ?>up of 1', '6: up>down of 6'],
    },
  ])('$rule: $child', async ({ child, told }) => {
    expect((await play({ child, entry })).told).toEqual(told);
  });

  test('after it a parent in trouble holds on', async () => {
    const given = { child: 'U D D D D D D D', parent: 'o o o o o d d o', entry: { ...entry, parentId } };
    expect((await play(given)).told).toEqual(['1: ?>up of 1', '8: up>down of 2']);
  });

  test('what was seen in it says so, judged by the instant of the slot', async () => {
    const { world } = await play({ child: 'U D U U U U', entry });
    const { results } = await unfoldedResults(world.telemetry, shard, 0);
    expect(results.map(({ seen: [one] }) => one?.inMaintenance ?? false)).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test('its end is told by the watchdog where no run comes', async () => {
    const { world, plan } = await play({ child: 'U D', entry });
    await world.tend(3 * minute);
    expect(world.published).toHaveLength(1);
    await world.tend(5 * minute + 30_000);
    expect(at(world.published.slice(1), 5)).toEqual(['5: up>down of 2']);
    expect(needsTending(plan, await world.head(), slotOf(5) + 30_000)).toBe(false);
  });
});

test('whatever is told is told once, with one id (fault 1)', async () => {
  const { world } = await play({ child: 'U D D D D D U', parent: 'o o o o o o o', entry: { parentId } });
  for (const slot of [2, 5, 7, 3]) await world.deliver(slot);
  expect(toldBy(world.published)).toHaveLength(3);
  expect(world.published).toHaveLength(3);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Limits } from '../../../shared/policies/index.ts';
import { decideLimits } from '../../../shared/remediation/decide-limits.ts';
import {
  decideReservation,
  limitKey,
  type Reserved,
  readChanged,
  releaseLimits,
  reserveLimits,
} from '../../../shared/remediation/limits.ts';
import { memoryTable } from '../incidents/memory.ts';
import { Killed, openMortal } from '../incidents/mortal.ts';
import { hour, minute, noon, planOf, restart } from './plans.ts';

const remedy = 'health_remediation.unhealthy_service';
const named = (names: string, of = remedy) => [...names].map((key) => ({ key, remedy: of }));

describe('over the limit nothing runs, not the first few', () => {
  test.each<{
    rule: string;
    limits: Limits;
    maxResources?: number;
    own: string;
    inNeed: string;
    changed: string;
    total: number;
    held: RegExp | undefined;
  }>([
    { rule: 'no limit', limits: {}, own: 'a', inNeed: 'abcdef', changed: 'xyz', total: 9, held: undefined },
    {
      rule: 'as many as allowed',
      limits: { maxCount: 3 },
      own: 'a',
      inNeed: 'abc',
      changed: '',
      total: 9,
      held: undefined,
    },
    {
      rule: 'one more is in need than allowed',
      limits: { maxCount: 3 },
      own: 'a',
      inNeed: 'abcd',
      changed: '',
      total: 9,
      held: /^4 resources are in need or changed within an hour, and the policy allows 3: nothing is done\.$/,
    },
    {
      rule: 'what was changed counts with what is in need',
      limits: { maxCount: 2 },
      own: 'a',
      inNeed: 'ab',
      changed: 'c',
      total: 9,
      held: /^3 resources/,
    },
    {
      rule: 'each resource counts once',
      limits: { maxCount: 2 },
      own: 'a',
      inNeed: 'ab',
      changed: 'ab',
      total: 9,
      held: undefined,
    },
    {
      rule: 'zero means zero',
      limits: { maxCount: 0 },
      own: 'a',
      inNeed: '',
      changed: '',
      total: 9,
      held: /^1 resource is/,
    },
    {
      rule: 'zero resources of this remedy',
      limits: {},
      maxResources: 0,
      own: 'a',
      inNeed: '',
      changed: '',
      total: 9,
      held: /allows 0/,
    },
    {
      rule: 'a percentage: half of four',
      limits: { maxPercent: 50 },
      own: 'a',
      inNeed: 'ab',
      changed: '',
      total: 4,
      held: undefined,
    },
    {
      rule: 'a percentage: more than half',
      limits: { maxPercent: 50 },
      own: 'a',
      inNeed: 'abc',
      changed: '',
      total: 4,
      held: /^3 of 4 resources are in need .* allows 50 %/,
    },
    {
      rule: 'ten percent of five is none',
      limits: { maxPercent: 10 },
      own: 'a',
      inNeed: 'a',
      changed: '',
      total: 5,
      held: /^1 of 5/,
    },
    {
      rule: 'zero percent is none',
      limits: { maxPercent: 0 },
      own: 'a',
      inNeed: '',
      changed: '',
      total: 100,
      held: /^1 of 100/,
    },
    {
      rule: 'where nobody counted, one is all',
      limits: { maxPercent: 99 },
      own: 'a',
      inNeed: '',
      changed: '',
      total: 0,
      held: /^1 of 1/,
    },
    {
      rule: 'both hold: the stricter counts',
      limits: { maxCount: 5, maxPercent: 10 },
      own: 'a',
      inNeed: 'ab',
      changed: '',
      total: 10,
      held: /%/,
    },
  ])('$rule', ({ limits, maxResources, own, inNeed, changed, total, held }) => {
    const hold = decideLimits(
      { limits, maxResources, remedy },
      { own: [...own], inNeed: named(inNeed), changed: named(changed), total },
    );
    if (held === undefined) expect(hold).toBeUndefined();
    else expect(hold?.reason).toMatch(held);
  });

  test('resources of a remedy of its own number count by that remedy alone', () => {
    const critical = 'drift_remediation critical';
    const inNeed = [...named('a', critical), ...named('bcdef', 'drift_remediation warning')];
    const touched = { own: ['a'], inNeed, changed: [], total: 9 };
    expect(decideLimits({ limits: {}, maxResources: 1, remedy: critical }, touched)).toBeUndefined();
    const two = { ...touched, inNeed: [...inNeed, ...named('z', critical)] };
    expect(decideLimits({ limits: {}, maxResources: 1, remedy: critical }, two)?.brake).toBe('blast_radius');
  });
});

const planFor = (name: string, occurrence = '1') =>
  planOf({ actions: [restart(name)], occasion: { ...planOf().occasion, id: name, occurrence } });
const bounded = (maxCount: number) => ({ limits: { maxCount }, remedy });

describe('a reservation', () => {
  const reserved = (name: string, at: number): Reserved => ({
    planHash: planFor(name).hash,
    keys: [`process/${name}`],
    remedy,
    at,
  });
  test('counts an hour, and then no more', () => {
    const before = [reserved('a', noon - hour + 1), reserved('b', noon - hour)];
    const given = { plan: planFor('c'), bounds: bounded(2), now: noon, inNeed: [], total: 9 };
    const decided = decideReservation(before, given);
    expect('reserved' in decided && decided.reserved.map(({ keys }) => keys)).toEqual([
      ['process/a'],
      ['process/c'],
    ]);
  });

  test('of the same plan is counted once, however often it is asked for', () => {
    const given = { plan: planFor('a'), bounds: bounded(1), now: noon, inNeed: [], total: 9 };
    const first = decideReservation([], given);
    if (!('reserved' in first)) throw new Error('there was room');
    const again = decideReservation(first.reserved, { ...given, now: noon + minute });
    expect(again).toEqual({ reserved: [{ ...reserved('a', noon + minute) }] });
  });

  test('is given back when nothing was changed; giving back twice changes nothing', async () => {
    const state = memoryTable(() => noon);
    const ports = { state, newId: () => 'id' };
    const given = { plan: planFor('a'), bounds: bounded(1), now: noon, inNeed: [], total: 9 };
    expect(await reserveLimits(ports, given)).toBeUndefined();
    expect((await reserveLimits(ports, { ...given, plan: planFor('b') }))?.brake).toBe('blast_radius');
    await releaseLimits(ports, planFor('a'), noon);
    await releaseLimits(ports, planFor('a'), noon);
    expect(await readChanged(state, planFor('x'), noon)).toEqual([]);
    expect(await reserveLimits(ports, { ...given, plan: planFor('b') })).toBeUndefined();
  });

  test('without a limit, or without a policy, nothing is written', async () => {
    const state = memoryTable(() => noon);
    const ports = { state, newId: () => 'id' };
    const given = { bounds: { limits: {}, remedy }, now: noon, inNeed: [], total: 9 };
    expect(await reserveLimits(ports, { ...given, plan: planFor('a') })).toBeUndefined();
    expect(
      await reserveLimits(ports, { ...given, bounds: bounded(0), plan: { ...planFor('a'), policy: null } }),
    ).toBeUndefined();
    expect(state.items.size).toBe(0);
  });
});

/** Never more than `most` resources were let go within any hour that ends now. */
const changedNow = async (state: ReturnType<typeof memoryTable>, now: number): Promise<number> =>
  new Set((await readChanged(state, planFor('nobody'), now)).map(({ key }) => key)).size;

test('limits are never exceeded, whatever plans ask at once and in whatever order their accesses meet', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 8 }),
      async (scheduler, most, names) => {
        const table = memoryTable(() => noon);
        const state = {
          get: (...given: Parameters<typeof table.get>) =>
            scheduler.schedule(Promise.resolve()).then(() => table.get(...given)),
          put: (...given: Parameters<typeof table.put>) =>
            scheduler.schedule(Promise.resolve()).then(() => table.put(...given)),
          update: (...given: Parameters<typeof table.update>) =>
            scheduler.schedule(Promise.resolve()).then(() => table.update(...given)),
        };
        let ids = 0;
        const ports = { state, newId: () => `id-${ids++}`, pause: async () => {} };
        const passed = new Set<string>();
        const all = names.map(async (name, at) => {
          const plan = planFor(name, String(at));
          const hold = await reserveLimits(ports, {
            plan,
            bounds: bounded(most),
            now: noon,
            inNeed: [],
            total: 9,
          });
          if (!hold) passed.add(name);
        });
        await scheduler.waitFor(Promise.all(all));
        expect(passed.size).toBeLessThanOrEqual(most);
        // With room for one, somebody gets it.
        expect(passed.size).toBe(Math.min(most, new Set(names).size));
        expect(await changedNow(table, noon)).toBe(passed.size);
      },
    ),
    { numRuns: 200 },
  );
});

test('killed at any access and asked again, a plan is counted once, and never more than allowed (fault 3)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), killedAt: fc.integer({ min: 0, max: 8 }) }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      async (asking) => {
        const clock = () => noon;
        const mortal = openMortal(clock);
        const state = memoryTable(clock, mortal.interrupted);
        let ids = 0;
        const ports = { state, newId: () => `id-${ids++}`, pause: async () => {} };
        for (const { name, killedAt } of asking) {
          let access = 0;
          mortal.interruptWith((what) => {
            if (access++ === killedAt) throw new Killed(what);
          });
          await mortal.surviving(() =>
            reserveLimits(ports, {
              plan: planFor(name),
              bounds: bounded(2),
              now: noon,
              inNeed: [],
              total: 9,
            }),
          );
        }
        mortal.interruptWith(() => {});
        const { pk, sk } = limitKey('p1', 'prod');
        const item = await state.get({ pk, sk });
        const reserved = (item?.reserved ?? []) as unknown as readonly Reserved[];
        expect(new Set(reserved.map(({ planHash }) => planHash)).size).toBe(reserved.length);
        expect(reserved.length).toBe(Math.min(2, new Set(asking.map(({ name }) => name)).size));
      },
    ),
    { numRuns: 200 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  freeLeases,
  giveBackLeases,
  holdsLeases,
  leaseSecondsOf,
  noteVerdict,
  readHeal,
  takeLeases,
} from '../../../shared/remediation/lease.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { memoryTable } from '../incidents/memory.ts';
import { Killed, openMortal } from '../incidents/mortal.ts';
import { byHand, healing, hour, minute, noon, planOf, restart, second } from './plans.ts';

const open = (clock: () => number = () => noon) => {
  const state = memoryTable(clock);
  let ids = 0;
  return { state, newId: () => `id-${ids++}`, pause: async () => {} };
};
const resource = (name: string) => restart(name).resource;
/** Different plans for the same resources. */
const planFor = (names: string, occurrence = '1', brakes = healing.brakes): Plan =>
  planOf({
    actions: [...names].map((name) => restart(name)),
    occasion: { ...planOf().occasion, occurrence },
    brakes,
  });

describe('a lease', () => {
  test('is of one plan at a time, and free again when it is freed', async () => {
    const ports = open();
    const [one, other] = [planFor('a', '1'), planFor('a', '2')];
    expect(await takeLeases(ports, { plan: one, attempt: 1, now: noon })).toEqual([]);
    const held = await takeLeases(ports, { plan: other, attempt: 1, now: noon + second });
    expect(held.map(({ brake }) => brake)).toEqual(['lease_held']);
    await freeLeases(ports, other, noon);
    expect(await holdsLeases(ports.state, { plan: one, attempt: 1, now: noon })).toBe(true);
    await freeLeases(ports, one, noon);
    await freeLeases(ports, one, noon);
    expect(await takeLeases(ports, { plan: other, attempt: 1, now: noon + second })).toEqual([]);
  });

  test('lasts until the attempt is verified and the next is at the gate, with ten minutes to spare', () => {
    // 60 s apply, 30 s wait, 300 s deadline, 30 or 60 s backoff, 600 s slack.
    expect(leaseSecondsOf(planOf(), 1)).toBe(60 + 30 + 300 + 30 + 600);
    expect(leaseSecondsOf(planOf(), 2)).toBe(60 + 30 + 300 + 60 + 600);
  });

  test('ends by itself when its plan never came back', async () => {
    const ports = open();
    const one = planFor('a', '1');
    await takeLeases(ports, { plan: one, attempt: 1, now: noon });
    const end = noon + leaseSecondsOf(one, 1) * second;
    expect(await takeLeases(ports, { plan: planFor('a', '2'), attempt: 1, now: end - 1 })).toHaveLength(1);
    expect(await holdsLeases(ports.state, { plan: one, attempt: 1, now: end })).toBe(false);
    expect(await takeLeases(ports, { plan: planFor('a', '2'), attempt: 1, now: end })).toEqual([]);
  });

  test('goes with the next attempt of its plan, and the attempt before does not hold it any more', async () => {
    const ports = open();
    const plan = planFor('a');
    await takeLeases(ports, { plan, attempt: 1, now: noon });
    expect(await takeLeases(ports, { plan, attempt: 2, now: noon + minute })).toEqual([]);
    expect(await holdsLeases(ports.state, { plan, attempt: 1, now: noon + minute })).toBe(false);
    expect(await holdsLeases(ports.state, { plan, attempt: 2, now: noon + minute })).toBe(true);
  });

  test('of several resources is had for all or for none, and then nothing was counted', async () => {
    const ports = open();
    await takeLeases(ports, { plan: planFor('b'), attempt: 1, now: noon });
    expect(await takeLeases(ports, { plan: planFor('abc'), attempt: 1, now: noon })).toHaveLength(1);
    for (const name of ['a', 'c']) {
      const heal = await readHeal(ports.state, resource(name));
      expect({ lease: heal.lease, attempts: heal.attempts }).toEqual({ lease: undefined, attempts: [] });
    }
    expect(await takeLeases(ports, { plan: planFor('ac'), attempt: 1, now: noon })).toEqual([]);
  });
});

describe('attempts and verdicts', () => {
  test('three attempts an hour, over all plans; each is counted once, however often it is asked for (fault 12)', async () => {
    const ports = open();
    const tried: string[] = [];
    for (const occurrence of ['1', '2', '3', '4']) {
      const plan = planFor('a', occurrence);
      const holds = await takeLeases(ports, { plan, attempt: 1, now: noon });
      await takeLeases(ports, { plan, attempt: 1, now: noon + second });
      tried.push(holds.map(({ brake }) => brake).join() || 'taken');
      await freeLeases(ports, plan, noon + second);
    }
    expect(tried).toEqual(['taken', 'taken', 'taken', 'attempts']);
    const later = { plan: planFor('a', '4'), attempt: 1, now: noon + hour + second };
    expect(await takeLeases(ports, later)).toEqual([]);
  });

  test('an attempt that did not go on is not counted', async () => {
    const ports = open();
    const asked = { plan: planFor('a'), attempt: 1, now: noon };
    await takeLeases(ports, asked);
    await giveBackLeases(ports, asked);
    await giveBackLeases(ports, asked);
    const heal = await readHeal(ports.state, resource('a'));
    expect({ lease: heal.lease, attempts: heal.attempts }).toEqual({ lease: undefined, attempts: [] });
  });

  test('a verdict frees the lease and starts the cooldown; noted twice it counts once', async () => {
    const ports = open();
    const plan = planFor('a');
    await takeLeases(ports, { plan, attempt: 1, now: noon });
    await noteVerdict(ports, { plan, status: 'succeeded', now: noon + minute });
    await noteVerdict(ports, { plan, status: 'succeeded', now: noon + 10 * minute });
    const heal = await readHeal(ports.state, resource('a'));
    expect(heal.lease).toBeUndefined();
    expect(heal.verdicts).toEqual([
      {
        planHash: plan.hash,
        workflow: 'heal',
        occasion: 'unhealthy',
        status: 'succeeded',
        at: noon + minute,
      },
    ]);
    expect(heal.cooldownUntil).toBe(noon + minute + 300 * second);
    const next = { plan: planFor('a', '2'), attempt: 1 };
    const holds = await takeLeases(ports, { ...next, now: noon + 2 * minute });
    expect(holds.map(({ brake }) => brake)).toEqual(['cooldown']);
    expect(await takeLeases(ports, { ...next, now: noon + 6 * minute })).toEqual([]);
  });

  test('what is put right three times a day is left to people the fourth time', async () => {
    const ports = open();
    const outcomes: string[] = [];
    for (const [at, occurrence] of ['1', '2', '3', '4'].entries()) {
      const now = noon + at * 3 * hour;
      const plan = planFor('a', occurrence);
      const holds = await takeLeases(ports, { plan, attempt: 1, now });
      outcomes.push(holds.map(({ brake }) => brake).join() || 'taken');
      if (holds.length === 0) await noteVerdict(ports, { plan, status: 'succeeded', now: now + minute });
    }
    expect(outcomes).toEqual(['taken', 'taken', 'taken', 'flapping']);
  });

  test('a person may go on where what runs by itself may not, but not beside another plan', async () => {
    const ports = open();
    const plan = planFor('a');
    await takeLeases(ports, { plan, attempt: 1, now: noon });
    const wish = byHand({ actions: [restart('a')] });
    expect(await takeLeases(ports, { plan: wish, attempt: 1, now: noon })).toHaveLength(1);
    await noteVerdict(ports, { plan, status: 'unknown', now: noon });
    expect(await takeLeases(ports, { plan: planFor('a', '2'), attempt: 1, now: noon + hour })).toHaveLength(
      1,
    );
    expect(await takeLeases(ports, { plan: wish, attempt: 1, now: noon })).toEqual([]);
  });
});

const generous = { attemptsPerHour: 1000, cooldownSeconds: 0, flapsPerDay: 1000 };

test('at most one plan holds a resource, whatever plans ask at once and in whatever order their accesses meet', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('a', 'b', 'ab', 'bc', 'abc'), { minLength: 2, maxLength: 5 }),
      async (scheduler, wanted) => {
        const table = memoryTable(() => noon);
        const turn = () => scheduler.schedule(Promise.resolve());
        const state = {
          get: (...given: Parameters<typeof table.get>) => turn().then(() => table.get(...given)),
          put: (...given: Parameters<typeof table.put>) => turn().then(() => table.put(...given)),
          update: (...given: Parameters<typeof table.update>) => turn().then(() => table.update(...given)),
        };
        let ids = 0;
        const ports = { state, newId: () => `id-${ids++}`, pause: async () => {} };
        const users = new Map<string, number>();
        let most = 0;
        const work = wanted.map(async (names, at) => {
          const plan = planFor(names, String(at), generous);
          const holds = await takeLeases(ports, { plan, attempt: 1, now: noon });
          if (holds.length > 0) return;
          for (const name of names) {
            users.set(name, (users.get(name) ?? 0) + 1);
            most = Math.max(most, users.get(name) ?? 0);
          }
          await turn();
          for (const name of names) users.set(name, (users.get(name) ?? 0) - 1);
          await freeLeases(ports, plan, noon);
        });
        await scheduler.waitFor(Promise.all(work));
        expect(most).toBeLessThanOrEqual(1);
        // Whoever was held or is done holds nothing any more.
        for (const name of 'abc') expect((await readHeal(table, resource(name))).lease).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
});

test('killed at any access and asked again, an attempt has all of its leases or none, counted once (fault 3)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          names: fc.constantFrom('a', 'ab', 'abc', 'bc'),
          killedAt: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3 }),
          isFreed: fc.boolean(),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      async (asking) => {
        const mortal = openMortal(() => noon);
        const state = memoryTable(() => noon, mortal.interrupted);
        let ids = 0;
        const ports = { state, newId: () => `id-${ids++}`, pause: async () => {} };
        const holders = new Map<string, string>();
        for (const [at, { names, killedAt, isFreed }] of asking.entries()) {
          const plan = planFor(names, String(at), generous);
          let access = 0;
          mortal.interruptWith((what) => {
            if (killedAt.includes(access++)) throw new Killed(what);
          });
          let isTaken = false;
          await mortal.surviving(async () => {
            isTaken = (await takeLeases(ports, { plan, attempt: 1, now: noon })).length === 0;
          });
          expect(isTaken).toBe([...names].every((name) => !holders.has(name)));
          if (isTaken) for (const name of names) holders.set(name, plan.hash);
          if (isTaken && isFreed) {
            await mortal.surviving(() => noteVerdict(ports, { plan, status: 'succeeded', now: noon }));
            for (const name of names) holders.delete(name);
          }
        }
        mortal.interruptWith(() => {});
        for (const name of 'abc') {
          const heal = await readHeal(state, resource(name));
          expect(heal.lease?.planHash).toBe(holders.get(name));
          expect(new Set(heal.attempts.map(({ planHash }) => planHash)).size).toBe(heal.attempts.length);
          expect(new Set(heal.verdicts.map(({ planHash }) => planHash)).size).toBe(heal.verdicts.length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

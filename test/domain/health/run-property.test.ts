import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HealthEvent } from '../../../shared/health/head.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import { noon, planOf, seen, statusChanges } from './builders.ts';
import { minute, openWorld as openWhole, toldBy, type World as Whole } from './run-world.ts';

const shard = 'home.public.60.0';
const nos = [1, 2];

/** What each check sees in each slot, whoever looks. */
type Script = readonly (readonly CheckStatus[])[];
const statusArbitrary = fc.constantFrom<CheckStatus>('healthy', 'unhealthy', 'unhealthy', 'unknown');
const scripts = (length: number): fc.Arbitrary<Script> =>
  fc.array(fc.tuple(statusArbitrary, statusArbitrary), { minLength: length, maxLength: length });

type World = Pick<Whole, 'deliver' | 'abandon' | 'published'> & {
  end(): Promise<{ statuses: Record<number, CheckStatus>; failures: Record<number, number>; slotAt: number }>;
};

/** One shard whose checks see what the script says; `turn` decides when each access of a run may happen. */
const openWorld = async (script: Script, turn?: () => Promise<void>): Promise<World> => {
  const see = (slot: number) => ({
    seen: nos.map((no, at) => {
      const status = script[slot - 1]?.[at] ?? 'unknown';
      return seen(no, { status, reason: status === 'healthy' ? null : `slot ${slot}` });
    }),
  });
  const world = await openWhole({ plan: planOf(shard, nos), see }, turn);
  return {
    ...world,
    async end() {
      const head = await world.head();
      expect(head.outbox).toEqual([]);
      const states = [...head.checks];
      return {
        slotAt: head.slotAt,
        statuses: Object.fromEntries(states.map(([no, state]) => [no, state.status])),
        failures: Object.fromEntries(states.map(([no, state]) => [no, state.failures])),
      };
    },
  };
};

/** The rule in the words of the documentation, over the slots that ran, one check at a time. */
const expected = (script: Script, slots: readonly number[]) => {
  const changes: string[] = [];
  const statuses: Record<number, CheckStatus> = {};
  const failures: Record<number, number> = {};
  nos.forEach((no, at) => {
    let status: CheckStatus = 'unknown';
    let wasDown = false;
    let bad = 0;
    let good = 0;
    for (const slot of slots) {
      const saw = script[slot - 1]?.[at] ?? 'unknown';
      const before: CheckStatus = status;
      if (saw === 'unknown') status = 'unknown';
      if (saw === 'unhealthy') {
        bad++;
        good = 0;
        if (bad >= 3 || wasDown) status = 'unhealthy';
      }
      if (saw === 'healthy') {
        good++;
        bad = 0;
        if (!wasDown || good >= 2) status = 'healthy';
      }
      if (status === 'unhealthy') wasDown = true;
      if (status === 'healthy') wasDown = false;
      if (status !== before) changes.push(`${no}@${slot}:${before}>${status}`);
    }
    statuses[no] = status;
    failures[no] = bad;
  });
  return { statuses, failures, changes: changes.sort() };
};

const checkIds = planOf(shard, nos).entries.map((entry) => entry.id);
/** The changes told, each id once; a repeat must say the same. */
const told = (published: readonly HealthEvent[]): string[] =>
  statusChanges(toldBy(published))
    .map(({ id, checkId, from, to }) => {
      const slot = (Number(id.split('@')[1]) - noon) / minute;
      return `${checkIds.indexOf(checkId) + 1}@${slot}:${from}>${to}`;
    })
    .sort();

const length = 7;
const all = Array.from({ length }, (_, at) => at + 1);

describe('a shard that runs in a world of faults', () => {
  test('killed anywhere and delivered again, in order: as if nothing had happened (fault 3)', async () => {
    const kills = fc.array(fc.option(fc.record({ step: fc.nat(24) }), { nil: undefined }), {
      minLength: length,
      maxLength: length,
    });
    await fc.assert(
      fc.asyncProperty(scripts(length), kills, async (script, killed) => {
        const world = await openWorld(script);
        for (const slot of all) await world.deliver(slot, killed[slot - 1]);
        const end = await world.end();
        const { changes, ...state } = expected(script, all);
        expect(end).toEqual({ ...state, slotAt: noon + length * minute });
        expect(told(world.published)).toEqual(changes);
      }),
      { numRuns: 150 },
    );
  });

  test('killed anywhere and never delivered again: that slot ran whole or never, and nothing told is lost (fault 3)', async () => {
    const slots = [1, 2, 3, 4, 5];
    const kills = fc.array(fc.option(fc.record({ step: fc.nat(24) }), { nil: undefined }), {
      minLength: 4,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(scripts(5), kills, async (script, killed) => {
        const world = await openWorld(script);
        for (const slot of slots) {
          const kill = killed[slot - 1];
          await (kill ? world.abandon(slot, kill) : world.deliver(slot));
        }
        const { statuses, failures } = await world.end();
        const certain = slots.filter((slot) => killed[slot - 1] === undefined);
        const possible = Array.from({ length: 2 ** 5 }, (_, bits) =>
          slots.filter((slot) => bits & (1 << (slot - 1))),
        )
          .filter((subset) => certain.every((slot) => subset.includes(slot)))
          .map((subset) => expected(script, subset));
        expect(possible).toContainEqual({ statuses, failures, changes: told(world.published) });
      }),
      { numRuns: 150 },
    );
  });

  test('repeated at any time, even much later: as if each had come once (fault 1)', async () => {
    const repeats = fc.array(fc.array(fc.integer({ min: 1, max: length }), { maxLength: 3 }), {
      minLength: length,
      maxLength: length,
    });
    await fc.assert(
      fc.asyncProperty(scripts(length), repeats, async (script, again) => {
        const world = await openWorld(script);
        for (const slot of all) {
          await world.deliver(slot);
          for (const earlier of again[slot - 1] ?? []) if (earlier <= slot) await world.deliver(earlier);
        }
        const { changes, ...state } = expected(script, all);
        expect(await world.end()).toMatchObject(state);
        expect(told(world.published)).toEqual(changes);
      }),
      { numRuns: 100 },
    );
  });

  test('overlapping and out of order: as if the slots that came too late had never run (faults 2 and 3)', async () => {
    const short = 4;
    const slots = all.slice(0, short);
    const subsets = Array.from({ length: 2 ** short }, (_, bits) =>
      slots.filter((slot) => bits & (1 << (slot - 1))),
    );
    const deliveries = fc.shuffledSubarray([...slots, ...slots], { minLength: short, maxLength: 2 * short });
    await fc.assert(
      fc.asyncProperty(scripts(short), deliveries, fc.scheduler(), async (script, order, scheduler) => {
        const world = await openWorld(script, () => scheduler.schedule(Promise.resolve()));
        const runs = order.map((slot) => world.deliver(slot));
        await scheduler.waitFor(Promise.all(runs));
        const end = await world.end();
        const newest = Math.max(...order);
        expect(end.slotAt).toBe(noon + newest * minute);
        const possible = subsets
          .filter((subset) => subset.includes(newest) && subset.every((slot) => order.includes(slot)))
          .map((subset) => expected(script, subset));
        expect(possible).toContainEqual({
          statuses: end.statuses,
          failures: end.failures,
          changes: told(world.published),
        });
      }),
      { numRuns: 150 },
    );
  });
});

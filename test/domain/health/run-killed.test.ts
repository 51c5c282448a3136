import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyHead, type Head, toHeadItem } from '../../../shared/health/head.ts';
import { placeOf, putPlace } from '../../../shared/health/place-item.ts';
import { needsTending } from '../../../shared/health/tend.ts';
import { noon, planOf, seen, stateOf } from './builders.ts';
import type { MemoryTable } from './memory-table.ts';
import { minute, openWorld, type Scene, slotOf, toldBy } from './run-world.ts';
import { letters } from './timeline.ts';

const shard = 'home.public.60.0';
const parentShard = 'home.public.120.0';
const slots = [1, 2, 3, 4, 5, 6, 7, 8];

/** A letter a slot for each check: plain, child of a parent, in maintenance, hanging. */
const lines = {
  plain: 'U D U D D B D U',
  child: 'U D D D D B D U',
  maintained: 'U D D D D B D D',
  hanging: 'U T T T T B T U',
};
const nos = [1, 2, 3, 4];
const plan = planOf(shard, nos, {
  1: { failureThreshold: 1, successThreshold: 1 },
  2: { failureThreshold: 1, successThreshold: 1, parentId: 'parent' },
  3: {
    failureThreshold: 1,
    maintenance: [{ at: new Date(noon + 1.5 * minute).toISOString(), durationSeconds: 240 }],
  },
  4: {},
});

const scene: Scene = {
  plan,
  see: (slot) => {
    const letterOf = (line: string) => line.split(' ')[slot - 1] ?? '';
    const all = Object.values(lines).map((line, at) => {
      const letter = letterOf(line);
      // What the run itself makes blind, the probe saw as a failure.
      return seen(at + 1, letters[letter === 'B' ? 'D' : letter]);
    });
    const isBlind = letterOf(lines.plain) === 'B';
    return { seen: all, ...(isBlind && { unreachable: new Map(nos.map((no) => [no, 'public'] as const)) }) };
  },
  failedWays: () => ['public'],
  meanwhile: (slot, telemetry) => setParent(slot, telemetry),
};

const setParent = async (slot: number, telemetry: MemoryTable): Promise<void> => {
  const entry = { no: 1, timeoutSeconds: 5, placedAt: noon - minute };
  await putPlace(telemetry, 'parent', placeOf(parentShard, entry), 1);
  const isDown = slot === 3 || slot === 4;
  const state = stateOf({ at: slotOf(slot), ...(isDown && { status: 'unhealthy', failures: 3 }) });
  const head = { ...emptyHead(parentShard), version: 1, slotAt: slotOf(slot), checks: new Map([[1, state]]) };
  await telemetry.put(toHeadItem(head, 'a'));
};

/** What must be the same however often runs were killed: not how often the head was written. */
const essence = ({ version: _version, ...head }: Head) => head;

const play = async (kill?: { slot: number; step: number; redelivered: boolean }) => {
  const world = await openWorld(scene);
  let wasKilled = false;
  for (const slot of slots) {
    if (slot === kill?.slot) wasKilled = await world.abandon(slot, kill);
    if (slot !== kill?.slot || kill.redelivered) await world.deliver(slot);
  }
  return { head: essence(await world.head()), told: toldBy(world.published), wasKilled, world };
};

const faultFree = await play();

test('without faults, all that can be told is told', () => {
  expect(faultFree.told.map(({ type, detail }) => `${type} ${detail.id.split('@')[1]}`)).toEqual([
    ...nos.map(() => `check.status_changed ${slotOf(1)}`),
    `check.status_changed ${slotOf(2)}`,
    `check.status_changed ${slotOf(3)}`,
    `check.status_changed ${slotOf(4)}`,
    `check.status_changed ${slotOf(4)}`,
    `check.paced ${slotOf(4)}:paced`,
    `check.status_changed ${slotOf(2)}`,
    `monitor.blind ${slotOf(6)}:started`,
    `monitor.blind ${slotOf(6)}:ended`,
    `check.status_changed ${slotOf(2)}`,
    `check.status_changed ${slotOf(8)}`,
    `check.status_changed ${slotOf(8)}`,
  ]);
  expect(faultFree.head.outbox).toEqual([]);
});

describe('a run killed at its n-th step, for every n, before and after each call took effect', () => {
  test.each(slots)(
    'in slot %i, delivered again: nothing is lost, nothing is told twice (faults 1 and 3)',
    async (slot) => {
      let step = 0;
      for (let wasKilled = true; wasKilled; step++) {
        const killed = await play({ slot, step, redelivered: true });
        expect(killed.told, `killed at step ${step}`).toEqual(faultFree.told);
        expect(killed.head, `killed at step ${step}`).toEqual(faultFree.head);
        wasKilled = killed.wasKilled;
      }
      // Head, plan, results, the log, the head and what is told: each has two steps.
      expect(step).toBeGreaterThan(8);
    },
  );

  test.each(slots)(
    'in slot %i, never delivered again: that slot ran whole or never (fault 3)',
    async (slot) => {
      const world = await openWorld(scene);
      for (const other of slots) if (other !== slot) await world.deliver(other);
      const never = { head: essence(await world.head()), told: toldBy(world.published) };
      const ends: string[] = [];
      for (let step = 0, wasKilled = true; wasKilled; step++) {
        const killed = await play({ slot, step, redelivered: false });
        wasKilled = killed.wasKilled;
        // The watchdog finishes what no later run comes to finish.
        await killed.world.tend(8 * minute);
        const end = { head: essence(await killed.world.head()), told: toldBy(killed.world.published) };
        expect(needsTending(plan, await killed.world.head(), slotOf(8))).toBe(false);
        const isWhole = JSON.stringify(byId(end)) === JSON.stringify(byId(faultFree));
        ends.push(isWhole ? 'whole' : 'never');
        if (!isWhole) expect(byId(end), `killed at step ${step}`).toEqual(byId(never));
      }
      expect(ends.join(' ')).toMatch(/^(never )+(whole ?)+$/);
    },
  );
});

test('killed any number of times in any slots, and each delivered again: as if nothing had happened (fault 3)', async () => {
  const kills = fc.array(fc.array(fc.nat(26), { maxLength: 3 }), {
    minLength: slots.length,
    maxLength: slots.length,
  });
  await fc.assert(
    fc.asyncProperty(kills, async (killed) => {
      const world = await openWorld(scene);
      for (const slot of slots) {
        for (const step of killed[slot - 1] ?? []) await world.abandon(slot, { step });
        await world.deliver(slot);
      }
      expect(toldBy(world.published)).toEqual(faultFree.told);
      expect(essence(await world.head())).toEqual(faultFree.head);
    }),
    { numRuns: 40 },
  );
});

/** In the order of ids: what a later run told for the killed one comes in another order. */
const byId = ({ head, told }: Pick<typeof faultFree, 'head' | 'told'>) => ({
  checks: [...head.checks],
  slotAt: head.slotAt,
  blindSince: head.blindSince,
  told: told.map(({ detail }) => detail.id).sort(),
});

describe('a service that fails for a while', () => {
  /** Every access fails with the given error until `failing` says so no more. */
  const failingAt = async (slot: number, isFailing: (call: number) => boolean) => {
    let call = 0;
    let on = false;
    const world = await openWorld(scene, async () => {
      // Each access takes two turns; it fails before it took effect.
      if (on && call++ % 2 === 0 && isFailing(call >> 1)) {
        throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      }
    });
    let failures = 0;
    for (const each of slots) {
      on = each === slot;
      for (let isDone = false; !isDone; ) {
        isDone = await world.deliver(each).then(
          () => true,
          (error: Error) => {
            expect(error.name).toBe('ThrottlingException');
            failures++;
            return false;
          },
        );
      }
    }
    return { failures, told: toldBy(world.published), head: essence(await world.head()) };
  };

  test('throttled at one call after the other, the message comes again until all is done (fault 4)', async () => {
    // Call by call it gets one further: each delivery dies at the next call.
    let refused = -1;
    const { failures, told, head } = await failingAt(4, (call) => {
      if (call <= refused || refused > 12) return false;
      refused = call;
      return true;
    });
    expect(failures).toBeGreaterThan(8);
    expect(told).toEqual(faultFree.told);
    expect(head).toEqual(faultFree.head);
  });
});

describe('a write whose acknowledgement was lost', () => {
  test('finds its own attempt, and all ends as without the fault (fault 5)', async () => {
    const world = await openWorld(scene);
    const put = world.telemetry.put;
    // The SDK repeats a call that was not answered: the condition then fails against our own write.
    world.telemetry.put = async (...given) => {
      await put(...given);
      return put(...given);
    };
    for (const slot of slots) await world.deliver(slot);
    expect(toldBy(world.published)).toEqual(faultFree.told);
    expect(essence(await world.head())).toEqual(faultFree.head);
  });
});

import { describe, expect, test } from 'vitest';
import type { PlanEntry } from '../../../shared/health/plan.ts';
import { needsTending } from '../../../shared/health/tend.ts';
import { noon, planOf, seen, stateOf, statusChanges } from './builders.ts';
import { minute, openWorld, slotOf, toldBy } from './run-world.ts';
import { letters } from './timeline.ts';

const shard = 'home.public.60.0';
/** Two intervals and ninety seconds after the last result, and one millisecond. */
const patienceMs = 210_001;

const world = (line: string, entry: Partial<PlanEntry> = {}) =>
  openWorld({
    plan: planOf(shard, [1], { 1: entry }),
    see: (slot) => ({ seen: [seen(1, letters[line.split(' ')[slot - 1] ?? ''] ?? {})] }),
  });
const id = planOf(shard, [1]).entries[0]?.id;

describe('a check whose results stopped coming (fault 17)', () => {
  test('becomes unknown by the watchdog, told once with the instant from which on it is', async () => {
    const { deliver, tend, published, head } = await world('U');
    await deliver(1);
    await tend(minute + patienceMs - 1);
    expect(published).toHaveLength(1);
    await tend(minute + patienceMs + 40_000);
    await tend(minute + patienceMs + 340_000);
    expect(statusChanges(published.slice(1))).toEqual([
      expect.objectContaining({
        id: `${id}@${slotOf(1) + patienceMs}`,
        at: '2027-01-15T08:04:30.001Z',
        from: 'healthy',
        to: 'unknown',
        reason: 'no result since 2027-01-15T08:01:00.000Z',
      }),
    ]);
    expect((await head()).checks.get(1)).toMatchObject({
      status: 'unknown',
      known: 'healthy',
      at: slotOf(1),
    });
  });

  test('goes on where it was with the next result', async () => {
    const { deliver, tend, published } = await world('D D D . . . . . D');
    for (const slot of [1, 2, 3]) await deliver(slot);
    await tend(8 * minute);
    await deliver(9);
    expect(statusChanges(published).map(({ from, to }) => `${from}>${to}`)).toEqual([
      'unknown>unhealthy',
      'unhealthy>unknown',
      'unknown>unhealthy',
    ]);
  });

  test.each([{ paused: true }, { leaving: true }] as const)('that is %o is left alone', async (entry) => {
    const plan = planOf(shard, [1], { 1: { ...entry, seed: stateOf({}) } });
    const { tend, published, head } = await openWorld({ plan, see: () => ({ seen: [] }) });
    expect(needsTending(plan, await head(), noon + 3_600_000)).toBe(false);
    await tend(3_600_000);
    expect(published).toEqual([]);
  });

  test('is found too late to be told before a slow result: that is told after it (fault 2)', async () => {
    const { deliver, tend, published, head } = await world('U . U');
    await deliver(1);
    await tend(minute + patienceMs);
    // The run of the third slot was the only one, began late and ended after the watchdog spoke.
    await deliver(3);
    expect(statusChanges(published).map(({ id: told, from, to }) => [told, from, to])).toEqual([
      [`${id}@${slotOf(1)}`, 'unknown', 'healthy'],
      [`${id}@${slotOf(1) + patienceMs}`, 'healthy', 'unknown'],
      [`${id}@${slotOf(1) + patienceMs + 1}`, 'unknown', 'healthy'],
    ]);
    expect((await head()).checks.get(1)).toMatchObject({
      at: slotOf(3),
      since: slotOf(1) + patienceMs + 1,
    });
  });

  test('is not silent right after a pause, however long that was', async () => {
    const resumedAt = noon + 3_600_000;
    const plan = planOf(shard, [1], { 1: { seed: stateOf({}), resumedAt } });
    const { tend, published, head } = await openWorld({ plan, see: () => ({ seen: [] }) });
    expect(needsTending(plan, await head(), resumedAt + patienceMs - 1)).toBe(false);
    await tend(3_600_000 + patienceMs - 1);
    expect(published).toEqual([]);
    await tend(3_600_000 + patienceMs);
    expect(statusChanges(published).map(({ at, to }) => [at, to])).toEqual([
      ['2027-01-15T09:03:30.001Z', 'unknown'],
    ]);
  });

  test('is found too where it only brought its state from another shard', async () => {
    const plan = planOf(shard, [1], { 1: { seed: stateOf({}) } });
    const { tend, published, head } = await openWorld({ plan, see: () => ({ seen: [] }) });
    expect(needsTending(plan, await head(), noon + patienceMs - 1)).toBe(false);
    expect(needsTending(plan, await head(), noon + patienceMs)).toBe(true);
    await tend(patienceMs);
    expect(statusChanges(published).map(({ to }) => to)).toEqual(['unknown']);
  });

  test('is only found once: what is unknown already needs nobody', async () => {
    const { deliver, tend, head } = await world('U');
    const plan = planOf(shard, [1]);
    await deliver(1);
    expect(needsTending(plan, await head(), slotOf(1) + patienceMs - 1)).toBe(false);
    expect(needsTending(plan, await head(), slotOf(1) + patienceMs)).toBe(true);
    await tend(minute + patienceMs);
    expect(needsTending(plan, await head(), slotOf(1) + 10 * patienceMs)).toBe(false);
  });
});

describe('what a run left when it was killed (fault 3)', () => {
  test('results that nobody folded are folded before their checks count as silent', async () => {
    const { deliver, abandon, tend, published } = await world('U D D D', { failureThreshold: 3 });
    for (const slot of [1, 2, 3]) await deliver(slot);
    // Head, plan, results: killed right after its results were kept.
    await abandon(4, { step: 6 });
    expect(statusChanges(published).map(({ to }) => to)).toEqual(['healthy']);
    await tend(5 * minute);
    expect(statusChanges(published).map(({ id: told, to }) => [told, to])).toEqual([
      [`${id}@${slotOf(1)}`, 'healthy'],
      [`${id}@${slotOf(4)}`, 'unhealthy'],
    ]);
  });

  test('changes that nobody told are told, with their own ids', async () => {
    const { abandon, tend, published, head } = await world('U');
    let step = 0;
    // Killed at the first step at which the change is written and not told.
    for (; (await head()).outbox.length === 0 && step < 20; step++) await abandon(1, { step });
    expect(published).toEqual([]);
    expect(needsTending(planOf(shard, [1]), await head(), slotOf(1))).toBe(true);
    await tend(minute);
    expect(toldBy(published).map(({ detail }) => detail.id)).toEqual([`${id}@${slotOf(1)}`]);
    expect((await head()).outbox).toEqual([]);
  });

  test('a watchdog that loses the race against a run changes nothing', async () => {
    const { deliver, tend, published } = await world('U U');
    await deliver(1);
    await Promise.all([tend(2 * minute), deliver(2)]);
    expect(toldBy(published)).toHaveLength(1);
  });
});

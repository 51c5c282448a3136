import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunMessage, slotMessage } from '../../../shared/health/message.ts';
import { parseShardId, shardIdOf } from '../../../shared/health/shard.ts';
import { latestStart, slotsBetween, windowOfStart, windowOfTick } from '../../../shared/health/slots.ts';
import { allowedIntervalSeconds } from '../../../shared/platform/intervals.ts';
import { noon } from './builders.ts';

const shards = fc
  .tuple(fc.constantFrom(...allowedIntervalSeconds), fc.nat(999))
  .map(([intervalSeconds, number]) =>
    shardIdOf({ location: 'home', class: 'public', intervalSeconds }, number),
  );
const instants = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('slots', () => {
  test('lie one interval apart, on whole seconds, wherever one begins to count', () => {
    fc.assert(
      fc.property(shards, instants, fc.integer({ min: 1, max: 200_000_000 }), (shard, from, span) => {
        const interval = parseShardId(shard).intervalSeconds * 1000;
        const slots = slotsBetween(shard, from, from + Math.min(span, interval * 50));
        for (const [at, slot] of slots.entries()) {
          expect(slot % 1000).toBe(0);
          if (at > 0) expect(slot - (slots[at - 1] ?? 0)).toBe(interval);
        }
      }),
    );
  });

  test('of two windows that meet are those of the whole: none twice, none left out', () => {
    fc.assert(
      fc.property(shards, instants, fc.nat(3_600_000), fc.nat(3_600_000), (shard, from, first, second) => {
        const whole = slotsBetween(shard, from, from + first + second);
        const parts = [
          ...slotsBetween(shard, from, from + first),
          ...slotsBetween(shard, from + first, from + first + second),
        ];
        expect(parts).toEqual(whole);
      }),
    );
  });

  test('of a thousand shards spread over the minute, so that they do not all begin at once (fault 21)', () => {
    const seconds = new Map<number, number>();
    for (let number = 0; number < 1000; number++) {
      const [slot = 0] = slotsBetween(`home.public.60.${number}`, noon, noon + 60_000);
      seconds.set(slot, (seconds.get(slot) ?? 0) + 1);
    }
    expect(seconds.size).toBeGreaterThan(55);
    expect(Math.max(...seconds.values())).toBeLessThan(40);
  });

  test('a tick sends the next minute, a new shard what is left until its end', () => {
    expect(windowOfTick(noon + 12_345)).toEqual({ from: noon + 60_000, until: noon + 120_000 });
    expect(windowOfStart(noon + 59_999)).toEqual({ from: noon + 59_999, until: noon + 120_000 });
    expect(windowOfStart(noon + 60_000)).toEqual({ from: noon + 60_000, until: noon + 180_000 });
  });

  test.each([
    { shard: 'home.public.10.0', late: 10_000 },
    { shard: 'home.public.60.0', late: 60_000 },
    { shard: 'home.public.86400.0', late: 60_000 },
  ])('a slot of $shard may begin $late ms late', ({ shard, late }) => {
    expect(latestStart(shard, noon)).toBe(noon + late);
  });
});

describe('messages', () => {
  test.each([
    { title: 'before the slot: rounded up, never too early', now: noon - 30_400, delaySeconds: 31 },
    { title: 'at the slot', now: noon, delaySeconds: 0 },
    { title: 'after the slot', now: noon + 5000, delaySeconds: 0 },
  ])('are delayed, $title', ({ now, delaySeconds }) => {
    const message = slotMessage('home.public.60.0', noon, 7, now);
    expect(message.delaySeconds).toBe(delaySeconds);
    expect(parseRunMessage(message.body)).toEqual({
      kind: 'slot',
      shard: 'home.public.60.0',
      slotAt: noon,
      planVersion: 7,
    });
  });

  test('anything else is no message', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => parseRunMessage(value)).toThrow();
      }),
    );
  });

  test.each([
    'home.public.60',
    'home.public.60.x',
    'home.public.060.0',
    'home.fast.60.0',
    'Home.public.60.0',
    '../home.public.60.0',
    'home.public.60.0\n',
  ])('%j is not the id of a shard', (text) => {
    expect(() => parseShardId(text)).toThrow('is not the id of a shard');
  });
});

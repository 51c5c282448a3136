import { describe, expect, it } from 'vitest';
import { Memory } from '../../../shared/status-pages/public/memory.ts';

describe('what a warm function remembers', () => {
  const open = (most = 10) => {
    const world = { now: 1_000_000, reads: 0, fails: false, told: [] as string[] };
    const onFault = (error: Error) => void world.told.push(error.message);
    const memory = new Memory<number>({ clock: () => world.now, freshMs: 30_000, most, onFault });
    const read = async () => {
      world.reads++;
      if (world.fails) throw new Error('throttled');
      return world.reads;
    };
    return { world, get: (name = 'a') => memory.get(name, read) };
  };

  it('is read once for all who come within its time, at once or one after the other', async () => {
    const { world, get } = open();
    expect(await Promise.all([get(), get(), get()])).toEqual([{ value: 1 }, { value: 1 }, { value: 1 }]);
    world.now += 29_999;
    expect(await get()).toEqual({ value: 1 });
    world.now += 1;
    expect(await get()).toEqual({ value: 2 });
  });

  it('is given with since when it is old while it cannot be read, and asked for again only after a pause (fault 4)', async () => {
    const { world, get } = open();
    await get();
    world.fails = true;
    world.now += 60_000;
    expect(await get()).toEqual({ value: 1, staleSince: 1_000_000 });
    expect(world.told).toEqual(['throttled']);
    world.now += 4999;
    expect(await get()).toEqual({ value: 1, staleSince: 1_000_000 });
    expect(world.reads).toBe(2);
    world.now += 1;
    world.fails = false;
    expect(await get()).toEqual({ value: 3 });
  });

  it('is an error where there is nothing from before, and that is not remembered', async () => {
    const { world, get } = open();
    world.fails = true;
    await expect(get()).rejects.toThrow('throttled');
    world.fails = false;
    expect(await get()).toEqual({ value: 2 });
  });

  it('is bounded, and what was asked for last stays', async () => {
    const { world, get } = open(2);
    for (const name of ['a', 'b', 'a', 'c', 'a']) await get(name);
    expect(world.reads).toBe(3);
    await get('b');
    expect(world.reads).toBe(4);
  });
});

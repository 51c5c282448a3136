import { describe, expect, test } from 'vitest';
import type { CheckRecord } from '../../../shared/health/check.ts';
import { project } from '../../../shared/health/project.ts';
import { readPlan } from '../../../shared/health/telemetry.ts';
import { noon } from './builders.ts';
import { memoryTable } from './memory-table.ts';
import { Killed, openWorld, type Saving, saveCheck, storedCheck } from './projector-world.ts';

const open = () => {
  const tables = { state: memoryTable(), telemetry: memoryTable() };
  return {
    save: (given: Saving) => saveCheck(tables.state, given),
    world: (killAt?: number) =>
      openWorld(tables, { clock: () => noon, ...(killAt !== undefined && { killAt }) }),
    /** Where the check lies in any plan, and what the registry says. */
    async everything(record: CheckRecord) {
      const shards = [60, 300].flatMap((interval) =>
        [0, 1].map((number) => `home.public.${interval}.${number}`),
      );
      const plans = await Promise.all(shards.map((shard) => readPlan(tables.telemetry, shard)));
      const places = plans.flatMap((plan) =>
        plan.entries.filter(({ id }) => id === record.id).map((entry) => ({ shard: plan.shard, entry })),
      );
      return { places, item: await storedCheck(tables.state, record) };
    },
  };
};
type Opened = ReturnType<typeof open>;

const settled = async ({ save, world }: Opened) => {
  const record = await save({});
  await project([record.id], world().tools);
};

type Story = {
  readonly title: string;
  readonly change: (opened: Opened) => Promise<CheckRecord>;
  readonly interval: number | undefined;
};

const stories: readonly Story[] = [
  { title: 'a new check', change: ({ save }) => save({ revision: 2 }), interval: 60 },
  {
    title: 'a change in place',
    change: async (opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { target: 'https://new.example.com/' } });
    },
    interval: 60,
  },
  {
    title: 'a move',
    change: async (opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { intervalSeconds: 300 } });
    },
    interval: 300,
  },
  {
    title: 'a removal',
    change: async (opened) => {
      await settled(opened);
      return opened.save({ revision: 2, deletedAt: noon });
    },
    interval: undefined,
  },
];

/** Projects once for each access there is, killed at that one, then does `after`. */
const killedEverywhere = async (
  begin: (opened: Opened) => Promise<CheckRecord>,
  after: (opened: Opened, record: CheckRecord, killed: ReturnType<Opened['world']>) => Promise<void>,
): Promise<number> => {
  for (let killAt = 0; ; killAt++) {
    const opened = open();
    const record = await begin(opened);
    const killed = opened.world(killAt);
    await project([record.id], killed.tools).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    await after(opened, record, killed);
    if (killed.steps() <= killAt) return killAt;
  }
};

describe('a projector killed at any of its accesses, and the event delivered again (fault 3)', () => {
  test.each(stories)('$title: placed exactly once, noted where, looked at', async ({ change, interval }) => {
    const kills = await killedEverywhere(change, async ({ world, everything }, record, killed) => {
      const again = world();
      expect(await project([record.id], again.tools)).toEqual([]);
      const { places, item } = await everything(record);
      if (interval === undefined) {
        expect(places).toEqual([]);
        return;
      }
      const shard = `home.public.${interval}.0`;
      expect(places).toMatchObject([{ shard, entry: { revision: 2 } }]);
      expect(places[0]?.entry).not.toHaveProperty('leaving');
      expect(item.placements[0]).toMatchObject({ shard, no: places[0]?.entry.no, revision: 2 });
      expect(item).not.toHaveProperty('placing');
      const sent = [...killed.sent, ...again.sent].map(
        ({ message }) => (message.body as { kind: string }).kind,
      );
      expect(sent).toContain('now');
    });
    expect(kills).toBeGreaterThan(5);
  });

  test('killed in a move and moved back meanwhile: no trace is left behind', async () => {
    const begin = async (opened: Opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { intervalSeconds: 300 } });
    };
    await killedEverywhere(begin, async ({ save, world, everything }, record) => {
      await save({ revision: 3 });
      expect(await project([record.id], world().tools)).toEqual([]);
      const { places, item } = await everything(record);
      expect(places).toMatchObject([{ shard: 'home.public.60.0', entry: { revision: 3 } }]);
      expect(item.placements[0]).toMatchObject({ shard: 'home.public.60.0', no: places[0]?.entry.no });
      expect(item).not.toHaveProperty('placing');
    });
  });

  test('killed in a move and removed meanwhile: no trace is left behind', async () => {
    const begin = async (opened: Opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { intervalSeconds: 300 } });
    };
    await killedEverywhere(begin, async ({ save, world, everything }, record) => {
      await save({ revision: 3, deletedAt: noon });
      expect(await project([record.id], world().tools)).toEqual([]);
      expect((await everything(record)).places).toEqual([]);
    });
  });
});

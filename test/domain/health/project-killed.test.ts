import { describe, expect, test } from 'vitest';
import type { CheckRecord } from '../../../shared/health/check.ts';
import { notePace } from '../../../shared/health/pace-note.ts';
import { readPlaces } from '../../../shared/health/place-item.ts';
import { project } from '../../../shared/health/project.ts';
import { readPlan } from '../../../shared/health/telemetry.ts';
import { noon } from './builders.ts';
import { memoryTable } from './memory-table.ts';
import { Killed, openWorld, type Saving, saveCheck, storedCheck } from './projector-world.ts';

const open = () => {
  const tables = { state: memoryTable(), telemetry: memoryTable() };
  return {
    save: (given: Saving) => saveCheck(tables.state, given),
    pace: (record: CheckRecord, pace: 'slow' | 'usual', at: number) =>
      notePace(tables.state, { checkId: record.id, pace, at }),
    world: (killAt?: number) =>
      openWorld(tables, { clock: () => noon, ...(killAt !== undefined && { killAt }) }),
    /** Projects, and is killed at the access of that number. */
    async project(record: CheckRecord, killAt: number) {
      const { tools } = openWorld(tables, { clock: () => noon, killAt });
      await project([record.id], tools).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
    },
    /** Where the check lies in any plan, and what the registry says. */
    async everything(record: CheckRecord) {
      const shards = ['public.60', 'public.300', 'slow.60'].flatMap((group) =>
        [0, 1].map((number) => `home.${group}.${number}`),
      );
      const plans = await Promise.all(shards.map((shard) => readPlan(tables.telemetry, shard)));
      const places = plans.flatMap((plan) =>
        plan.entries.filter(({ id }) => id === record.id).map((entry) => ({ shard: plan.shard, entry })),
      );
      const told = (await readPlaces(tables.telemetry, [record.id])).get(record.id);
      return { places, told, item: await storedCheck(tables.state, record) };
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
  readonly group: string | undefined;
  /** 2 where a new definition was written. */
  readonly revision?: number;
};

const stories: readonly Story[] = [
  { title: 'a new check', change: ({ save }) => save({ revision: 2 }), group: 'public.60' },
  {
    title: 'a change in place',
    change: async (opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { target: 'https://new.example.com/' } });
    },
    group: 'public.60',
  },
  {
    title: 'a move to the slow ones',
    change: async (opened) => {
      await settled(opened);
      const record = await opened.save({});
      await opened.pace(record, 'slow', noon + 1);
      return record;
    },
    group: 'slow.60',
    revision: 1,
  },
  {
    title: 'a move',
    change: async (opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { intervalSeconds: 300 } });
    },
    group: 'public.300',
  },
  {
    title: 'a removal',
    change: async (opened) => {
      await settled(opened);
      return opened.save({ revision: 2, deletedAt: noon });
    },
    group: undefined,
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
  test.each(stories)(
    '$title: placed exactly once, noted where, looked at',
    async ({ change, group, revision = 2 }) => {
      const kills = await killedEverywhere(change, async ({ world, everything }, record, killed) => {
        const again = world();
        expect(await project([record.id], again.tools)).toEqual([]);
        const { places, told, item } = await everything(record);
        if (group === undefined) {
          expect([places, told]).toEqual([[], undefined]);
          return;
        }
        const shard = `home.${group}.0`;
        expect(places).toMatchObject([{ shard, entry: { revision } }]);
        expect(places[0]?.entry).not.toHaveProperty('leaving');
        expect(item.placements[0]).toMatchObject({ shard, no: places[0]?.entry.no, revision });
        expect(item).not.toHaveProperty('placing');
        expect(told).toMatchObject({ shard, no: places[0]?.entry.no, isPaused: false });
        const sent = [...killed.sent, ...again.sent].map(
          ({ message }) => (message.body as { kind: string }).kind,
        );
        expect(sent).toContain('now');
      });
      expect(kills).toBeGreaterThan(5);
    },
  );

  test.each(stories.filter(({ title }) => title.startsWith('a move')))(
    '$title, killed and its repeat killed too: who knows only the id finds where the state lies',
    async ({ change }) => {
      await killedEverywhere(change, async (opened, record) => {
        for (let killAt = 0; killAt < 40; killAt += 3) {
          const { places, told } = await opened.everything(record);
          const found = places.map(({ shard, entry }) => `${shard}/${entry.no}`);
          expect(found).toContain(`${told?.shard}/${told?.no}`);
          await opened.project(record, killAt);
        }
      });
    },
  );

  test('killed in a move and moved back meanwhile: no trace is left behind', async () => {
    const begin = async (opened: Opened) => {
      await settled(opened);
      return opened.save({ revision: 2, definition: { intervalSeconds: 300 } });
    };
    await killedEverywhere(begin, async ({ save, world, everything }, record) => {
      await save({ revision: 3 });
      expect(await project([record.id], world().tools)).toEqual([]);
      const { places, told, item } = await everything(record);
      expect(places).toMatchObject([{ shard: 'home.public.60.0', entry: { revision: 3 } }]);
      expect(told).toMatchObject({ shard: 'home.public.60.0', no: places[0]?.entry.no });
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
      const { places, told } = await everything(record);
      expect([places, told]).toEqual([[], undefined]);
    });
  });
});

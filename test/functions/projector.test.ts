import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CheckRecord, checkKey } from '../../shared/health/check.ts';
import { emptyHead } from '../../shared/health/head.ts';
import { placeKey, readPlaces } from '../../shared/health/place-item.ts';
import { project } from '../../shared/health/project.ts';
import { readStandings } from '../../shared/health/standings.ts';
import { readHead, readPlan, writeHead, writePlan } from '../../shared/health/telemetry.ts';
import { planOf, stateOf } from '../domain/health/builders.ts';
import { openWorld, type Saving, saveCheck, storedCheck } from '../domain/health/projector-world.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sqsEvent, startQueues } from './queues.ts';

let cloud: Cloud;
let queues: Awaited<ReturnType<typeof startQueues>>;
beforeAll(async () => {
  cloud = await startCloud();
  queues = await startQueues({ HOMEOSTAT_SLOTS: 'slots', HOMEOSTAT_VPC_SLOTS: 'vpc-slots' });
});
afterAll(async () => {
  await queues.close();
  await cloud.close();
});

/** Each test has a location of its own, and so its own shards. */
let tests = 0;
let location: string;
let names = 0;
let now: number;
beforeEach(() => {
  location = `site-${tests++}`;
  now = 1_800_000_000_000;
  queues.sent.length = 0;
});

const save = (given: Saving = {}): Promise<CheckRecord> =>
  saveCheck(cloud.state, { location, name: `check-${names++}`, ...given });
const stored = (record: CheckRecord): Promise<CheckRecord> => storedCheck(cloud.state, record);

const world = () => openWorld(cloud, { clock: () => now });

const shardOf = (intervalSeconds: number, number = 0, network = 'public') =>
  `${location}.${network}.${intervalSeconds}.${number}`;
const planAt = (intervalSeconds: number, number = 0) =>
  readPlan(cloud.telemetry, shardOf(intervalSeconds, number));

describe('the projector, by its handler', () => {
  const handle = async (bodies: readonly unknown[]): Promise<SQSBatchResponse> =>
    (await (
      await import('../../functions/projector/handler.ts')
    ).handler(sqsEvent(bodies))) as SQSBatchResponse;
  const event = (checkId: string) => ({
    'detail-type': 'check.changed',
    source: 'homeostat',
    detail: { checkId },
  });

  test('places new checks of a batch in one plan, notes where, and has them looked at', async () => {
    const records = await Promise.all([save(), save(), save()]);
    expect(await handle(records.map(({ id }) => event(id)))).toEqual({ batchItemFailures: [] });
    const plan = await planAt(60);
    expect(plan.planVersion).toBe(1);
    expect(plan.entries.map(({ no }) => no)).toEqual([1, 2, 3]);
    for (const record of records) {
      const entry = plan.entries.find(({ id }) => id === record.id);
      expect((await stored(record)).placements).toEqual([
        { shard: shardOf(60), no: entry?.no, revision: 1, placedAt: entry?.placedAt },
      ]);
      expect(await stored(record)).not.toHaveProperty('placing');
    }
    const [look] = queues.sent.filter(({ body }) => body.kind === 'now');
    expect(look).toMatchObject({
      queue: 'slots',
      body: { shard: shardOf(60), nos: [1, 2, 3], unseenOnly: true, planVersion: 1 },
    });
  });

  test('a private check goes to the runner inside the VPC', async () => {
    const record = await save({ definition: { network: 'vpc' } });
    await handle([event(record.id)]);
    expect(new Set(queues.sent.map(({ queue }) => queue))).toEqual(new Set(['vpc-slots']));
    expect((await stored(record)).placements[0]?.shard).toBe(shardOf(60, 0, 'vpc'));
  });

  test('a check that hangs goes where the slow ones run, however often and late that is told (fault 1)', async () => {
    const [hangs, well] = await Promise.all([save(), save()]);
    await handle([event(hangs.id), event(well.id)]);
    const paced = (pace: string, after: number) => ({
      'detail-type': 'check.paced',
      detail: { checkId: hangs.id, pace, at: new Date(now + after).toISOString() },
    });
    const late = paced('usual', 1000);
    expect(await handle([paced('slow', 2000), late, event(well.id)])).toEqual({ batchItemFailures: [] });
    await handle([late]);
    expect((await stored(hangs)).placements[0]?.shard).toBe(shardOf(60, 0, 'slow'));
    expect((await planAt(60)).entries.map(({ id }) => id)).toEqual([well.id]);
    await handle([paced('usual', 3000)]);
    expect((await stored(hangs)).placements[0]?.shard).toBe(shardOf(60));
  });

  test.each([
    { class: 'heartbeat', type: 'heartbeat', config: {} },
    { class: 'composite', type: 'composite', config: { members: ['other'] } },
    { class: 'resource', type: 'resource', config: {} },
  ] as const)('a $class runs among its like, from the queue of public checks', async (definition) => {
    const record = await save({ definition });
    await handle([event(record.id)]);
    expect(new Set(queues.sent.map(({ queue }) => queue))).toEqual(new Set(['slots']));
    expect((await stored(record)).placements[0]?.shard).toBe(shardOf(60, 0, definition.class));
  });

  test('whoever a new check refers to can be found by its id, though nothing else told its place', async () => {
    const [parent, member] = [await save(), await save()];
    await handle([event(parent.id), event(member.id)]);
    const places = () => readPlaces(cloud.telemetry, [parent.id, member.id]);
    const told = await places();
    expect(told.size).toBe(2);
    for (const { id } of [parent, member]) await cloud.telemetry.delete(placeKey(id));
    const { deploymentId, name } = parent.definition;
    const config = { members: [member.definition.name] };
    const both = await save({
      definition: { type: 'composite', class: 'composite', config, parent: { deploymentId, name } },
    });
    await handle([event(both.id)]);
    expect(await places()).toEqual(told);
  });

  test.each([{}, { detail: {} }, { detail: { checkId: '../x' } }, null])(
    'the poison event %j comes again, its neighbour does not (fault 10)',
    async (poison) => {
      const record = await save();
      expect(await handle([poison, event(record.id)])).toEqual({
        batchItemFailures: [{ itemIdentifier: 'message-0' }],
      });
      expect((await stored(record)).placements).toHaveLength(1);
    },
  );

  test('an event of a check that is not there any more is done', async () => {
    expect(await handle([event('0123456789abcdef01234567')])).toEqual({ batchItemFailures: [] });
  });
});

describe('projecting', () => {
  const projected = async (...records: readonly CheckRecord[]) => {
    const { tools, sent } = world();
    expect(
      await project(
        records.map(({ id }) => id),
        tools,
      ),
    ).toEqual([]);
    return sent;
  };

  test('a changed definition keeps its number, and its history with it', async () => {
    const record = await save({ name: 'same' });
    await projected(record);
    await save({ name: 'same', revision: 2, definition: { target: 'https://new.example.com/' } });
    await projected(record);
    expect((await planAt(60)).entries).toMatchObject([
      { no: 1, revision: 2, target: 'https://new.example.com/' },
    ]);
    expect((await stored(record)).placements).toMatchObject([{ no: 1, revision: 2 }]);
  });

  test('events out of order change nothing: the registry tells what is true (fault 2)', async () => {
    const record = await save({ name: 'late', revision: 5 });
    await projected(record);
    const { planVersion } = await planAt(60);
    await projected(record, record);
    expect((await planAt(60)).planVersion).toBe(planVersion);
  });

  test('a hundred and one checks need a second shard (fault 21)', async () => {
    const records = await Promise.all(Array.from({ length: 101 }, () => save()));
    const { tools } = world();
    await project(
      records.slice(0, 100).map(({ id }) => id),
      tools,
    );
    await project(
      records.slice(100).map(({ id }) => id),
      tools,
    );
    expect((await planAt(60, 0)).entries).toHaveLength(100);
    expect((await planAt(60, 1)).entries).toHaveLength(1);
  });

  test('a plan is full at 200 KB too, and what grows beyond it moves on with its state', async () => {
    const body = 'x'.repeat(15_200);
    const big = await Promise.all(
      Array.from({ length: 12 }, () => save({ definition: { config: { body } } })),
    );
    const small = await save({ name: 'grows' });
    await projected(small, ...big);
    expect((await planAt(60, 0)).entries).toHaveLength(13);
    await save({ name: 'grows', revision: 2, definition: { config: { body } } });
    await projected(small);
    expect((await planAt(60, 0)).entries).toHaveLength(12);
    expect((await planAt(60, 1)).entries).toMatchObject([{ id: small.id, revision: 2 }]);
    expect((await stored(small)).placements.map(({ shard }) => shard)).toEqual([
      shardOf(60, 1),
      shardOf(60, 0),
    ]);
  });

  test('a paused check stays and is not run; its shard, with nothing to run, is listed as idle', async () => {
    const record = await save({ name: 'pauses' });
    await projected(record);
    await save({ name: 'pauses', revision: 2, definition: { isActive: false } });
    const sent = await projected(record);
    expect((await planAt(60)).entries).toMatchObject([{ no: 1, paused: true }]);
    expect(sent).toEqual([]);
    await save({ name: 'pauses', revision: 3 });
    const again = await projected(record);
    expect((await planAt(60)).entries[0]).not.toHaveProperty('paused');
    expect(again.map(({ message }) => (message.body as { kind: string }).kind)).toContain('now');
  });

  test('paused by people it is paused too, and looked at as soon as it is resumed', async () => {
    const record = await save({ name: 'held' });
    await projected(record);
    await save({ name: 'held', revision: 2, pausedAt: now });
    expect(await projected(record)).toEqual([]);
    expect((await planAt(60)).entries).toMatchObject([{ paused: true }]);
    expect((await readPlaces(cloud.telemetry, [record.id])).get(record.id)).toMatchObject({ isPaused: true });
    expect((await readStandings(cloud.telemetry, [await stored(record)], now)).get(record.id)).toMatchObject({
      status: 'unknown',
      reason: 'paused',
    });
    await cloud.state.update(checkKey(record.id), { remove: ['pausedAt'] });
    await save({ name: 'held', revision: 3 });
    const sent = await projected(record);
    expect(sent.map(({ message }) => (message.body as { kind: string }).kind)).toContain('now');
    expect((await readPlaces(cloud.telemetry, [record.id])).get(record.id)).toMatchObject({
      isPaused: false,
    });
  });

  test('a new shard gets the slots that the last tick did not send, once', async () => {
    now += 30_000;
    const first = await projected(await save({ definition: { intervalSeconds: 10, timeoutSeconds: 2 } }));
    const slots = (sent: typeof first) =>
      sent
        .flatMap(({ message }) => (message.body as { slotAt?: number }).slotAt ?? [])
        .map((slotAt) => slotAt - now);
    // From half past until the end of the next minute are ninety seconds.
    expect(slots(first)).toHaveLength(9);
    expect(Math.min(...slots(first))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...slots(first))).toBeLessThan(90_000);
    expect(
      slots(await projected(await save({ definition: { intervalSeconds: 10, timeoutSeconds: 2 } }))),
    ).toEqual([]);
  });

  test('a removed check leaves the plan, and its number is never used again', async () => {
    const record = await save({ name: 'gone' });
    await projected(record);
    await save({ name: 'gone', revision: 2, deletedAt: now });
    await projected(record);
    expect((await planAt(60)).entries).toEqual([]);
    const next = await save();
    await projected(next);
    expect((await planAt(60)).entries.map(({ no, id }) => [no, id])).toEqual([[2, next.id]]);
  });

  test('a removed check that is defined again gets a new number and keeps its old results findable', async () => {
    const record = await save({ name: 'back' });
    await projected(record);
    await save({ name: 'back', revision: 2, deletedAt: now });
    await projected(record);
    await cloud.state.update(checkKey(record.id), { remove: ['deletedAt'] });
    await save({ name: 'back', revision: 3 });
    await projected(record);
    expect((await stored(record)).placements.map(({ no, shard }) => [shard, no])).toEqual([
      [shardOf(60), 2],
      [shardOf(60), 1],
    ]);
  });

  describe('a check whose interval changes', () => {
    const moving = async () => {
      const record = await save({ name: 'moves' });
      await projected(record);
      const shard = shardOf(60);
      const state = stateOf({
        at: now,
        status: 'unhealthy',
        known: 'unhealthy',
        failures: 4,
        since: now - 5000,
        reason: 'down',
      });
      await writeHead(
        cloud.telemetry,
        { ...emptyHead(shard), version: 1, planVersion: 1, slotAt: now, checks: new Map([[1, state]]) },
        'h',
      );
      await save({ name: 'moves', revision: 2, definition: { intervalSeconds: 300 } });
      return { record, state };
    };

    test('takes its state along, and nobody sees it unscheduled', async () => {
      const { record, state } = await moving();
      await projected(record);
      expect((await planAt(60)).entries).toEqual([]);
      expect((await planAt(300)).entries).toMatchObject([{ id: record.id, revision: 2, seed: state }]);
      const moved = await stored(record);
      expect(moved.placements.map(({ shard }) => shard)).toEqual([shardOf(300), shardOf(60)]);
      const standing = (await readStandings(cloud.telemetry, [moved], now)).get(record.id);
      expect(standing).toMatchObject({ status: 'unhealthy', reason: 'down', since: now - 5000 });
    });

    test('is frozen first: a run with the older plan cannot write the old head any more', async () => {
      const { record } = await moving();
      const before = await readHead(cloud.telemetry, shardOf(60));
      await projected(record);
      const late = await writeHead(cloud.telemetry, { ...before, version: before.version + 1 }, 'late');
      expect(late).toBe('conflict');
      expect((await readHead(cloud.telemetry, shardOf(60))).planVersion).toBe(2);
    });

    test('and back again before the first move was seen stays what it was', async () => {
      const { record } = await moving();
      await save({ name: 'moves', revision: 3 });
      await projected(record);
      expect((await planAt(60)).entries).toMatchObject([{ no: 1, revision: 3 }]);
      expect((await planAt(300)).entries).toEqual([]);
    });
  });
});

describe('projectors that meet', () => {
  test('at the same new checks place each once (fault 1)', async () => {
    const records = await Promise.all(Array.from({ length: 20 }, () => save()));
    const ids = records.map(({ id }) => id);
    let waiting: readonly string[] = ids;
    const both = await Promise.all([project(ids, world().tools), project(ids, world().tools)]);
    waiting = [...new Set(both.flat())];
    expect(await project(waiting, world().tools)).toEqual([]);
    const plans = await Promise.all([planAt(60, 0), planAt(60, 1)]);
    const placed = plans.flatMap((plan) => plan.entries.map(({ id }) => id));
    expect(placed.sort()).toEqual([...ids].sort());
    for (const record of records) expect((await stored(record)).placements).toHaveLength(1);
  });

  test('at one plan lose nothing: both their checks are in it', async () => {
    const [left, right] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => save())),
      Promise.all(Array.from({ length: 10 }, () => save())),
    ]);
    const again = await Promise.all(
      [left, right].map((records) =>
        project(
          records.map(({ id }) => id),
          world().tools,
        ),
      ),
    );
    expect(again).toEqual([[], []]);
    expect((await planAt(60)).entries).toHaveLength(20);
  });
});

test('a check removed while it was being placed leaves no trace', async () => {
  const record = await save({ name: 'fleeting' });
  const { tools } = world();
  let isFirst = true;
  const put: typeof tools.telemetry.put = async (...args) => {
    if (isFirst) await save({ name: 'fleeting', revision: 2, deletedAt: now });
    isFirst = false;
    return tools.telemetry.put(...args);
  };
  expect(await project([record.id], { ...tools, telemetry: { ...tools.telemetry, put } })).toEqual([
    record.id,
  ]);
  await project([record.id], world().tools);
  expect((await planAt(60)).entries).toEqual([]);
});

test('a plan written by others between is read again', async () => {
  const record = await save();
  const { tools } = world();
  let isFirst = true;
  const put: typeof tools.telemetry.put = async (...args) => {
    if (isFirst) await writePlan(cloud.telemetry, { ...planOf(shardOf(60), [7]), planVersion: 1 }, 'other');
    isFirst = false;
    return tools.telemetry.put(...args);
  };
  await project([record.id], { ...tools, telemetry: { ...tools.telemetry, put } });
  expect((await planAt(60)).entries.map(({ no }) => no)).toEqual([7, 8]);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noteChange } from '../../shared/changes/note.ts';
import { readChanges } from '../../shared/changes/read.ts';
import { checkIdOf, checkKey } from '../../shared/health/check.ts';
import { emptyHead, type Head } from '../../shared/health/head.ts';
import { hourKey } from '../../shared/health/keys.ts';
import { sumHour, toHourItem } from '../../shared/health/rollup/hour.ts';
import { writeProgress } from '../../shared/health/rollup/progress.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { slotsBetween } from '../../shared/health/slots.ts';
import { readCheckStrips } from '../../shared/health/strips.ts';
import { keepResults, writeHead, writePlan } from '../../shared/health/telemetry.ts';
import type { Item, Table, Value } from '../../shared/storage/index.ts';
import { type Capacity, openTable } from '../../shared/storage/index.ts';
import { checkRecord, noise, planOf, seen, slotResults, stateOf } from '../domain/health/builders.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const hourMs = 3_600_000;
const minute = 60_000;
/** Half past twelve: rollups made the hours until noon. */
const halfPast = Date.parse('2027-01-15T12:30:00Z');
const noon = halfPast - hourMs / 2;
const shards = Array.from({ length: 20 }, (_, at) => `home.public.60.${at}`);
const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
const nameOf = (shard: string, no: number) => `${shard}/check-${no}`;
const idOf = (shard: string, no: number) => checkIdOf('shop', nameOf(shard, no));
const placedAt = noon - 30 * 86_400_000;

describe('what the console reads, of 2,000 checks in 20 shards', () => {
  let engine: Engine;
  let state: Table;
  let telemetry: Table;
  const used: Capacity[] = [];
  /** The units of each operation together. */
  const units = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
    used.length = 0;
    await work();
    const sums: Record<string, number> = {};
    for (const { operation, units: consumed } of used) sums[operation] = (sums[operation] ?? 0) + consumed;
    return sums;
  };
  /** As another process sees the same tables: it remembers nothing. */
  const anotherProcess = (name: string): Table =>
    openTable(name, () => halfPast, { client: engine.client, onCapacity: (one) => used.push(one) });

  const headOf = (shard: string, version: number, slotAt: number): Head => ({
    ...emptyHead(shard),
    version,
    slotAt,
    planVersion: 1,
    checks: new Map(
      hundred.map((no) => [
        no,
        stateOf({
          at: slotAt,
          since: slotAt - noise(no, 3_000) * minute,
          responseTimeMs: 20 + noise(no + 500, 300),
          looks: 40_000 - noise(no + 900, 100),
          failedLooks: noise(no + 600, 30),
        }),
      ]),
    ),
  });

  beforeAll(async () => {
    engine = await startEngine();
    await Promise.all(['state', 'telemetry'].map((name) => createTable(engine.client, name)));
    state = anotherProcess('state');
    telemetry = anotherProcess('telemetry');
    const put = (item: Item) => telemetry.put(item);
    for (const shard of shards) {
      const named = hundred.map((no) => [no, { id: idOf(shard, no), name: nameOf(shard, no), placedAt }]);
      const plan = planOf(shard, hundred, Object.fromEntries(named));
      await writePlan(telemetry, plan, 'plan');
      await listShard(telemetry, plan);
      await writeHead(telemetry, headOf(shard, 1, halfPast - minute), 'head');
    }
    // Hours as they are in use: sixty looks of each check, their latencies apart.
    const [shard = ''] = shards;
    const looks = slotsBetween(shard, noon - hourMs, noon).map((at) => ({
      ...slotResults(shard, at, []),
      seen: hundred.map((no) => seen(no, { phases: { total: 60 + noise(no * 7919 + at / 1000, 300) } })),
    }));
    const ids = new Map(hundred.map((no) => [no, idOf(shard, no)]));
    const hour = toHourItem(sumHour(shard, noon - hourMs, looks, ids));
    await Promise.all(
      shards.flatMap((one) => [
        writeProgress(telemetry, one, { hoursUntil: noon, daysUntil: noon - 12 * hourMs }),
        ...Array.from({ length: 24 }, (_, back) => noon - (back + 1) * hourMs).map((hourAt) =>
          put({ ...hour, ...hourKey(one, hourAt), hourAt }),
        ),
      ]),
    );
    for (const one of shards) {
      await Promise.all(
        slotsBetween(one, noon, halfPast).map((at) =>
          keepResults(telemetry, slotResults(one, at, hundred), at / 1000 + 86_400),
        ),
      );
    }
    await noteChange(state, 'incidents', 'inc@1');
    // Five of each shard are looked at on one page of the console.
    await Promise.all(
      shards.flatMap((one) =>
        hundred.slice(0, 5).map((no) => {
          const definition = { name: nameOf(one, no) };
          const record = { ...checkRecord({ no, shard: one, placedAt, definition }), createdAt: placedAt };
          return state.put({
            ...checkKey(record.id),
            v: 1,
            ...(record as unknown as Readonly<Record<string, Value>>),
          });
        }),
      ),
    );
  }, 60_000);
  afterAll(() => engine.stop());

  const poll = (cursor?: string, from = { state, telemetry }, now = halfPast) =>
    readChanges(from, now, { reach: '*', cursor });

  test('an idle poll costs 14.5 read units: the notes, the list of shards, one head a shard', async () => {
    const { cursor } = await poll();
    const idle = await units(async () => {
      const { topics, statuses } = await poll(cursor, undefined, halfPast + 4_000);
      expect({ topics, statuses }).toEqual({ topics: [], statuses: [] });
    });
    expect(idle).toEqual({ query: 4.5, batchGet: 10 });
  });

  test('the first poll of a process reads the plans too: 24.5', async () => {
    const fresh = { state: anotherProcess('state'), telemetry: anotherProcess('telemetry') };
    const { cursor } = await poll();
    expect(await units(() => poll(cursor, fresh))).toEqual({ query: 4.5, batchGet: 20 });
  });

  test('a cursor of twenty shards has fewer than 400 characters, and another process goes on from it', async () => {
    const { cursor } = await poll();
    expect(cursor.length).toBeLessThan(400);
    await writeHead(telemetry, headOf(shards[3] ?? '', 2, halfPast), 'next');
    const fresh = { state: anotherProcess('state'), telemetry: anotherProcess('telemetry') };
    const { statuses, topics } = await poll(cursor, fresh, halfPast + 4_000);
    expect(topics).toEqual([]);
    expect(statuses.map(({ id }) => id).sort()).toEqual(
      hundred.map((no) => idOf(shards[3] ?? '', no)).sort(),
    );
  });

  const ids = shards.flatMap((shard) => hundred.slice(0, 5).map((no) => idOf(shard, no)));
  const strips = (from: { readonly telemetry: Table }, now = halfPast) =>
    readCheckStrips({ state, ...from }, now, { ids, reach: '*' });

  test('strips of a hundred checks read each hour of a shard once: 380 read units, then those of the checks alone', async () => {
    const fresh = { telemetry: anotherProcess('telemetry') };
    const first = await units(async () => {
      const { from, to, strips: drawn } = await strips(fresh);
      expect([from, to]).toEqual([noon - 23 * hourMs, halfPast]);
      expect(drawn).toHaveLength(100);
      for (const { statuses, uptimePercents } of drawn) {
        expect(statuses).toEqual(Array.from({ length: 24 }, () => 'healthy'));
        expect(uptimePercents).toEqual(Array.from({ length: 24 }, () => 100));
      }
    });
    expect(first).toEqual({ query: 320, batchGet: 60 });
    expect(await units(() => strips(fresh, halfPast + 59_000))).toEqual({ batchGet: 50 });
  });

  test('a minute later it reads what came since the results that are settled: a tenth of that', async () => {
    const fresh = { telemetry: anotherProcess('telemetry') };
    await strips(fresh);
    const later = await units(() => strips(fresh, halfPast + minute));
    expect(later).toEqual({ query: 30, batchGet: 60 });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckState } from '../../../shared/health/head.ts';
import { emptyHead } from '../../../shared/health/head.ts';
import { readMembers } from '../../../shared/health/members.ts';
import { markGone, placeOf, putPlace, readPlaces } from '../../../shared/health/place-item.ts';
import { writeHead, writePlan } from '../../../shared/health/telemetry.ts';
import { noon, planOf, stateOf } from './builders.ts';
import { memoryTable } from './memory-table.ts';

const shard = 'home.public.60.0';
const checkId = '0123456789abcdef01234567';

type Told = { readonly no?: number; readonly paused?: boolean; readonly placedAt?: number };

const tableWith = async (told: Told, state: CheckState | undefined, seed?: CheckState) => {
  const telemetry = memoryTable();
  const { no = 1, paused = false, placedAt = noon - 3_600_000 } = told;
  await putPlace(telemetry, checkId, placeOf(shard, { no, timeoutSeconds: 5, placedAt, paused }), 1);
  await writePlan(telemetry, planOf(shard, [1], { 1: { ...(seed && { seed }) } }), 'plan');
  const head = { ...emptyHead(shard), version: 1, slotAt: noon, planVersion: 1 };
  await writeHead(telemetry, { ...head, checks: new Map(state ? [[1, state]] : []) }, 'head');
  return telemetry;
};

describe('a check of another shard, as composites and children see it', () => {
  const failing = stateOf({ failures: 2 });
  const down = stateOf({ status: 'unhealthy', known: 'unhealthy', failures: 3 });
  test.each([
    { rule: 'stands as its head says', told: {}, state: down, status: 'unhealthy', failures: 3 },
    { rule: 'shows failures that do not tell yet', told: {}, state: failing, status: 'healthy', failures: 2 },
    { rule: 'is unknown while paused', told: { paused: true }, state: down, status: 'unknown', failures: 0 },
    {
      rule: 'is unknown when its results stopped coming (fault 17)',
      told: {},
      state: stateOf({ at: noon - 300_000 }),
      status: 'unknown',
      failures: 0,
    },
    {
      rule: 'is unknown while never looked at',
      told: { placedAt: noon },
      state: undefined,
      status: 'unknown',
      failures: 0,
    },
    {
      rule: 'stands as where it came from until the first result of its new shard',
      told: {},
      state: undefined,
      seed: down,
      status: 'unhealthy',
      failures: 3,
    },
  ])('$rule', async ({ told, state, status, failures, ...rest }) => {
    const telemetry = await tableWith(told, state, 'seed' in rest ? rest.seed : undefined);
    expect(await readMembers(telemetry, [checkId], noon + 1000)).toEqual(
      new Map([[checkId, { status, failures, intervalSeconds: 60, timeoutSeconds: 5 }]]),
    );
  });

  test('is left out when it is in no plan, or in none any more', async () => {
    const telemetry = await tableWith({}, down);
    await markGone(telemetry, checkId, noon, 1);
    expect(await readMembers(telemetry, [checkId, 'f'.repeat(24)], noon)).toEqual(new Map());
  });

  test('fifty of one shard cost three reads of it, whoever asks twice', async () => {
    const telemetry = memoryTable();
    const nos = Array.from({ length: 50 }, (_, at) => at + 1);
    const plan = planOf(shard, nos);
    for (const { id, ...entry } of plan.entries) await putPlace(telemetry, id, placeOf(shard, entry), 1);
    await writePlan(telemetry, plan, 'plan');
    const asked: string[] = [];
    const batchGet: typeof telemetry.batchGet = (keys) => {
      asked.push(...keys.map(({ pk, sk }) => `${pk}/${sk}`));
      return telemetry.batchGet(keys);
    };
    const ids = plan.entries.map(({ id }) => id);
    const members = await readMembers({ batchGet }, [...ids, ...ids], noon);
    expect(members.size).toBe(50);
    expect(asked.filter((key) => key.startsWith('C#'))).toHaveLength(50);
    expect(asked.filter((key) => key.startsWith('S#'))).toEqual([`S#${shard}/HEAD`, `S#${shard}/PLAN`]);
  });
});

test('in whatever order places are told, the newest note holds, and a removal after it (fault 2)', async () => {
  const place = (no: number) => placeOf(shard, { no, timeoutSeconds: 5, placedAt: noon });
  const acts = [1, 2, 3].map((version) => ({ version, act: 'put' as const }));
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...acts, { version: 3, act: 'gone' as const }, ...acts], { minLength: 1 }),
      async (order) => {
        const telemetry = memoryTable();
        for (const { version, act } of order) {
          if (act === 'put') await putPlace(telemetry, checkId, place(version), version);
          else await markGone(telemetry, checkId, noon, version);
        }
        const newest = order.some(({ act }) => act === 'gone')
          ? undefined
          : place(Math.max(...order.map(({ version }) => version)));
        expect((await readPlaces(telemetry, [checkId])).get(checkId)).toEqual(newest);
      },
    ),
  );
});

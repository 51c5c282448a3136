import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { keepAudit } from '../../../shared/audit/store.ts';
import { noteAudit, noteChange } from '../../../shared/changes/index.ts';
import { readChanges } from '../../../shared/changes/read.ts';
import { topics } from '../../../shared/changes/topics.ts';
import { type CheckState, emptyHead } from '../../../shared/health/head.ts';
import type { PlanEntry } from '../../../shared/health/plan.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { writeHead, writePlan } from '../../../shared/health/telemetry.ts';
import { encodeCursor } from '../../../shared/platform/api/cursor.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import { noon, planOf, stateOf } from '../health/builders.ts';
import { memoryTable } from '../health/memory-table.ts';

const minute = 60_000;
const shards = ['home.public.60.0', 'home.public.60.1', 'home.public.3600.0'] as const;
type Shard = (typeof shards)[number];

/** Three shards of two checks, `a1`, `a2`, `b1` … */
const openWorld = async () => {
  const [state, telemetry] = [memoryTable(), memoryTable()];
  const versions = new Map<string, number>();
  const next = (name: string): number => {
    const version = (versions.get(name) ?? 0) + 1;
    versions.set(name, version);
    return version;
  };
  const plan = async (shard: Shard, given: Partial<PlanEntry> = {}) => {
    const letter = 'abc'[shards.indexOf(shard)];
    const entries = [1, 2].map((no) => [
      no,
      { id: `${letter}${no}`, deploymentId: `team-${letter}`, ...given },
    ]);
    const made = {
      ...planOf(shard, [1, 2], Object.fromEntries(entries)),
      planVersion: next(`plan ${shard}`),
    };
    await writePlan(telemetry, made, `${made.planVersion}`);
    await listShard(telemetry, made);
  };
  /** What a slot leaves; the same again but for the instant, unless told otherwise. */
  const fold = async (shard: Shard, slotAt: number, given: Partial<CheckState> = {}) => {
    const version = next(`head ${shard}`);
    const checks = new Map([1, 2].map((no) => [no, stateOf({ at: slotAt, ...given })]));
    const head = { ...emptyHead(shard), version, slotAt, planVersion: 1, checks };
    await writeHead(telemetry, head, `${version}`);
  };
  for (const shard of shards) {
    await plan(shard);
    await fold(shard, noon);
  }
  const poll = (cursor: string | undefined, now: number, reach: '*' | readonly string[] = '*') =>
    readChanges({ state, telemetry }, now, { reach, cursor });
  /** As a process sees it that remembers nothing. */
  const pollAnew = (cursor: string | undefined, now: number) =>
    readChanges({ state, telemetry: { query: telemetry.query, batchGet: telemetry.batchGet } }, now, {
      reach: '*',
      cursor,
    });
  return { state, telemetry, plan, fold, poll, pollAnew };
};

const idsOf = ({ statuses }: { readonly statuses: readonly { readonly id: string }[] }) =>
  statuses.map(({ id }) => id).sort();

describe('what changed', () => {
  it('is nothing without a cursor, and nothing while nothing is written', async () => {
    const { poll } = await openWorld();
    const first = await poll(undefined, noon + 5_000);
    expect(first).toMatchObject({ topics: [], statuses: [], pollAfterSeconds: 4 });
    const second = await poll(first.cursor, noon + 9_000);
    expect(second).toMatchObject({ topics: [], statuses: [] });
  });

  it('are the checks that were looked at since, as they stand, once', async () => {
    const { poll, fold } = await openWorld();
    const { cursor } = await poll(undefined, noon + 5_000);
    // Its slot is older than the cursor: results take a while to be folded.
    await fold('home.public.60.0', noon + 4_000, { status: 'unhealthy', reason: 'got 503', since: noon });
    const told = await poll(cursor, noon + 9_000);
    expect(told.topics).toEqual([]);
    const standing = { status: 'unhealthy', reason: 'got 503', since: noon, lastCheckedAt: noon + 4_000 };
    expect(told.statuses).toMatchObject([
      { id: 'a1', standing },
      { id: 'a2', standing },
    ]);
    expect((await poll(told.cursor, noon + 13_000)).statuses).toEqual([]);
  });

  it('is also what fell silent, which nobody writes', async () => {
    const { poll } = await openWorld();
    // A check of each minute is doubted 2 × 60 + 90 seconds after its last look.
    const silentAt = noon + 210_001;
    const { cursor } = await poll(undefined, silentAt - 1);
    const told = await poll(cursor, silentAt + 1);
    expect(idsOf(told)).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(told.statuses[0]?.standing).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('no result since'),
    });
    // Told once more, for processes' clocks may differ; then no more.
    const again = await poll(told.cursor, silentAt + 6_000);
    expect((await poll(again.cursor, silentAt + minute)).statuses).toEqual([]);
  });

  it('is a check that was paused, resumed, or has a new place', async () => {
    const { poll, plan } = await openWorld();
    const { cursor } = await poll(undefined, noon + 5_000);
    await plan('home.public.60.1', { paused: true });
    const told = await poll(cursor, noon + 9_000);
    expect(idsOf(told)).toEqual(['b1', 'b2']);
    expect(told.statuses[0]?.standing).toMatchObject({ status: 'unknown', reason: 'paused' });
    expect((await poll(told.cursor, noon + 4 * minute)).statuses.map(({ id }) => id)).not.toContain('b1');
  });

  it('of deployments out of reach is not told, though topics are the same for everybody', async () => {
    const { poll, fold, state } = await openWorld();
    const { cursor } = await poll(undefined, noon + 5_000, ['team-b']);
    for (const shard of shards) await fold(shard, noon + 6_000);
    await noteChange(state, 'incidents', 'inc@1');
    const told = await poll(cursor, noon + 9_000, ['team-b']);
    expect(idsOf(told)).toEqual(['b1', 'b2']);
    expect(told.topics).toEqual(['incidents']);
  });

  test.each(topics)('%s: each write is told once, also of one millisecond', async (topic) => {
    const { poll, state } = await openWorld();
    const first = await poll(undefined, noon);
    await noteChange(state, topic, 'thing@1');
    const second = await poll(first.cursor, noon);
    expect(second.topics).toEqual([topic]);
    await noteChange(state, topic, 'thing@2');
    const third = await poll(second.cursor, noon);
    expect(third.topics).toEqual([topic]);
    expect((await poll(third.cursor, noon)).topics).toEqual([]);
  });

  test.each([
    ['check', 'checks'],
    ['silence', 'mutes'],
    ['maintenance', 'mutes'],
    ['policy', 'policies'],
    ['scaler', 'scaling'],
    ['token', 'settings'],
    ['plan', 'remediations'],
    ['status-page', 'statusPages'],
  ])('a %s that somebody wrote is told as %s', async (kind, topic) => {
    const { poll, state } = await openWorld();
    const { cursor } = await poll(undefined, noon);
    await noteAudit(state, { kind, id: `audit:${kind}:x@1` });
    expect((await poll(cursor, noon + 1)).topics).toEqual([topic]);
  });

  it('is told also when the event of an earlier write comes once more after it', async () => {
    const { poll, state } = await openWorld();
    const written = (revision: number) =>
      keepAudit(state, {
        type: 'audit.recorded',
        detail: { kind: 'rule', id: `audit:rule:r@${revision}`, at: '2026-11-02T12:00:00.000Z' },
      } as unknown as HomeostatEvent);
    await written(1);
    const { cursor } = await poll(undefined, noon);
    await written(2);
    await written(1);
    expect((await poll(cursor, noon + 4_000)).topics).toEqual(['rules']);
  });

  it('is everything for a cursor that is too old, from the future, or not ours', async () => {
    const { poll } = await openWorld();
    const { cursor } = await poll(undefined, noon);
    for (const [given, now] of [
      [cursor, noon + 600_001],
      [cursor, noon - 600_001],
      ['nonsense', noon],
      [encodeCursor('checks 1'), noon],
    ] as const) {
      const told = await poll(given, now);
      expect(told.topics).toEqual([...topics]);
      expect(idsOf(told)).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
    }
    expect((await poll(cursor, noon + 600_000)).topics).toEqual([]);
  });

  /** So many shards of so many checks. */
  const openMany = async (shardCount: number, checkCount: number) => {
    const [state, telemetry] = [memoryTable(), memoryTable()];
    const nos = Array.from({ length: checkCount }, (_, at) => at + 1);
    const names = Array.from({ length: shardCount }, (_, at) => `home.public.60.${at}`);
    for (const shard of names) {
      const plan = planOf(shard, nos, Object.fromEntries(nos.map((no) => [no, { id: `${shard}/${no}` }])));
      await writePlan(telemetry, plan, 'plan');
      await listShard(telemetry, plan);
    }
    const fold = (shard: string, version: number) => {
      const checks = new Map(nos.map((no) => [no, stateOf({ at: noon })]));
      return writeHead(
        telemetry,
        { ...emptyHead(shard), version, slotAt: noon, planVersion: 1, checks },
        `${version}`,
      );
    };
    for (const shard of names) await fold(shard, 1);
    const poll = (cursor?: string) => readChanges({ state, telemetry }, noon, { reach: '*', cursor });
    return { names, fold, poll };
  };

  it('of 600 shards is told with a cursor below 2 KB, less often', async () => {
    const { fold, poll } = await openMany(600, 1);
    const { cursor, pollAfterSeconds } = await poll();
    expect(cursor.length).toBeLessThan(2048);
    expect(pollAfterSeconds).toBe(24);
    await fold('home.public.60.7', 2);
    const told = await poll(cursor);
    expect(idsOf(told)).toContain('home.public.60.7/1');
    // Those that share its mark are told with it.
    expect(told.statuses.length).toBeLessThan(10);
    expect((await poll(told.cursor)).statuses).toEqual([]);
  });

  it('of more than 5,000 checks at once is not told one by one: the list is to be read again', async () => {
    const { names, fold, poll } = await openMany(51, 100);
    const { cursor } = await poll();
    for (const shard of names) await fold(shard, 2);
    const told = await poll(cursor);
    expect(told).toMatchObject({ topics: ['checks'], statuses: [] });
    expect(await poll(told.cursor)).toMatchObject({ topics: [], statuses: [] });
  });

  it('a note that cannot be written fails nobody', async () => {
    const put = async () => {
      throw new Error('the table is away');
    };
    await expect(noteChange({ put }, 'stop', 'on@1')).resolves.toBeUndefined();
  });

  it('whatever is written between two polls, whichever process answers, is told at the second', async () => {
    const step = fc.record({
      shard: fc.constantFrom(...shards),
      what: fc.constantFrom('fold', 'plan', 'note'),
    });
    const round = fc.record({ steps: fc.array(step, { maxLength: 4 }), anew: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
        const world = await openWorld();
        let now = noon + 1_000;
        let { cursor } = await world.poll(undefined, now);
        let notes = 0;
        for (const { steps, anew } of rounds) {
          const [touched, noted] = [new Set<string>(), notes];
          for (const { shard, what } of steps) {
            if (what === 'note') await noteChange(world.state, 'findings', `f@${++notes}`);
            else if (what === 'fold') await world.fold(shard, now);
            else await world.plan(shard);
            if (what !== 'note') for (const no of [1, 2]) touched.add(`${'abc'[shards.indexOf(shard)]}${no}`);
          }
          now += 4_000;
          const told = await (anew ? world.pollAnew : world.poll)(cursor, now);
          expect(idsOf(told)).toEqual([...touched].sort());
          expect(told.topics).toEqual(notes > noted ? ['findings'] : []);
          cursor = told.cursor;
        }
      }),
      { numRuns: 50 },
    );
  });
});

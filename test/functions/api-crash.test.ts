import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDeployment } from '../../shared/catalog/index.ts';
import type { CheckDefinition } from '../../shared/health/check.ts';
import { checkIdOf, checkKey } from '../../shared/health/check.ts';
import { createCheck, putCheck, removeCheck, replaceCheck } from '../../shared/health/define.ts';
import type { HomeostatEvent } from '../../shared/platform/events.ts';
import { type Pending, publishPending } from '../../shared/platform/outbox/index.ts';
import { sweep } from '../../shared/platform/outbox/sweep.ts';
import type { Table } from '../../shared/storage/index.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

class Killed extends Error {}

// Reads hide what has expired by the machine's clock, so the story is told now.
const start = Date.now();

/** A function's world whose n-th call to AWS is its last: `before` the call reaches AWS, or `after` AWS did it. */
const worldKilledAt = (n: number, moment: 'before' | 'after') => {
  let calls = 0;
  const published: string[] = [];
  const counted =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      if (calls > n) throw new Killed();
      if (calls === n && moment === 'before') throw new Killed();
      const result = await act(...args);
      if (calls === n) throw new Killed();
      return result;
    };
  const { get, put, update, query } = cloud.state;
  let ids = 0;
  return {
    published,
    calls: () => calls,
    state: { get: counted(get), put: counted(put), update: counted(update), query: counted(query) },
    bus: {
      publish: counted(async (events: readonly HomeostatEvent[]) => {
        published.push(...events.map(({ detail }) => detail.id));
        return events.map(({ detail }) => detail.id);
      }),
    },
    // No check of this story names a secret, so nobody asks.
    checkSecrets: { list: () => Promise.reject(new Error('nobody should ask for secrets')) },
    clock: () => start,
    newId: () => `${moment}-${n}-${++ids}`,
    place: { accountId: '123456789012', region: 'eu-central-1' },
  };
};
type World = ReturnType<typeof worldKilledAt>;

const definition = (name: string): CheckDefinition => ({
  deploymentId: 'default',
  name,
  type: 'tcp',
  target: 'db.example.com:5432',
  intervalSeconds: 60,
  timeoutSeconds: 5,
  retries: 1,
  failureThreshold: 3,
  successThreshold: 2,
  network: 'public',
  tags: {},
  config: {},
  isActive: true,
});
const changed = (name: string): CheckDefinition => ({ ...definition(name), intervalSeconds: 300 });
const idOf = (name: string) => checkIdOf('default', name);

const publishing = async (world: World, act: Promise<{ pending?: Pending }>) => {
  const { pending } = await act;
  if (pending) await publishPending(world, [pending]);
};

const request = { id: 'request', requestHash: 'hash' };
const create = (world: World, name: string) =>
  publishing(world, createCheck(world, definition(name), { reach: '*', by: 'admin', request }));

/** What is done, what was there before, and the revision and event that must come of it. */
const scenarios: readonly {
  readonly title: string;
  readonly before?: (world: World, name: string) => Promise<void>;
  readonly act: (world: World, name: string) => Promise<void>;
  readonly revision: number;
}[] = [
  { title: 'creating with an Idempotency-Key', act: create, revision: 1 },
  {
    title: 'replacing',
    before: create,
    act: (world, name) =>
      publishing(
        world,
        replaceCheck(world, idOf(name), () => changed(name), { reach: '*', by: 'admin' }),
      ),
    revision: 2,
  },
  {
    title: 'removing',
    before: create,
    act: async (world, name) => {
      try {
        await publishing(world, removeCheck(world, idOf(name), { reach: '*', by: 'admin' }));
      } catch (error) {
        // A repeated DELETE finds nothing any more: to the caller that is as good as done.
        if ((error as { code?: string }).code !== 'NOT_FOUND') throw error;
      }
    },
    revision: 2,
  },
  {
    title: 'applying',
    act: (world, name) =>
      publishing(world, putCheck(world, definition(name), { reach: '*', by: 'admin', owner: 'file' })),
    revision: 1,
  },
];

describe('killed at every call to AWS, then repeated and swept (fault 3)', () => {
  it.each(
    scenarios.flatMap((scenario) =>
      (['before', 'after'] as const).map((moment) => ({ ...scenario, moment })),
    ),
  )(
    '$title, $moment the call: the change is there once and its event is published with the same id',
    async (scenario) => {
      let kills = 0;
      for (let n = 1; n < 30; n++) {
        const name = `${scenario.title} ${scenario.moment} ${n}`;
        await scenario.before?.(worldKilledAt(Number.POSITIVE_INFINITY, 'before'), name);
        const killed = worldKilledAt(n, scenario.moment);
        const isKilled = await scenario.act(killed, name).then(
          () => false,
          (error) => {
            if (error instanceof Killed) return true;
            throw error;
          },
        );
        kills += Number(isKilled);
        const again = worldKilledAt(Number.POSITIVE_INFINITY, 'before');
        await scenario.act(again, name);
        const swept = worldKilledAt(Number.POSITIVE_INFINITY, 'before');
        const ports = { state: { ...swept.state, queryDue: cloud.state.queryDue }, bus: swept.bus };
        await sweep(ports, () => start + 60_000, start + 120_000);
        const item = await cloud.state.get(checkKey(idOf(name)), { consistent: true });
        expect([item?.revision, item?.outbox, item?.due]).toEqual([scenario.revision, undefined, undefined]);
        const published = [...killed.published, ...again.published, ...swept.published];
        expect(published.length).toBeGreaterThan(0);
        const version = `check:${idOf(name)}@${scenario.revision}`;
        expect(new Set(published)).toEqual(new Set([version, `audit:${version}`]));
        if (!isKilled) break;
      }
      expect(kills).toBeGreaterThanOrEqual(4);
    },
  );
});

describe('the acknowledgement of a conditional write is lost (fault 5)', () => {
  /** The SDK sends a write again whose answer it never saw: the second try meets the first. */
  const withLostAnswers = (world: World): World => {
    const twice =
      <A extends unknown[]>(act: (...args: A) => Promise<void>) =>
      async (...args: A) => {
        await act(...args);
        await act(...args);
      };
    return {
      ...world,
      state: { ...world.state, put: twice(cloud.state.put), update: twice(cloud.state.update) },
    };
  };

  it('creating, replacing and removing count as done', async () => {
    const world = withLostAnswers(worldKilledAt(Number.POSITIVE_INFINITY, 'before'));
    const name = 'lost answers';
    const created = await createCheck(world, definition(name), { reach: '*', by: 'admin' });
    const replaced = await replaceCheck(world, idOf(name), () => changed(name), {
      reach: '*',
      by: 'admin',
      expects: [1],
    });
    const removed = await removeCheck(world, idOf(name), { reach: '*', by: 'admin', expects: [2] });
    expect([created.outcome, replaced.outcome, removed.outcome, removed.record.revision]).toEqual([
      'created',
      'updated',
      'removed',
      3,
    ]);
  });

  it('registering counts as done', async () => {
    const world = withLostAnswers(worldKilledAt(Number.POSITIVE_INFINITY, 'before'));
    const monitoringConfig = {
      driftDetection: true,
      healthChecks: true,
      costMonitoring: true,
      complianceMonitoring: true,
    };
    const wanted = { deploymentId: 'lost', blueprintId: null, environment: 'production', monitoringConfig };
    expect((await registerDeployment(world, { definition: wanted, owner: 'api', by: 'admin' })).outcome).toBe(
      'created',
    );
  });
});

describe('two writers at once', () => {
  it('every change of a check gets its own revision, and only the newest event stays to be sent, beside who wrote each', async () => {
    const world = worldKilledAt(Number.POSITIVE_INFINITY, 'before');
    const name = 'contended';
    await createCheck(world, definition(name), { reach: '*', by: 'admin' });
    const intervals = [10, 15, 20];
    const results = await Promise.all(
      intervals.map((intervalSeconds) =>
        replaceCheck(world, idOf(name), () => ({ ...definition(name), intervalSeconds }), {
          reach: '*',
          by: 'admin',
        }),
      ),
    );
    expect(results.map(({ record }) => record.revision).sort()).toEqual([2, 3, 4]);
    const item = await cloud.state.get(checkKey(idOf(name)), { consistent: true });
    const unsent = (item?.outbox ?? []) as unknown as readonly HomeostatEvent[];
    const ids = unsent.map(({ detail }) => detail.id);
    expect(new Set(ids)).toEqual(
      new Set([
        `check:${idOf(name)}@4`,
        ...[1, 2, 3, 4].map((revision) => `audit:check:${idOf(name)}@${revision}`),
      ]),
    );
  });

  it('a write of the definition keeps the placements that the projector wrote meanwhile', async () => {
    const world = worldKilledAt(Number.POSITIVE_INFINITY, 'before');
    const name = 'placed';
    await createCheck(world, definition(name), { reach: '*', by: 'admin' });
    const placements = [{ shard: 's1', no: 3, revision: 1, placedAt: start }];
    const slow = {
      ...world.state,
      get: async (...args: Parameters<Table['get']>) => {
        const found = await cloud.state.get(...args);
        await cloud.state.update(checkKey(idOf(name)), { set: { placements } });
        return found;
      },
    };
    await replaceCheck({ ...world, state: slow }, idOf(name), () => changed(name), {
      reach: '*',
      by: 'admin',
    });
    const item = await cloud.state.get(checkKey(idOf(name)), { consistent: true });
    expect([item?.revision, item?.placements]).toEqual([2, placements]);
  });
});

import type { SQSBatchResponse } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RefreshTools, refreshStatus } from '../../shared/deployments/refresh-status.ts';
import { deploymentStatusKey, loadStatus } from '../../shared/deployments/status-store.ts';
import { checkIdOf, checkKey } from '../../shared/health/check.ts';
import { type CheckState, emptyHead } from '../../shared/health/head.ts';
import { readHead, writeHead } from '../../shared/health/telemetry.ts';
import type { CheckStatus, HomeostatEvent } from '../../shared/platform/events.ts';
import { sweep } from '../../shared/platform/outbox/index.ts';
import type { Item } from '../../shared/storage/index.ts';
import { checkRecord, stateOf } from '../domain/health/builders.ts';
import { memoryTable } from '../domain/health/memory-table.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sqsEvent } from './queues.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

/** Each test has deployments of its own. */
let tests = 0;
let shop: string;
beforeEach(() => {
  shop = `shop-${tests++}`;
  cloud.arrived.length = 0;
  cloud.bus = 'open';
});

type Tables = Pick<Cloud, 'state' | 'telemetry'>;
const shardOf = (deploymentId: string) => `${deploymentId}.public.60.0`;

/** Defines checks that stand so, in a shard of the deployment's own; undefined for one that was removed. */
const stand = async (
  tables: Pick<Tables['state'], 'put'> & { telemetry: Pick<Tables['telemetry'], 'get' | 'put'> },
  deploymentId: string,
  statuses: readonly (CheckStatus | 'paused' | 'removed')[],
  now = Date.now(),
): Promise<void> => {
  const shard = shardOf(deploymentId);
  for (const [at, status] of statuses.entries()) {
    const name = `check-${at + 1}`;
    const given = { no: at + 1, shard, placedAt: now, definition: { deploymentId, name } };
    const record = checkRecord({ ...given, ...(status === 'removed' && { deletedAt: now }) });
    const isActive = status !== 'paused';
    const definition = { ...record.definition, isActive };
    await tables.put({ ...checkKey(record.id), v: 1, ...record, definition } as unknown as Item);
  }
  const checks = new Map(
    statuses.map((status, at) => {
      const known = status === 'unhealthy' || status === 'degraded' ? status : 'healthy';
      const seen = status === 'paused' || status === 'removed' ? 'healthy' : status;
      return [at + 1, stateOf({ at: now, status: seen, known })] as const;
    }),
  );
  const head = await readHead(tables.telemetry, shard);
  await writeHead(
    tables.telemetry,
    { ...emptyHead(shard), version: head.version + 1, slotAt: now, checks },
    'run',
  );
};

const standHere = (deploymentId: string, statuses: Parameters<typeof stand>[2]) =>
  stand({ put: cloud.state.put, telemetry: cloud.telemetry }, deploymentId, statuses);

const handle = async (bodies: readonly unknown[]): Promise<SQSBatchResponse> =>
  (await (
    await import('../../functions/evaluator/handler.ts')
  ).handler(sqsEvent(bodies))) as SQSBatchResponse;
const event = (deploymentId: string) => ({
  source: 'homeostat',
  'detail-type': 'check.status_changed',
  detail: {
    checkId: checkIdOf(deploymentId, 'check-1'),
    deploymentId,
    // Of what it says of the check nothing counts here: no rule tells of a check that is unknown.
    to: 'unknown',
    at: new Date().toISOString(),
  },
});
const told = () =>
  cloud.arrived.map(({ detail }) => {
    const { id, from, to } = detail as { id: string; from: string; to: string };
    return { id, from, to };
  });
const kept = async (deploymentId: string) =>
  (await loadStatus(cloud.state, deploymentId, { consistent: true }))?.record;

describe('the status of a deployment, by its handler', () => {
  test('is kept and told when it changes, with the worst checks by name', async () => {
    await standHere(shop, ['healthy', 'unhealthy', 'unknown', 'paused']);
    expect(await handle([event(shop), event(shop)])).toEqual({ batchItemFailures: [] });
    const counts = { total: 3, healthy: 1, degraded: 0, unhealthy: 1, unknown: 1 };
    const reason = '1 of 3 checks is unhealthy: check-2';
    expect(await kept(shop)).toMatchObject({ status: 'unhealthy', reason, counts, revision: 1 });
    expect(cloud.arrived).toMatchObject([
      {
        type: 'deployment.status_changed',
        detail: {
          id: `deployment-status:${shop}@1`,
          deploymentId: shop,
          from: 'unknown',
          to: 'unhealthy',
          reason,
          checks: counts,
        },
      },
    ]);
    const item = await cloud.state.get(deploymentStatusKey(shop), { consistent: true });
    expect([item?.outbox, item?.due, item?.expiresAt]).toEqual([undefined, undefined, undefined]);
  });

  test('events again, late or out of order write and tell nothing (faults 1 and 2)', async () => {
    await standHere(shop, ['healthy']);
    await handle([event(shop)]);
    const before = await kept(shop);
    await handle([event(shop), event(shop)]);
    await handle([event(shop)]);
    expect(await kept(shop)).toEqual(before);
    expect(told()).toEqual([{ id: `deployment-status:${shop}@1`, from: 'unknown', to: 'healthy' }]);
  });

  test('a change of the counts alone is kept and not told', async () => {
    await standHere(shop, ['unhealthy', 'healthy']);
    await handle([event(shop)]);
    const { since } = (await kept(shop)) ?? {};
    await standHere(shop, ['unhealthy', 'unhealthy']);
    await handle([event(shop)]);
    expect(await kept(shop)).toMatchObject({ counts: { unhealthy: 2 }, revision: 2, since });
    expect(told()).toHaveLength(1);
  });

  test.each([
    ['removed', 'removed', 'unknown'],
    ['paused', 'paused', 'unknown'],
    ['removed', 'healthy', 'healthy'],
  ] as const)('with its checks %s and %s it is %s', async (first, second, status) => {
    await standHere(shop, ['unhealthy', 'unhealthy']);
    await handle([event(shop)]);
    await standHere(shop, [first, second]);
    await handle([{ ...event(shop), 'detail-type': 'check.changed' }]);
    expect(await kept(shop)).toMatchObject({ status });
    expect(told().at(-1)).toEqual({ id: `deployment-status:${shop}@2`, from: 'unhealthy', to: status });
  });

  test('of a deployment without any check nothing stays for good', async () => {
    await standHere(shop, ['healthy']);
    await handle([event(shop)]);
    await standHere(shop, ['removed']);
    await handle([event(shop)]);
    const item = await cloud.state.get(deploymentStatusKey(shop), { consistent: true });
    expect(item?.expiresAt).toBeGreaterThan(Date.now() / 1000 + 30 * 86_400);
    await standHere(shop, ['healthy']);
    await handle([event(shop)]);
    expect(await cloud.state.get(deploymentStatusKey(shop))).not.toHaveProperty('expiresAt');
  });

  test.each([{}, { detail: {} }, { detail: { deploymentId: 7 } }, null])(
    'the poison event %j comes again, its neighbour does not (fault 10)',
    async (poison) => {
      await standHere(shop, ['healthy']);
      expect(await handle([poison, event(shop)])).toEqual({
        batchItemFailures: [{ itemIdentifier: 'message-0' }],
      });
      expect(await kept(shop)).toMatchObject({ status: 'healthy' });
    },
  );

  test('while the bus is away the change is kept, and the sweeper tells it once', async () => {
    await standHere(shop, ['degraded']);
    cloud.bus = 'down';
    expect(await handle([event(shop)])).toEqual({ batchItemFailures: [] });
    cloud.bus = 'open';
    const published: HomeostatEvent[] = [];
    const bus = {
      publish: async (events: readonly HomeostatEvent[]) => {
        published.push(...events);
        return events.map(({ detail }) => detail.id);
      },
    };
    const later = Date.now() + 60_000;
    for (let round = 0; round < 2; round++)
      await sweep({ state: cloud.state, bus }, () => later, later + 9000);
    expect(published.map(({ detail }) => detail.id)).toEqual([`deployment-status:${shop}@1`]);
  });
});

describe('what no event will correct', () => {
  const longAgo = Date.now() - 3 * 3_600_000;
  const refreshed = async (checks: readonly CheckState[]) => {
    await stand({ put: cloud.state.put, telemetry: cloud.telemetry }, shop, ['healthy', 'healthy'], longAgo);
    const head = await readHead(cloud.telemetry, shardOf(shop));
    const states = new Map(checks.map((state, at) => [at + 1, state]));
    await writeHead(cloud.telemetry, { ...head, version: head.version + 1, checks: states }, 'later');
    await handle([event(shop)]);
    return (await kept(shop))?.status;
  };

  test('silence counts when it is told: a check just resumed is as it was told last', async () => {
    expect(await refreshed([stateOf({ at: longAgo }), stateOf({ at: longAgo })])).toBe('healthy');
  });

  test('blindness changes no status: each check is as it was told last (fault 14)', async () => {
    const blind = stateOf({ at: Date.now(), isBlind: true });
    expect(await refreshed([blind, blind])).toBe('healthy');
  });

  test('trouble that is held back counts when it is told', async () => {
    const held = { why: 'parent', from: 'degraded', at: longAgo, until: 0 } as const;
    expect(await refreshed([stateOf({ at: Date.now(), status: 'unhealthy', held })])).toBe('degraded');
  });
});

describe('two that decide at once', () => {
  /** Tables in memory whose accesses happen in the order that a schedule gives. */
  const open = (scheduler: fc.Scheduler) => {
    const tables = { state: memoryTable(), telemetry: memoryTable() };
    const slow = <A extends unknown[], T>(name: string, act: (...args: A) => Promise<T>) =>
      scheduler.scheduleFunction(Object.defineProperty(act, 'name', { value: name }) as typeof act);
    const published: HomeostatEvent[] = [];
    let ids = 0;
    const put: typeof tables.state.put = (item, condition) =>
      // Nothing here expires, so vacant is what is absent.
      tables.state.put(item, condition && 'vacantAt' in condition ? { absent: true } : condition);
    const publish = async (events: readonly HomeostatEvent[]) => {
      published.push(...events);
      return events.map(({ detail }) => detail.id);
    };
    const tools: RefreshTools = {
      state: {
        get: slow('get', tables.state.get),
        query: slow('query', tables.state.query),
        put: slow('put', put),
        update: slow('update', tables.state.update),
      },
      telemetry: { batchGet: slow('batchGet', tables.telemetry.batchGet) },
      bus: { publish: slow('publish', publish) },
      clock: () => 1_800_000_000_000,
      newId: () => `attempt-${ids++}`,
      place: { accountId: '123456789012', region: 'eu-central-1' },
      onUntold: () => {},
    };
    const unscheduled = {
      ...tools,
      state: { ...tables.state, put },
      telemetry: tables.telemetry,
      bus: { publish },
    };
    return { ...tables, tools, unscheduled, published };
  };

  test('leave what is true at last, whatever each saw, and tell a chain without gaps (faults 2 and 3)', async () => {
    const status = fc.constantFrom<CheckStatus>('healthy', 'unhealthy', 'degraded', 'unknown');
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(status, { minLength: 1, maxLength: 3 }), async (s, turns) => {
        const { state, telemetry, tools, unscheduled, published } = open(s);
        const now = tools.clock();
        await stand({ put: state.put, telemetry }, 'shop', ['healthy'], now);
        await refreshStatus('shop', unscheduled);
        const turn = s.scheduleSequence(
          turns.map((to) => async () => stand({ put: state.put, telemetry }, 'shop', [to], now)),
        );
        // Each change is followed by the event that tells it, whoever takes that.
        const refreshing = turn.task.then(() => refreshStatus('shop', tools));
        await s.waitFor(Promise.all([refreshStatus('shop', tools), refreshing]));
        const last = turns.at(-1) ?? 'healthy';
        const { record } = (await loadStatus(state, 'shop', { consistent: true })) ?? {};
        expect(record?.status ?? 'unknown').toBe(last);
        const chain = new Map(
          published.flatMap((one) =>
            one.type === 'deployment.status_changed' ? [[one.detail.id, one.detail]] : [],
          ),
        );
        const revisionOf = ({ id }: { readonly id: string }): number => Number(id.split('@')[1]);
        const details = [...chain.values()].sort((a, b) => revisionOf(a) - revisionOf(b));
        let before: CheckStatus = 'unknown';
        for (const { from, to } of details) {
          expect([from, from === to]).toEqual([before, false]);
          before = to;
        }
        expect(before).toBe(last);
      }),
      { numRuns: 300 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { removeDeployment } from '../../../shared/deployments/remove.ts';
import { readDeploymentStatus } from '../../../shared/deployments/status.ts';
import { checkIdOf, checkKey } from '../../../shared/health/check.ts';
import { emptyHead, neverSeen, toHeadItem } from '../../../shared/health/head.ts';
import type { Item, Key, Query, Table } from '../../../shared/storage/table.ts';

const now = Date.parse('2026-01-31T12:00:00Z');
const shard = 'home.public.60.0';

const checkItem = (name: string, no: number): Item => {
  const id = checkIdOf('default', name);
  const definition = { deploymentId: 'default', name, isActive: true, intervalSeconds: 60 };
  const placements = [{ shard, no, revision: 1, placedAt: now - 3_600_000 }];
  return { ...checkKey(id), v: 1, id, revision: 1, definition, placements, managedBy: 'file' };
};

const state = (status: 'healthy' | 'unhealthy') => ({
  ...neverSeen,
  at: now - 1000,
  rev: 1,
  status,
  known: status,
  failures: 0,
  successes: 1,
  since: now - 1000,
  responseTimeMs: 1,
  reason: null,
});
const head = toHeadItem(
  {
    ...emptyHead(shard),
    version: 1,
    slotAt: now - 1000,
    checks: new Map([
      [1, state('healthy')],
      [2, state('unhealthy')],
    ]),
  },
  'attempt',
);

/** Answers queries in the order of sort keys, a page at a time. */
const registry = (items: readonly Item[]) => ({
  get: async (key: Key) => items.find(({ pk, sk }) => pk === key.pk && sk === key.sk),
  async query({ pk, beginsWith = '', after = '', limit = 100 }: Query) {
    const found = items
      .filter((item) => item.pk === pk && item.sk.startsWith(beginsWith) && item.sk > after)
      .sort((left, right) => (left.sk < right.sk ? -1 : 1));
    const page = found.slice(0, limit);
    return { items: page, next: found.length > limit ? page.at(-1)?.sk : undefined };
  },
});

describe('a deployment with more checks than one answer lists', () => {
  it('has the status of the worst of all of them, wherever it stands', async () => {
    // Fifty more than are listed, and the one that is unhealthy after all others in the order of ids.
    const names = Array.from({ length: 1050 }, (_, at) => `check-${at}`);
    const last = names
      .map((name) => checkIdOf('default', name))
      .sort()
      .at(-1);
    const items = names.map((name) => checkItem(name, checkIdOf('default', name) === last ? 2 : 1));
    const read = await readDeploymentStatus(
      { state: registry(items), telemetry: { batchGet: async () => [head] } },
      'default',
      '*',
      now,
    );
    expect([read.status, read.health.status, read.health.checks.length]).toEqual([
      'unhealthy',
      'unhealthy',
      1000,
    ]);
  });
});

describe('removing a deployment', () => {
  const deployment: Item = {
    pk: 'DEPLOYMENTS',
    sk: 'shop',
    v: 1,
    definition: { deploymentId: 'shop' },
    revision: 1,
    managedBy: 'file',
  };
  const removal = (present: readonly Item[], copy: readonly Item[]) => {
    const table: Pick<Table, 'get' | 'query' | 'put' | 'update'> = {
      get: async () => deployment,
      query: (query) => registry(query.consistent ? present : copy).query(query),
      put: async () => {},
      update: async () => {},
    };
    const world = { state: table, clock: () => now, newId: () => 'id' };
    return removeDeployment(world, 'shop', { reach: '*', by: 'admin', owner: 'file' });
  };
  const id = checkIdOf('shop', 'front');
  const check: Item = {
    ...checkKey(id),
    v: 1,
    id,
    revision: 1,
    definition: { deploymentId: 'shop', name: 'front' },
    managedBy: 'file',
  };

  it('is not held up by checks that were removed just before, which a lagging copy still has', async () => {
    expect((await removal([], [check])).outcome).toBe('removed');
  });

  it('is refused for a check that was made just before, which a lagging copy lacks', async () => {
    await expect(removal([check], [])).rejects.toThrow('still has checks');
  });
});

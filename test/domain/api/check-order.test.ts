import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkIdOf, checkKey, deploymentPrefixOf } from '../../../shared/health/check.ts';
import { checksIn } from '../../../shared/health/registry.ts';
import type { Item, Page, Query } from '../../../shared/storage/table.ts';

const itemFor = (deploymentId: string, name: string): Item => {
  const id = checkIdOf(deploymentId, name);
  return { ...checkKey(id), v: 1, id, revision: 1, definition: { deploymentId, name } };
};

/** A table that answers queries as DynamoDB does: in the order of sort keys, a page at a time. */
const tableOf = (items: readonly Item[], pageSize: number) => ({
  async query({ pk, beginsWith = '', after = '' }: Query): Promise<Page> {
    const found = items
      .filter((item) => item.pk === pk && item.sk.startsWith(beginsWith) && item.sk > after)
      .sort((left, right) => (left.sk < right.sk ? -1 : 1));
    const page = found.slice(0, pageSize);
    return { items: page, next: found.length > pageSize ? page.at(-1)?.sk : undefined };
  },
});

const idsIn = async (table: ReturnType<typeof tableOf>, reach: '*' | readonly string[], after?: string) => {
  const ids: string[] = [];
  for await (const batch of checksIn(table, reach, { after })) ids.push(...batch.map(({ id }) => id));
  return ids;
};

const worlds = fc.record({
  names: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5 })), {
    selector: String,
    maxLength: 60,
  }),
  reach: fc.oneof(
    fc.constant('*' as const),
    fc.array(
      fc.integer({ min: 0, max: 20 }).map((at) => `deployment-${at}`),
      { maxLength: 8 },
    ),
  ),
  pageSize: fc.integer({ min: 1, max: 5 }),
});

describe('going through the registry of checks', () => {
  it('gives each check within reach once, and going on behind any of them gives exactly the rest', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ names, reach, pageSize }) => {
        const items = names.map(([deployment, check]) =>
          itemFor(`deployment-${deployment}`, `check-${check}`),
        );
        const table = tableOf(items, pageSize);
        const wanted = names
          .filter(([deployment]) => reach === '*' || reach.includes(`deployment-${deployment}`))
          .map(([deployment, check]) => checkIdOf(`deployment-${deployment}`, `check-${check}`));
        const all = await idsIn(table, reach);
        expect([...all].sort()).toEqual(wanted.sort());
        for (const [at, id] of all.entries())
          expect(await idsIn(table, reach, id)).toEqual(all.slice(at + 1));
      }),
      { numRuns: 60 },
    );
  });

  it('going on behind a check that was removed since loses none of the others', async () => {
    const items = [1, 2, 3, 4, 5].map((at) => itemFor('shop', `check-${at}`));
    const all = await idsIn(tableOf(items, 2), ['shop']);
    const left = items.filter((item) => item.sk !== all[2]);
    expect(await idsIn(tableOf(left, 2), ['shop'], all[2])).toEqual(all.slice(3));
  });

  it('two deployments whose prefixes are equal stay apart (fault 33)', async () => {
    const mine = itemFor('shop', 'mine');
    const twin: Item = {
      ...mine,
      sk: `${deploymentPrefixOf('shop')}${'f'.repeat(16)}`,
      id: 'twin',
      definition: { deploymentId: 'twin', name: 'x' },
    };
    expect(await idsIn(tableOf([mine, twin], 5), ['shop'])).toEqual([mine.sk]);
  });
});

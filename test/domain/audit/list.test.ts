import { describe, expect, it } from 'vitest';
import { recorded } from '../../../shared/audit/index.ts';
import { type AuditWanted, listAudit } from '../../../shared/audit/list.ts';
import { keepAudit } from '../../../shared/audit/store.ts';
import type { Item, Table } from '../../../shared/storage/table.ts';

const now = Date.parse('2026-03-10T12:00:00.000Z');
const place = { accountId: '123456789012', region: 'eu-central-1' };

type Written = {
  readonly at: string;
  readonly by?: string;
  readonly kind?: string;
  readonly deploymentId?: string | null;
  readonly id: string;
};

/** Pages as DynamoDB does: descending, at most `limit`, strictly behind `after`, and a `next` also when nothing follows. */
const sortedTable = (): Pick<Table, 'put' | 'query'> => {
  const items: Item[] = [];
  return {
    put: async (item) => void items.push(item),
    query: async ({ pk, after = '\uffff', limit = 100 }) => {
      const found = items
        .filter((item) => item.pk === pk && item.sk < after)
        .sort((left, right) => (left.sk < right.sk ? 1 : -1))
        .slice(0, limit);
      return { items: found, next: found.length === limit ? found.at(-1)?.sk : undefined };
    },
  };
};

const auditOf = async (writes: readonly Written[]) => {
  const table = sortedTable();
  for (const { at, by = 'admin', kind = 'check', deploymentId = 'shop', id } of writes) {
    const change = {
      by,
      action: 'updated',
      kind,
      subjectId: id,
      name: id,
      deploymentId,
      before: null,
      after: null,
    };
    await keepAudit(table, recorded(change, { id, at: Date.parse(at), place }));
  }
  const list = (wanted: Partial<AuditWanted> = {}) =>
    listAudit(table, now, { reach: '*', filter: {}, fromAt: 0, toAt: now, limit: 10, ...wanted });
  /** Page after page. */
  const all = async (wanted: Partial<AuditWanted> = {}) => {
    const ids: string[] = [];
    let before: string | undefined;
    do {
      const page = await list({ ...wanted, before });
      ids.push(...page.records.map(({ id }) => id));
      before = page.next;
    } while (before !== undefined);
    return ids;
  };
  return { list, all };
};

const writes: readonly Written[] = [
  { id: 'a', at: '2026-03-10T11:00:00.000Z' },
  { id: 'b', at: '2026-03-10T11:00:00.000Z', by: 'token:1' },
  { id: 'c', at: '2026-03-09T23:59:59.999Z', kind: 'rule', deploymentId: null },
  { id: 'd', at: '2026-03-09T00:00:00.000Z', deploymentId: 'blog' },
  { id: 'e', at: '2026-01-01T00:00:00.000Z', by: 'token:1', kind: 'token', deploymentId: null },
];

describe('listing the audit', () => {
  it.each([1, 2, 3, 10])(
    'goes from the newest to the oldest, %i at a time, over days and months',
    async (limit) => {
      const { all } = await auditOf(writes);
      expect(await all({ limit })).toEqual(['b', 'a', 'c', 'd', 'e']);
    },
  );

  it('a page that is full and last has no next', async () => {
    const { list } = await auditOf(writes.slice(0, 2));
    const fromAt = Date.parse('2026-03-10T00:00:00Z');
    expect((await list({ limit: 2, fromAt })).next).toBeUndefined();
    expect((await list({ limit: 1, fromAt })).next).toBe('2026-03-10T11:00:00.000Z#b');
  });

  it.each([
    [{ by: 'token:1' }, ['b', 'e']],
    [{ kind: 'check' }, ['b', 'a', 'd']],
    [{ subjectId: 'd' }, ['d']],
    [{ deploymentId: 'shop' }, ['b', 'a']],
    [{ by: 'token:1', kind: 'check' }, ['b']],
  ])('%j passes %j', async (filter, ids) => {
    const { all } = await auditOf(writes);
    expect(await all({ filter })).toEqual(ids);
  });

  it.each([
    ['2026-03-09T23:59:59.999Z', '2026-03-10T11:00:00.000Z', ['b', 'a', 'c']],
    ['2026-03-10T11:00:00.001Z', '2026-03-10T12:00:00.000Z', []],
    ['2026-03-09T00:00:00.000Z', '2026-03-09T23:59:59.998Z', ['d']],
  ])('from %s to %s, both inclusive', async (from, to, ids) => {
    const { all } = await auditOf(writes);
    expect(await all({ fromAt: Date.parse(from), toAt: Date.parse(to) })).toEqual(ids);
  });

  it('a token of one deployment sees what belongs to that, and nothing of the whole stack (fault 33)', async () => {
    const { all } = await auditOf(writes);
    expect(await all({ reach: ['shop'] })).toEqual(['b', 'a']);
    expect(await all({ reach: [] })).toEqual([]);
  });

  it('looks at a month an answer, and goes on where it stopped', async () => {
    const { list, all } = await auditOf([{ id: 'old', at: '2025-06-01T00:00:00.000Z' }]);
    const first = await list();
    expect([first.records, typeof first.next]).toEqual([[], 'string']);
    expect(await all()).toEqual(['old']);
  });
});

import { describe, expect, it } from 'vitest';
import { type Change, keepAudit, recorded } from '../../../shared/audit/index.ts';
import type { EventDetails, HomeostatEvent } from '../../../shared/platform/events.ts';
import { mostAudits, withEvent } from '../../../shared/platform/outbox/outbox.ts';
import { ConditionFailed } from '../../../shared/storage/condition.ts';
import type { Item, Table } from '../../../shared/storage/table.ts';

const place = { accountId: '123456789012', region: 'eu-central-1' };
const at = Date.parse('2026-03-01T12:00:00.000Z');
const change = (fields: Partial<Change> = {}): Change => ({
  by: 'token:1',
  action: 'updated',
  kind: 'check',
  subjectId: 'c1',
  name: 'home',
  deploymentId: 'shop',
  before: { interval: 30 },
  after: { interval: 60 },
  ...fields,
});
const event = (revision: number, fields: Partial<Change> = {}): HomeostatEvent =>
  recorded(change(fields), { id: `audit:check:c1@${revision}`, at, place });
const detailOf = ({ detail }: HomeostatEvent) => detail as EventDetails['audit.recorded'];

describe('an event of the audit', () => {
  it('says who wrote what, before and after', () => {
    expect(event(2)).toEqual({
      type: 'audit.recorded',
      detail: {
        id: 'audit:check:c1@2',
        at: '2026-03-01T12:00:00.000Z',
        accountId: '123456789012',
        region: 'eu-central-1',
        by: 'token:1',
        action: 'updated',
        kind: 'check',
        subjectId: 'c1',
        name: 'home',
        deploymentId: 'shop',
        before: { interval: 30 },
        after: { interval: 60 },
      },
    });
  });

  it('says in a sentence what is over 8 KB, so that twenty of them fit into one item (fault 7)', () => {
    const { before, after } = detailOf(
      event(1, { before: { a: 'ä'.repeat(4_096) }, after: 'x'.repeat(8_190) }),
    );
    expect(before).toBe('It has 8200 bytes; the audit keeps up to 8192.');
    expect(after).toBe('x'.repeat(8_190));
  });

  it('has nothing where nothing was, and no field that is undefined', () => {
    const { before, after } = detailOf(event(1, { before: undefined, after: { a: undefined, b: 1 } }));
    expect([before, after]).toEqual([null, { b: 1 }]);
    expect(Object.keys(after as object)).toEqual(['b']);
  });
});

describe('keeping it', () => {
  const store = () => {
    const items = new Map<string, Item>();
    const put: Table['put'] = async (item, condition) => {
      const key = `${item.pk}/${item.sk}`;
      if (condition && 'absent' in condition && items.has(key)) throw new ConditionFailed('put', key);
      items.set(key, item);
    };
    const kept = () => [...items].filter(([key]) => key.startsWith('AUDIT#'));
    return { kept, items, put };
  };

  it('is an item of its day that expires after 400 days', async () => {
    const { kept, put } = store();
    await keepAudit({ put }, event(1));
    expect(kept().map(([key]) => key)).toEqual([
      'AUDIT#2026-03-01/2026-03-01T12:00:00.000Z#audit:check:c1@1',
    ]);
    expect(kept()[0]?.[1].expiresAt).toBe(Date.parse('2027-04-05T12:00:00Z') / 1000);
  });

  it('told twice it is kept once (fault 1)', async () => {
    const { kept, put } = store();
    await keepAudit({ put }, event(1));
    await keepAudit({ put }, { ...event(1, { by: 'somebody else' }) });
    expect(kept().map(([, { by }]) => by)).toEqual(['token:1']);
  });

  it('those who show such things learn that one was written', async () => {
    const { items, put } = store();
    await keepAudit({ put }, event(1));
    expect(items.get('CHANGES/checks')).toMatchObject({ version: 'audit:check:c1@1' });
  });

  it('no other event is kept', async () => {
    const { put } = store();
    const other = {
      type: 'check.paced',
      detail: { checkId: 'c', pace: 'slow' },
    } as unknown as HomeostatEvent;
    await expect(keepAudit({ put }, other)).rejects.toThrow('check.paced');
  });
});

describe('the outbox of an item that is written while the bus is away', () => {
  const key = { pk: 'CHECKS#0', sk: 'c1' };
  const changed = (revision: number): HomeostatEvent => ({
    type: 'check.changed',
    detail: { id: `check:c1@${revision}` } as EventDetails['check.changed'],
  });
  const afterWrites = (writes: number) => {
    let unsent: readonly HomeostatEvent[] = [];
    for (let revision = 1; revision <= writes; revision++)
      unsent = withEvent(key, unsent, [changed(revision), event(revision)], at).outbox;
    return unsent.map(({ detail }) => detail.id);
  };

  it('keeps who wrote each version, and of what changed only the newest', () => {
    expect(afterWrites(3)).toEqual([
      'audit:check:c1@1',
      'audit:check:c1@2',
      'check:c1@3',
      'audit:check:c1@3',
    ]);
  });

  it('keeps the last twenty writes at most, so that it cannot grow for ever', () => {
    const audits = afterWrites(50).filter((id) => id.startsWith('audit:'));
    expect([audits.length, audits[0], audits.at(-1)]).toEqual([20, 'audit:check:c1@31', 'audit:check:c1@50']);
    expect(mostAudits).toBe(20);
  });
});

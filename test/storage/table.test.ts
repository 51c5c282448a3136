import { BatchGetItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Condition, ConditionFailed, openTable, type Table } from '../../shared/storage/index.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const now = 1_800_000_000_000;

describe('a table', () => {
  let engine: Engine;
  let table: Table;
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'storage-table');
    table = openTable('storage-table', () => now, { client: engine.client, pause: async () => {} });
  });
  afterAll(() => engine.stop());

  test('an item comes back as it was put, binary and nested values included', async () => {
    const item = {
      pk: 'A',
      sk: 'one',
      v: 1,
      bytes: new Uint8Array([1, 2, 255]),
      nested: { list: [1, 'x', null, true] },
    };
    await table.put(item);
    expect(await table.get({ pk: 'A', sk: 'one' }, { consistent: true })).toEqual(item);
    expect(await table.get({ pk: 'A', sk: 'none' })).toBeUndefined();
  });

  test('of two puts that need an absent item one is refused, and the first stays', async () => {
    const put = (who: string) => table.put({ pk: 'A', sk: 'race', v: 1, who }, { absent: true });
    const outcomes = await Promise.allSettled([put('left'), put('right')]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(ConditionFailed);
    const winner = outcomes[0].status === 'fulfilled' ? 'left' : 'right';
    expect(await table.get({ pk: 'A', sk: 'race' }, { consistent: true })).toMatchObject({ who: winner });
  });

  test('of ten writers at one version exactly one gets on', async () => {
    await table.put({ pk: 'A', sk: 'version', v: 1, version: 7 });
    const writes = Array.from({ length: 10 }, (_, who) =>
      table.put({ pk: 'A', sk: 'version', v: 1, version: 8, who }, { equals: { version: 7 } }),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  test.each<{ title: string; condition: Condition; holds: boolean }>([
    { title: 'equals, with all equal', condition: { equals: { a: 1, b: 'x' } }, holds: true },
    { title: 'equals, with one different', condition: { equals: { a: 1, b: 'y' } }, holds: false },
    { title: 'equals, with one missing', condition: { equals: { c: 1 } }, holds: false },
    { title: 'below, with a smaller value', condition: { below: { a: 2 } }, holds: true },
    { title: 'below, with the same value', condition: { below: { a: 1 } }, holds: false },
    { title: 'below, with a missing attribute', condition: { below: { c: 1 } }, holds: true },
    { title: 'equals and below together', condition: { equals: { b: 'x' }, below: { a: 2 } }, holds: true },
    {
      title: 'equals and below, one failing',
      condition: { equals: { b: 'x' }, below: { a: 1 } },
      holds: false,
    },
    { title: 'exists', condition: { exists: true }, holds: true },
    { title: 'absent', condition: { absent: true }, holds: false },
    { title: 'vacantAt, before it expires', condition: { vacantAt: 1_900_000_000 - 1 }, holds: false },
    { title: 'vacantAt, when it has expired', condition: { vacantAt: 1_900_000_000 }, holds: true },
  ])('a write under «$title» is made: $holds', async ({ condition, holds }) => {
    const key = { pk: 'A', sk: 'condition' };
    await table.put({ ...key, v: 1, a: 1, b: 'x', expiresAt: 1_900_000_000 });
    const write = table.update(key, { set: { d: 1 } }, condition);
    if (holds) await write;
    else await expect(write).rejects.toThrow(ConditionFailed);
    expect((await table.get(key, { consistent: true }))?.d).toBe(holds ? 1 : undefined);
  });

  test('an update that needs the item does not create it', async () => {
    const key = { pk: 'A', sk: 'never' };
    await expect(table.update(key, { set: { a: 1 } }, { exists: true })).rejects.toThrow(ConditionFailed);
    expect(await table.get(key, { consistent: true })).toBeUndefined();
  });

  test('a condition that says nothing is refused before anything is written', async () => {
    await expect(table.put({ pk: 'A', sk: 'vague', v: 1 }, {})).rejects.toThrow('must say something');
    expect(await table.get({ pk: 'A', sk: 'vague' }, { consistent: true })).toBeUndefined();
  });

  test('delete under a condition leaves the item that changed', async () => {
    const key = { pk: 'A', sk: 'delete' };
    await table.put({ ...key, v: 1, version: 2 });
    await expect(table.delete(key, { equals: { version: 1 } })).rejects.toThrow(ConditionFailed);
    await table.delete(key, { equals: { version: 2 } });
    expect(await table.get(key, { consistent: true })).toBeUndefined();
  });

  test('pages of a query join to the whole partition in both directions', async () => {
    const keys = Array.from({ length: 25 }, (_, at) => `K${String(at).padStart(2, '0')}`);
    await Promise.all(keys.map((sk) => table.put({ pk: 'PAGES', sk, v: 1 })));
    for (const descending of [false, true]) {
      const got: string[] = [];
      let after: string | undefined;
      do {
        const page = await table.query({
          pk: 'PAGES',
          limit: 10,
          descending,
          ...(after !== undefined && { after }),
        });
        got.push(...page.items.map((item) => item.sk));
        after = page.next;
      } while (after !== undefined);
      expect(got).toEqual(descending ? [...keys].reverse() : keys);
    }
  });

  test.each([
    { title: 'from', range: { from: 'K23' }, got: ['K23', 'K24'] },
    { title: 'to', range: { to: 'K01' }, got: ['K00', 'K01'] },
    { title: 'from and to, both inclusive', range: { from: 'K03', to: 'K05' }, got: ['K03', 'K04', 'K05'] },
    { title: 'a prefix', range: { beginsWith: 'K2' }, got: ['K20', 'K21', 'K22', 'K23', 'K24'] },
  ])('a query by $title gives just that', async ({ range, got }) => {
    const page = await table.query({ pk: 'PAGES', ...range, consistent: true });
    expect(page.items.map((item) => item.sk)).toEqual(got);
  });

  test('what has expired is not read any more, though DynamoDB deletes it hours later', async () => {
    const seconds = now / 1000;
    await table.put({ pk: 'TTL', sk: 'gone', v: 1, expiresAt: seconds });
    await table.put({ pk: 'TTL', sk: 'here', v: 1, expiresAt: seconds + 1 });
    await table.put({ pk: 'TTL', sk: 'stays', v: 1 });
    const keys = ['gone', 'here', 'stays'].map((sk) => ({ pk: 'TTL', sk }));
    expect(await table.get({ pk: 'TTL', sk: 'gone' })).toBeUndefined();
    expect((await table.query({ pk: 'TTL' })).items.map((item) => item.sk)).toEqual(['here', 'stays']);
    expect((await table.batchGet(keys)).map((item) => item.sk).sort()).toEqual(['here', 'stays']);
  });

  test('batchGet reads any number of keys and leaves out what is missing', async () => {
    const keys = Array.from({ length: 230 }, (_, at) => ({ pk: `B${at % 7}`, sk: String(at) }));
    await Promise.all(keys.slice(0, 220).map((key) => table.put({ ...key, v: 1 })));
    const items = await table.batchGet(keys, { consistent: true });
    expect(items.map((item) => Number(item.sk)).sort((a, b) => a - b)).toEqual(
      keys.slice(0, 220).map((_, at) => at),
    );
  });

  test('the index of due items gives keys up to an instant, oldest first, and forgets what was cleared', async () => {
    await table.put({ pk: 'D', sk: 'late', v: 1, due: 'DUE#3', dueAt: 2000 });
    await table.put({ pk: 'D', sk: 'early', v: 1, due: 'DUE#3', dueAt: 1000 });
    await table.put({ pk: 'D', sk: 'other', v: 1, due: 'DUE#4', dueAt: 1000 });
    expect((await table.queryDue('DUE#3', 1500, 10)).map((key) => key.sk)).toEqual(['early']);
    expect(await table.queryDue('DUE#3', 2000, 10)).toEqual([
      { pk: 'D', sk: 'early', due: 'DUE#3', dueAt: 1000 },
      { pk: 'D', sk: 'late', due: 'DUE#3', dueAt: 2000 },
    ]);
    await table.update({ pk: 'D', sk: 'early' }, { remove: ['due', 'dueAt'] });
    expect((await table.queryDue('DUE#3', 2000, 10)).map((key) => key.sk)).toEqual(['late']);
  });

  test('keys a batch left unprocessed are asked for again until all are there (fault 6)', async () => {
    const keys = Array.from({ length: 9 }, (_, at) => ({ pk: 'UNPROCESSED', sk: String(at) }));
    await Promise.all(keys.map((key) => table.put({ ...key, v: 1 })));
    const throttled = openTable('storage-table', () => now, {
      client: leavingUnprocessed(engine.client, 2),
      pause: async () => {},
    });
    const items = await throttled.batchGet(keys, { consistent: true });
    expect(items.map((item) => item.sk).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
  });

  test('a put whose acknowledgement was lost fails against itself, and shows its own attempt (fault 5)', async () => {
    const unlucky = openTable('storage-table', () => now, { client: sendingPutsTwice(engine.client) });
    const key = { pk: 'ACK', sk: 'lost' };
    await expect(unlucky.put({ ...key, v: 1, attempt: 'mine' }, { absent: true })).rejects.toThrow(
      ConditionFailed,
    );
    expect(await table.get(key, { consistent: true })).toMatchObject({ attempt: 'mine' });
  });
});

/** Answers only the first `most` keys of each batch, as a throttled table does. */
const leavingUnprocessed = (client: DynamoDBClient, most: number): DynamoDBClient =>
  wrapped(client, async (command) => {
    if (!(command instanceof BatchGetItemCommand)) return client.send(command as never);
    const [[name, asked] = ['', undefined]] = Object.entries(command.input.RequestItems ?? {});
    const keys = asked?.Keys ?? [];
    const answer = await client.send(
      new BatchGetItemCommand({ RequestItems: { [name]: { ...asked, Keys: keys.slice(0, most) } } }),
    );
    const rest = keys.slice(most);
    return rest.length > 0 ? { ...answer, UnprocessedKeys: { [name]: { ...asked, Keys: rest } } } : answer;
  });

/** What the SDK does when an answer is lost on the way: it sends the request once more. */
const sendingPutsTwice = (client: DynamoDBClient): DynamoDBClient =>
  wrapped(client, async (command) => {
    if (command instanceof PutItemCommand) await client.send(new PutItemCommand(command.input));
    return client.send(command as never);
  });

const wrapped = (client: DynamoDBClient, send: (command: unknown) => Promise<unknown>): DynamoDBClient =>
  Object.assign(Object.create(client) as DynamoDBClient, { send });

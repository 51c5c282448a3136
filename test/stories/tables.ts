import { zstdDecompressSync } from 'node:zlib';
import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Stack } from './stack.ts';

/** What lies in the tables, as an operator sees it through the AWS SDK. */

type Row = Readonly<Record<string, unknown>>;

const withClient = async <T>({ host }: Stack, work: (client: DynamoDBClient) => Promise<T>): Promise<T> => {
  const client = new DynamoDBClient(host.aws);
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};

const tableNamesOf = ({ host }: Stack): readonly string[] =>
  host.stack.ofType('AWS::DynamoDB::Table').map((table) => host.stack.refOf(table));

/** Every item of every table, packed columns unpacked. */
export const rowsOf = (stack: Stack): Promise<readonly Row[]> =>
  withClient(stack, async (client) => {
    const rows: Row[] = [];
    for (const TableName of tableNamesOf(stack)) {
      let ExclusiveStartKey: Record<string, never> | undefined;
      do {
        const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey }));
        for (const item of page.Items ?? []) rows.push(unpacked(unmarshall(item)));
        ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined;
      } while (ExclusiveStartKey !== undefined);
    }
    return rows;
  });

const unpacked = (item: Row): Row =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? zstdDecompressSync(value).toString('utf8') : value,
    ]),
  );

/** The same as text. */
export const itemsOf = async (stack: Stack): Promise<readonly string[]> =>
  (await rowsOf(stack)).map((row) => JSON.stringify(row));

/** The shard that a check runs in; undefined while it is in none. */
export const shardOf = (stack: Stack, checkId: string): Promise<string | undefined> =>
  withClient(stack, async (client) => {
    const Key = { pk: { S: `C#${checkId}` }, sk: { S: 'PLACE' } };
    for (const TableName of tableNamesOf(stack)) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      if (Item) return Item.shard?.S;
    }
    return undefined;
  });

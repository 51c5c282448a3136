import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { clientSettings } from '../platform/aws/client.ts';
import type { Clock } from '../platform/clock.ts';
import { type Condition, ConditionFailed, toExpression } from './condition.ts';
import type { DueKey, Item, Key, Page, Query, Table, Value } from './table.ts';

export const dueIndex = 'due';
/** DynamoDB's own limit for BatchGetItem. */
const batchGetLimit = 100;

/** What one call consumed; asked for only when somebody listens, for it makes every answer longer. */
export type Capacity = { operation: string; units: number };

export type TableOptions = {
  client?: DynamoDBClient;
  onCapacity?: (capacity: Capacity) => void;
  /** Waits between rounds of unprocessed batch keys, in milliseconds; real time by default. */
  pause?: (milliseconds: number) => Promise<void>;
};

let shared: DynamoDBClient | undefined;
/** One client a function: its keep-alive connection is the cost of a cold start. Retries are the SDK's, with jitter. */
const sharedClient = (): DynamoDBClient => {
  shared ??= new DynamoDBClient(clientSettings);
  return shared;
};

const encode = (values: Record<string, unknown>) => marshall(values, { removeUndefinedValues: true });

/** Opens the DynamoDB table `name`. The client reaches AWS, or the endpoint in `AWS_ENDPOINT_URL`. */
export const openTable = (name: string, clock: Clock, options: TableOptions = {}): Table => {
  const client = options.client ?? sharedClient();
  const { onCapacity } = options;
  const pause = options.pause ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
  const metering = onCapacity ? ({ ReturnConsumedCapacity: 'TOTAL' } as const) : {};
  const meter = (operation: string, consumed: { CapacityUnits?: number } | undefined) =>
    onCapacity?.({ operation, units: consumed?.CapacityUnits ?? 0 });
  const alive = (item: Item): boolean => item.expiresAt === undefined || item.expiresAt * 1000 > clock();
  const read = (raw: Parameters<typeof unmarshall>[0]): Item => unmarshall(raw) as Item;

  const conditioned = (condition: Condition | undefined) => {
    if (!condition) return { names: {}, values: {}, parameters: {} };
    const { expression, names, values } = toExpression(condition);
    return { names, values, parameters: { ConditionExpression: expression } };
  };
  const failing = async <T>(operation: string, key: Key, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        throw new ConditionFailed(operation, `${key.pk}/${key.sk}`);
      }
      throw error;
    }
  };

  return {
    async get(key, { consistent = false } = {}) {
      const answer = await client.send(
        new GetItemCommand({
          TableName: name,
          Key: encode({ pk: key.pk, sk: key.sk }),
          ConsistentRead: consistent,
          ...metering,
        }),
      );
      meter('get', answer.ConsumedCapacity);
      const item = answer.Item && read(answer.Item);
      return item && alive(item) ? item : undefined;
    },

    async batchGet(keys, { consistent = false } = {}) {
      const items: Item[] = [];
      for (let from = 0; from < keys.length; from += batchGetLimit) {
        let wanted: BatchGetItemCommandOutput['UnprocessedKeys'] = {
          [name]: {
            Keys: keys.slice(from, from + batchGetLimit).map((key) => encode({ pk: key.pk, sk: key.sk })),
            ConsistentRead: consistent,
          },
        };
        for (let round = 0; wanted && Object.keys(wanted).length > 0; round++) {
          // A partial answer means throttling or 16 MB reached: ask on for the rest, a little later each time.
          if (round > 0) await pause(Math.min(50 * 2 ** round, 1000));
          const answer: BatchGetItemCommandOutput = await client.send(
            new BatchGetItemCommand({ RequestItems: wanted, ...metering }),
          );
          for (const consumed of answer.ConsumedCapacity ?? []) meter('batchGet', consumed);
          items.push(...(answer.Responses?.[name] ?? []).map(read));
          wanted = answer.UnprocessedKeys;
        }
      }
      return items.filter(alive);
    },

    async query(query: Query): Promise<Page> {
      const answer = await client.send(
        new QueryCommand({ TableName: name, ...keyCondition(query), ...metering }),
      );
      meter('query', answer.ConsumedCapacity);
      const next = answer.LastEvaluatedKey && (unmarshall(answer.LastEvaluatedKey) as Key).sk;
      return { items: (answer.Items ?? []).map(read).filter(alive), next };
    },

    async queryDue(bucket, untilAt, limit) {
      const answer = await client.send(
        new QueryCommand({
          TableName: name,
          IndexName: dueIndex,
          KeyConditionExpression: '#due = :due AND #dueAt <= :until',
          ExpressionAttributeNames: { '#due': 'due', '#dueAt': 'dueAt' },
          ExpressionAttributeValues: encode({ ':due': bucket, ':until': untilAt }),
          Limit: limit,
          ...metering,
        }),
      );
      meter('queryDue', answer.ConsumedCapacity);
      return (answer.Items ?? []).map((raw) => unmarshall(raw) as DueKey);
    },

    async put(item, condition) {
      const { names, values, parameters } = conditioned(condition);
      const answer = await failing('put', item, () =>
        client.send(
          new PutItemCommand({
            TableName: name,
            Item: encode(item),
            ...parameters,
            ...(condition && { ExpressionAttributeNames: names }),
            ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: encode(values) }),
            ...metering,
          }),
        ),
      );
      meter('put', answer.ConsumedCapacity);
    },

    async update(key, change, condition) {
      const { names, values, parameters } = conditioned(condition);
      const expression = updateExpression(change, names, values);
      const answer = await failing('update', key, () =>
        client.send(
          new UpdateItemCommand({
            TableName: name,
            Key: encode({ pk: key.pk, sk: key.sk }),
            UpdateExpression: expression,
            ...parameters,
            ExpressionAttributeNames: names,
            ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: encode(values) }),
            ...metering,
          }),
        ),
      );
      meter('update', answer.ConsumedCapacity);
    },

    async delete(key, condition) {
      const { names, values, parameters } = conditioned(condition);
      const answer = await failing('delete', key, () =>
        client.send(
          new DeleteItemCommand({
            TableName: name,
            Key: encode({ pk: key.pk, sk: key.sk }),
            ...parameters,
            ...(condition && { ExpressionAttributeNames: names }),
            ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: encode(values) }),
            ...metering,
          }),
        ),
      );
      meter('delete', answer.ConsumedCapacity);
    },
  };
};

const keyCondition = (query: Query) => {
  const names: Record<string, string> = { '#pk': 'pk' };
  const values: Record<string, string> = { ':pk': query.pk };
  let expression = '#pk = :pk';
  const sorted = (text: string, bound: Record<string, string>) => {
    expression += ` AND ${text}`;
    names['#sk'] = 'sk';
    Object.assign(values, bound);
  };
  if (query.beginsWith !== undefined) sorted('begins_with(#sk, :prefix)', { ':prefix': query.beginsWith });
  else if (query.from !== undefined && query.to !== undefined) {
    sorted('#sk BETWEEN :from AND :to', { ':from': query.from, ':to': query.to });
  } else if (query.from !== undefined) sorted('#sk >= :from', { ':from': query.from });
  else if (query.to !== undefined) sorted('#sk <= :to', { ':to': query.to });
  return {
    KeyConditionExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: encode(values),
    ScanIndexForward: !query.descending,
    ...(query.limit !== undefined && { Limit: query.limit }),
    ...(query.consistent && { ConsistentRead: true }),
    ...(query.after !== undefined && { ExclusiveStartKey: encode({ pk: query.pk, sk: query.after }) }),
  };
};

const updateExpression = (
  change: { readonly set?: Readonly<Record<string, Value>>; readonly remove?: readonly string[] },
  names: Record<string, string>,
  values: Record<string, unknown>,
): string => {
  const set = Object.entries(change.set ?? {}).map(([attribute, value], at) => {
    names[`#s${at}`] = attribute;
    values[`:s${at}`] = value;
    return `#s${at} = :s${at}`;
  });
  const remove = (change.remove ?? []).map((attribute, at) => {
    names[`#r${at}`] = attribute;
    return `#r${at}`;
  });
  return [set.length > 0 && `SET ${set.join(', ')}`, remove.length > 0 && `REMOVE ${remove.join(', ')}`]
    .filter(Boolean)
    .join(' ');
};

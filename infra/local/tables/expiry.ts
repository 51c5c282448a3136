import type { Clock } from '../../../shared/platform/clock.ts';
import type { Dynamo } from './dynalite.ts';
import type { TableDefinition } from './tables.ts';

/** Items read at a time, and the pause between, so that a sweep of a big table never holds up a request for long. */
const pageSize = 200;
const pauseMs = 20;

type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Deletes items whose time to live has passed, as DynamoDB does on its own. dynalite has no time to live: without
 * this a host that runs for months would keep every result for ever. Returns how many were deleted.
 */
export const deleteExpired = async (
  dynamo: Dynamo,
  table: TableDefinition,
  clock: Clock,
  isStopped: () => boolean,
): Promise<number> => {
  const attribute = table.timeToLiveAttribute;
  if (attribute === undefined) return 0;
  let deleted = 0;
  let from: unknown;
  do {
    const page = await dynamo.call('Scan', {
      TableName: table.name,
      Limit: pageSize,
      ProjectionExpression: [...table.keySchema.map((_, at) => `#k${at}`), '#t'].join(', '),
      ExpressionAttributeNames: {
        '#t': attribute,
        ...Object.fromEntries(table.keySchema.map((key, at) => [`#k${at}`, key.AttributeName])),
      },
      ...(from !== undefined && { ExclusiveStartKey: from }),
    });
    if (page.statusCode !== 200)
      throw new Error(`a sweep of ${table.name} failed: ${JSON.stringify(page.body)}`);
    for (const item of (page.body.Items ?? []) as Attributes[]) {
      if (await deleteIfExpired(dynamo, table, attribute, item, clock)) deleted++;
    }
    from = page.body.LastEvaluatedKey;
    if (from !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  } while (from !== undefined && !isStopped());
  return deleted;
};

const deleteIfExpired = async (
  dynamo: Dynamo,
  table: TableDefinition,
  attribute: string,
  item: Attributes,
  clock: Clock,
): Promise<boolean> => {
  const expiresAtSeconds = Number(item[attribute]?.N);
  if (!(expiresAtSeconds * 1000 <= clock())) return false;
  const answer = await dynamo.call('DeleteItem', {
    TableName: table.name,
    Key: Object.fromEntries(table.keySchema.map((key) => [key.AttributeName, item[key.AttributeName]])),
    // The item may have been written anew with a later end since the page was read.
    ConditionExpression: '#t = :seen',
    ExpressionAttributeNames: { '#t': attribute },
    ExpressionAttributeValues: { ':seen': item[attribute] },
  });
  return answer.statusCode === 200;
};

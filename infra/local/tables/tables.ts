import type { Dynamo } from './dynalite.ts';

/** A table of the template, as far as the host needs it. */
export type TableDefinition = {
  readonly name: string;
  readonly keySchema: readonly KeyElement[];
  readonly attributes: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly indexes: readonly IndexDefinition[];
  /** The attribute with the epoch second after which an item goes; undefined when the table keeps everything. */
  readonly timeToLiveAttribute: string | undefined;
};
type KeyElement = { readonly AttributeName: string; readonly KeyType: string };
export type IndexDefinition = {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
};

/** Reads the properties of an AWS::DynamoDB::Table or GlobalTable, references resolved. */
export const tableFrom = (name: string, properties: Readonly<Record<string, unknown>>): TableDefinition => {
  const timeToLive = properties.TimeToLiveSpecification as
    | { AttributeName?: string; Enabled?: unknown }
    | undefined;
  const enabled = timeToLive !== undefined && String(timeToLive.Enabled) === 'true';
  return {
    name,
    keySchema: properties.KeySchema as KeyElement[],
    attributes: properties.AttributeDefinitions as TableDefinition['attributes'],
    indexes: ((properties.GlobalSecondaryIndexes ?? []) as IndexDefinition[]).map(
      ({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }),
    ),
    timeToLiveAttribute: enabled ? timeToLive?.AttributeName : undefined,
  };
};

/**
 * Creates the table when it is not there yet and keeps it with its items when it is. Throws when it is there with
 * other keys or indexes, for dynalite cannot add an index to a table that has items.
 */
export const ensureTable = async (dynamo: Dynamo, table: TableDefinition, folder: string): Promise<void> => {
  const described = await dynamo.call('DescribeTable', { TableName: table.name });
  if (described.statusCode !== 200) return create(dynamo, table);
  const existing = described.body.Table as {
    TableStatus: string;
    KeySchema: readonly KeyElement[];
    GlobalSecondaryIndexes?: readonly IndexDefinition[];
  };
  if (existing.TableStatus === 'CREATING') await dynamo.finishCreating(table.name);
  const before = shapeOf(existing.KeySchema, existing.GlobalSecondaryIndexes ?? []);
  const after = shapeOf(table.keySchema, table.indexes);
  if (before === after) return;
  throw new Error(
    `the table ${table.name} in ${folder} has other keys or indexes than the template (${before} there, ${after} in the template); ` +
      'they cannot be changed in place on one machine: start with another HOMEOSTAT_DATA, or remove that folder to begin anew',
  );
};

const shapeOf = (keys: readonly KeyElement[], indexes: readonly IndexDefinition[]): string => {
  const keysOf = (schema: readonly KeyElement[]) =>
    schema.map((key) => `${key.AttributeName}:${key.KeyType}`).join('+');
  const named = indexes.map((index) => `${index.IndexName}(${keysOf(index.KeySchema)})`).sort();
  return [keysOf(keys), ...named].join(' ');
};

const create = async (dynamo: Dynamo, table: TableDefinition): Promise<void> => {
  const answer = await dynamo.call('CreateTable', {
    TableName: table.name,
    KeySchema: table.keySchema,
    AttributeDefinitions: table.attributes,
    BillingMode: 'PAY_PER_REQUEST',
    ...(table.indexes.length > 0 && { GlobalSecondaryIndexes: table.indexes }),
  });
  if (answer.statusCode !== 200) {
    throw new Error(`the table ${table.name} could not be created: ${JSON.stringify(answer.body)}`);
  }
  await becomeActive(dynamo, table.name);
};

const becomeActive = async (dynamo: Dynamo, name: string): Promise<void> => {
  for (let attempt = 0; attempt < 500; attempt++) {
    const described = await dynamo.call('DescribeTable', { TableName: name });
    if ((described.body.Table as { TableStatus?: string } | undefined)?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`the table ${name} did not become active`);
};

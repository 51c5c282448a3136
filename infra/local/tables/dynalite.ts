import { createRequire } from 'node:module';

/**
 * DynamoDB by dynalite's actions and validations, without its HTTP server: that one would listen beside the gateway,
 * where no permission is checked, and ends the process when a request fails unexpectedly.
 */
export type DynamoAnswer = { readonly statusCode: number; readonly body: Readonly<Record<string, unknown>> };

export type Dynamo = {
  /** One operation such as `PutItem`; refusals of DynamoDB are answers, not errors. */
  call(operation: string, input: unknown): Promise<DynamoAnswer>;
  /** A table that was killed while it was created stays CREATING; nothing was ever acknowledged in it. */
  finishCreating(table: string): Promise<void>;
  close(): Promise<void>;
};

type StoredTable = { TableStatus: string; GlobalSecondaryIndexes?: { IndexStatus: string }[] };
type Callback<T> = (error: unknown, value: T) => void;
type Store = {
  readonly db: { close(done: Callback<void>): void };
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    get(name: string, done: Callback<StoredTable>): void;
    put(name: string, table: StoredTable, done: Callback<void>): void;
  };
};
type Action = (store: Store, input: unknown, done: Callback<Record<string, unknown>>) => void;
type Validation = { readonly types: unknown; readonly custom: unknown };
type Validations = {
  checkTypes(input: unknown, types: unknown): unknown;
  checkValidations(input: unknown, types: unknown, custom: unknown, store: Store): void;
};

const operations = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;

const isRefusal = (error: unknown): error is DynamoAnswer =>
  error instanceof Error && 'statusCode' in error && 'body' in error;

export const openDynamo = (path: string | undefined, accountId: string, region: string): Dynamo => {
  const require = createRequire(import.meta.url);
  const { create } = require('dynalite/db') as { create: (options: object) => Store };
  const validations = require('dynalite/validations') as Validations;
  const known = new Map<string, { action: Action; validation: Validation }>();
  const operationNamed = (name: string) => {
    const found = known.get(name);
    if (found || !(operations as readonly string[]).includes(name)) return found;
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    const loaded = {
      action: require(`dynalite/actions/${file}`) as Action,
      validation: require(`dynalite/validations/${file}`) as Validation,
    };
    known.set(name, loaded);
    return loaded;
  };

  const store = create({
    ...(path !== undefined && { path }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  store.tableDb.awsAccountId = accountId;
  store.tableDb.awsRegion = region;

  return {
    call(name, input) {
      const operation = operationNamed(name);
      if (!operation) {
        const message = `${name} is not hosted on one machine; hosted are ${operations.join(', ')}`;
        return Promise.resolve({
          statusCode: 400,
          body: { __type: 'com.amazon.coral.service#UnknownOperationException', message },
        });
      }
      return new Promise((resolve, reject) => {
        const settle = (error: unknown, body: Record<string, unknown>): void => {
          if (isRefusal(error)) resolve({ statusCode: error.statusCode, body: error.body });
          else if (error) reject(error instanceof Error ? error : new Error(String(error)));
          else resolve({ statusCode: 200, body });
        };
        try {
          const { types, custom } = operation.validation;
          const checked = validations.checkTypes(input, types);
          validations.checkValidations(checked, types, custom, store);
          operation.action(store, checked, settle);
        } catch (error) {
          settle(error, {});
        }
      });
    },
    finishCreating: (name) =>
      new Promise((resolve, reject) => {
        const done = (error: unknown) => (error ? reject(error) : resolve());
        store.tableDb.get(name, (error, table) => {
          if (error || table.TableStatus !== 'CREATING') return done(error);
          for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
          store.tableDb.put(name, { ...table, TableStatus: 'ACTIVE' }, done);
        });
      }),
    close: () =>
      new Promise((resolve, reject) => store.db.close((error) => (error ? reject(error) : resolve()))),
  };
};

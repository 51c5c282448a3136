import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/platform/clock.ts';
import type { Service } from '../gateway/gateway.ts';
import { AwsError, jsonAnswer, type Operation } from '../gateway/wire.ts';
import {
  inFile,
  inMemory,
  mostValueBytes,
  type ParameterStore,
  type StoredParameter,
} from './parameter-file.ts';

export type ParameterDefinition = { readonly name: string; readonly type: string; readonly value: string };

type Input = Operation['input'];

/**
 * The parameter store of SSM: parameters of the template, and what functions or the command line put. `file` undefined
 * keeps them in memory. A value is answered to whoever may read it, and stands in no message.
 */
export const openParameters = (
  definitions: readonly ParameterDefinition[],
  file: string | undefined,
  clock: Clock,
): Service => {
  const store = file === undefined ? inMemory() : inFile(file);
  const missing = definitions.filter(({ name }) => !store.read()[name]);
  if (missing.length > 0) {
    store.change((stored) => {
      for (const { name, type, value } of missing)
        stored[name] = { Type: type, Value: value, Version: 1, LastModifiedDate: clock() / 1000 };
    });
  }
  const operations: Readonly<Record<string, (input: Input) => object>> = {
    GetParameter: (input) => ({
      Parameter: getOne(store, nameOf(input.Name), input.WithDecryption === true),
    }),
    GetParameters: (input) => getMany(store, input),
    DescribeParameters: (input) => describe(store, input),
    PutParameter: (input) => put(store, input, clock),
    DeleteParameter: (input) => remove(store, nameOf(input.Name)),
  };
  return async ({ name, input }) => {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation)
      throw new AwsError('UnknownOperationException', `ssm:${name} is not hosted on one machine`);
    return jsonAnswer(operation(input), 200, 'application/x-amz-json-1.1');
  };
};

/** A parameter may be named by its ARN. */
const nameOf = (given: unknown): string => String(given ?? '').replace(/^arn:[^/]*:parameter(?=\/)/, '');

const notFound = (name: string): AwsError =>
  new AwsError('ParameterNotFound', `there is no parameter ${name}`);

/** Without decryption SSM answers the encrypted value; nobody can tell it from any other bytes. */
const told = (name: string, parameter: StoredParameter, isDecrypted: boolean) => ({
  Name: name,
  ...parameter,
  ...(parameter.Type === 'SecureString' && !isDecrypted && { Value: randomBytes(48).toString('base64') }),
});

const getOne = (store: ParameterStore, name: string, isDecrypted: boolean) => {
  const found = store.read()[name];
  if (!found) throw notFound(name);
  return told(name, found, isDecrypted);
};

const getMany = (store: ParameterStore, input: Input) => {
  const names = (Array.isArray(input.Names) ? input.Names : []).map(nameOf);
  const stored = store.read();
  return {
    Parameters: names.flatMap((name) => {
      const found = stored[name];
      return found ? [told(name, found, input.WithDecryption === true)] : [];
    }),
    InvalidParameters: names.filter((name) => !stored[name]),
  };
};

type Filter = { readonly Key?: unknown; readonly Option?: unknown; readonly Values?: unknown };

/** SSM gives 10 a page unless asked for more, 50 at most. */
const pageSize = (input: Input): number => Math.min(Number(input.MaxResults ?? 10), 50);

const describe = (store: ParameterStore, input: Input) => {
  const filters = (Array.isArray(input.ParameterFilters) ? input.ParameterFilters : []) as readonly Filter[];
  const isHosted = filters.every(
    ({ Key, Option = 'Equals', Values }) => Key === 'Name' && Option === 'Equals' && Array.isArray(Values),
  );
  if (!isHosted)
    throw new AwsError(
      'InvalidFilterKey',
      'only filters by Name with the option Equals are hosted on one machine',
    );
  const wanted = filters.map(({ Values }) => (Values as readonly unknown[]).map(nameOf));
  if (wanted.some((names) => names.length === 0 || names.length > 50))
    throw new AwsError('InvalidFilterValue', 'a filter takes 1 to 50 values');
  const from = Number(input.NextToken ?? 0);
  const found = Object.entries(store.read()).filter(([name]) =>
    wanted.every((names) => names.includes(name)),
  );
  const until = from + pageSize(input);
  return {
    Parameters: found.slice(from, until).map(([Name, { Value: _, ...about }]) => ({ Name, ...about })),
    ...(until < found.length && { NextToken: String(until) }),
  };
};

const put = (store: ParameterStore, input: Input, clock: Clock) => {
  const name = nameOf(input.Name);
  const value = String(input.Value ?? '');
  const bytes = Buffer.byteLength(value);
  if (name === '' || bytes === 0 || bytes > mostValueBytes)
    throw new AwsError('ValidationException', `a parameter has a name and 1 to ${mostValueBytes} bytes`);
  const Version = store.change((stored) => {
    const before = stored[name];
    if (before && input.Overwrite !== true) {
      throw new AwsError(
        'ParameterAlreadyExists',
        `the parameter ${name} exists; say Overwrite to replace it`,
      );
    }
    const next = (before?.Version ?? 0) + 1;
    const Type = String(input.Type ?? before?.Type ?? 'String');
    stored[name] = { Type, Value: value, Version: next, LastModifiedDate: clock() / 1000 };
    return next;
  });
  return { Version, Tier: 'Standard' };
};

const remove = (store: ParameterStore, name: string) =>
  store.change((stored) => {
    if (!stored[name]) throw notFound(name);
    delete stored[name];
    return {};
  });

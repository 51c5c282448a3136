import { isRecord, type Json, refuse } from './template.ts';

export type StackIdentity = {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly parameters?: Readonly<Record<string, string>>;
};

/** Stands for AWS::NoValue until the property or element that holds it is dropped. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

/** Everything Ref can name without a resource. */
export type ParameterValues = ReadonlyMap<string, Json | typeof NO_VALUE>;

/** A stack of this machine never changes its identity, so the last part of its id is fixed, too. */
const STACK_UNIQUE_PART = '00000000-0000-0000-0000-000000000000';

export function parameterValues(
  declared: Readonly<Record<string, unknown>>,
  stack: StackIdentity,
): ParameterValues {
  const values = new Map<string, Json | typeof NO_VALUE>([
    ['AWS::AccountId', stack.accountId],
    ['AWS::Region', stack.region],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', stack.stackName],
    [
      'AWS::StackId',
      `arn:aws:cloudformation:${stack.region}:${stack.accountId}:stack/${stack.stackName}/${STACK_UNIQUE_PART}`,
    ],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', NO_VALUE],
  ]);
  const given = stack.parameters ?? {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined)
    return refuse('Parameters', `a value is given for ${unknown}, which is not declared`);
  for (const [name, parameter] of Object.entries(declared)) {
    values.set(name, parameterValue(name, parameter, Object.hasOwn(given, name) ? given[name] : undefined));
  }
  return values;
}

/** A parameter read from the SSM store has its default, the name of the entry, for a value: no store is asked here. */
function parameterValue(name: string, parameter: unknown, given: string | undefined): Json {
  const path = `Parameters.${name}`;
  if (!isRecord(parameter) || typeof parameter.Type !== 'string') {
    return refuse(path, 'a parameter must be an object with a Type');
  }
  const value = given ?? parameter.Default;
  if (typeof value !== 'string' && typeof value !== 'number') {
    return refuse(path, 'it has no default and no value is given');
  }
  const allowed = parameter.AllowedValues;
  if (Array.isArray(allowed) && !allowed.map(String).includes(String(value))) {
    return refuse(path, `${JSON.stringify(value)} is not one of ${allowed.join(', ')}`);
  }
  const isList = parameter.Type === 'CommaDelimitedList' || parameter.Type.startsWith('List<');
  return isList
    ? String(value)
        .split(',')
        .map((part) => part.trim())
    : String(value);
}

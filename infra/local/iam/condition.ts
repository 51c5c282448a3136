import { OPERATORS, type Operator } from './condition-operators.ts';
import type { Malformed } from './policy.ts';
import type { Variables } from './wildcard.ts';

/** Values of condition keys in a request; a list is a multivalued key such as aws:TagKeys. */
export type ContextInput = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** By key in lower case: IAM does not mind the case of a key. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

export type Condition = {
  readonly key: string;
  readonly values: readonly string[];
  readonly operator: Operator | 'null';
  readonly over: 'single' | 'any' | 'all';
  readonly ifExists: boolean;
};

export function contextOf(input: ContextInput): Context {
  const context = new Map<string, string | readonly string[]>();
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue;
    context.set(key.toLowerCase(), typeof value === 'object' ? value.map(String) : String(value));
  }
  return context;
}

/** A multivalued key cannot stand in for a variable, even with one value. */
export function variablesOf(context: Context): Variables {
  return (name) => {
    const value = context.get(name.toLowerCase());
    return typeof value === 'string' ? value : undefined;
  };
}

const OPERATOR_NAME = /^(?:(ForAnyValue|ForAllValues):)?([a-z]+?)(IfExists)?$/i;

export function parseConditions(element: unknown, malformed: Malformed): Condition[] {
  if (element === undefined) return [];
  if (!isObject(element)) return malformed('Condition must be an object');
  return Object.entries(element).flatMap(([name, keys]) => {
    const operator = parseOperator(name, malformed);
    if (!isObject(keys)) return malformed(`Condition ${name} must be an object of condition keys`);
    return Object.entries(keys).map(([key, value]) => {
      const values = (Array.isArray(value) ? value : [value]).map((entry) =>
        readValue(entry, key, malformed),
      );
      refuseValues(operator.operator, values, name, malformed);
      return { ...operator, key: key.toLowerCase(), values };
    });
  });
}

function parseOperator(
  name: string,
  malformed: Malformed,
): Pick<Condition, 'operator' | 'over' | 'ifExists'> {
  const [, set, plain = '', ifExists] = OPERATOR_NAME.exec(name) ?? [];
  const operator = plain.toLowerCase() === 'null' ? 'null' : OPERATORS.get(plain.toLowerCase());
  if (!operator) return malformed(`the condition operator ${name} is unknown`);
  if (operator === 'null' && ifExists) return malformed('Null takes no IfExists');
  const over = set === undefined ? 'single' : set.toLowerCase() === 'foranyvalue' ? 'any' : 'all';
  return { operator, over, ifExists: ifExists !== undefined };
}

function readValue(value: unknown, key: string, malformed: Malformed): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  return malformed(`the value of condition key ${key} must be text, a number, true or false`);
}

function refuseValues(
  operator: Condition['operator'],
  values: string[],
  name: string,
  malformed: Malformed,
): void {
  for (const value of values) {
    const isBoolean = /^(true|false)$/i.test(value);
    const reason =
      operator === 'null' ? (isBoolean ? undefined : 'is not true or false') : operator.refuses?.(value);
    if (reason !== undefined) malformed(`${JSON.stringify(value)} ${reason} (condition ${name})`);
  }
}

/** A multivalued key under an operator without ForAnyValue or ForAllValues never holds: IAM leaves it undefined. */
export function conditionHolds(
  condition: Condition,
  context: Context,
  variables: Variables | undefined,
): boolean {
  const present = context.get(condition.key);
  const { operator } = condition;
  if (operator === 'null') {
    return condition.values.some((value) => (value.toLowerCase() === 'true') === (present === undefined));
  }
  const holds = (value: string): boolean => valueHolds(operator, condition.values, value, variables);
  if (present === undefined) {
    if (condition.over === 'single') return condition.ifExists || operator.negated;
    return condition.over === 'all' || condition.ifExists;
  }
  if (condition.over === 'single') return typeof present === 'string' && holds(present);
  const values = typeof present === 'string' ? [present] : present;
  return condition.over === 'all' ? values.every(holds) : values.some(holds);
}

/** Several values of a policy are joined by or; under a negated operator by nor. */
function valueHolds(
  operator: Operator,
  policyValues: readonly string[],
  value: string,
  variables: Variables | undefined,
): boolean {
  const results = policyValues.map((policyValue) => operator.matches(policyValue, value, variables));
  return operator.negated ? results.every((result) => result === false) : results.includes(true);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

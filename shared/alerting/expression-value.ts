import type { Program } from './expression.ts';

type Value = number | boolean | null;

export type Evaluated = {
  /** Null: what it speaks of has no data, or it divides by zero. */
  readonly result: Value;
  /** What the last comparison compared, if the expression ends in one. */
  readonly left: number | null;
};

/**
 * What an expression gives for values by name. What is not known stays so: a sum with it is unknown, a comparison, too; but
 * `false and unknown` is false and `true or unknown` is true.
 */
export const evaluateExpression = (
  program: Program,
  values: Readonly<Record<string, number | null>>,
): Evaluated => {
  const stack: Value[] = [];
  let left: number | null = null;
  for (const one of program) {
    if (typeof one === 'number') stack.push(one);
    else if (one.includes('/') && one !== '/') stack.push(called(one, stack));
    else if (one === 'not') stack.push(negated(stack.pop() ?? null));
    else if (one === 'and' || one === 'or') stack.push(joined(one, stack.pop() ?? null, stack.pop() ?? null));
    else if (one in binary) {
      const [second, first] = [numeric(stack.pop()), numeric(stack.pop())];
      left = first;
      stack.push(first === null || second === null ? null : (binary[one]?.(first, second) ?? null));
    } else stack.push(Object.hasOwn(values, one) ? (values[one] ?? null) : null);
  }
  const endsInComparison = /^[<>=!]/.test(String(program.at(-1)));
  return { result: stack.pop() ?? null, left: endsInComparison ? left : null };
};

const numeric = (value: Value | undefined): number | null => (typeof value === 'number' ? value : null);
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const binary: Readonly<Record<string, (first: number, second: number) => Value>> = Object.assign(
  Object.create(null) as Record<string, never>,
  {
    '+': (first: number, second: number) => finite(first + second),
    '-': (first: number, second: number) => finite(first - second),
    '*': (first: number, second: number) => finite(first * second),
    '/': (first: number, second: number) => finite(first / second),
    '%': (first: number, second: number) => finite(first % second),
    '>': (first: number, second: number) => first > second,
    '>=': (first: number, second: number) => first >= second,
    '<': (first: number, second: number) => first < second,
    '<=': (first: number, second: number) => first <= second,
    '==': (first: number, second: number) => first === second,
    '!=': (first: number, second: number) => first !== second,
  },
);

const called = (name: string, stack: Value[]): number | null => {
  const [which = '', count = '0'] = name.split('/');
  const given = stack.splice(stack.length - Number(count)).map(numeric);
  const known = given.filter((value): value is number => value !== null);
  if (known.length < given.length) return null;
  if (which === 'neg') return -(known[0] ?? 0);
  if (which === 'abs') return Math.abs(known[0] ?? 0);
  return which === 'min' ? Math.min(...known) : Math.max(...known);
};

const negated = (value: Value): boolean | null => (typeof value === 'boolean' ? !value : null);

const joined = (operator: 'and' | 'or', second: Value, first: Value): boolean | null => {
  const decisive = operator === 'or';
  if (first === decisive || second === decisive) return decisive;
  return first === null || second === null ? null : !decisive;
};
